"""Sections about how a run came to be: its facts, the network, its settings, its curves; two runs side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from core.figures.block_diagram import block_diagram
from core.figures.comparison import curves_file, run_label
from core.figures.report.blocks import Block, Listing, Picture, Subheading, Table, Words
from core.figures.report.contents import Contents, Looked
from core.figures.report.diagram import diagrams
from core.inspection.agreement import Agreement
from core.inspection.mcnemar import mcnemar
from core.networks.kinds import LAYER_KINDS
from core.networks.spec import shape_text
from core.training.precision import PRECISIONS
from core.training.reports.pairs import pair_sentence
from core.training.reports.settings import FORK, NETWORK, dataset_record, differing, settings_of
from core.training.reports.table import costs
from core.training.reports.words import listed, seconds

VALIDATION = ("validation", "evaluated")


def _date(run_time: float | None) -> str:
    return "—" if run_time is None else f"{datetime.fromtimestamp(run_time, UTC):%Y-%m-%d %H:%M} UTC"


def _count(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def accuracy(looked: Looked) -> str:
    """`91.23 % (95 % interval 90.7 to 91.8 %)`."""
    if looked.report.accuracy is None:
        return "—"
    low, high = looked.report.interval
    return f"{100 * looked.report.accuracy:.2f} % (95 % interval {100 * low:.1f} to {100 * high:.1f} %)"


def _data(looked: Looked) -> str:
    run = looked.run
    known = dataset_record(run.request.data.dataset)
    return known.title if known else run.request.data.dataset


def _images(looked: Looked) -> str:
    run = looked.run
    return (
        f"{_count(run.train_images)} training, {_count(run.validation_images)} validation, "
        f"{len(looked.predictions):,} test"
    )


FACTS: dict[str, Callable[[Looked], str]] = {
    "Network": lambda looked: looked.run.request.network.name,
    "Data set": _data,
    "Images": _images,
    "Trained": lambda looked: f"{_date(looked.run.started)}, {looked.run.device or 'no device yet'}",
    "State": lambda looked: looked.run.state + (f": {looked.run.message}" if looked.run.message else ""),
    "Weights": lambda looked: f"{looked.moment}, SHA-256 {looked.sha[:16]}…",
    "Precision": lambda looked: (
        PRECISIONS[looked.run.precision].label if looked.run.precision in PRECISIONS else looked.run.precision
    ),
    "Training time": lambda looked: seconds(looked.run.seconds),
    "Parameters": lambda looked: _count(looked.run.parameters or looked.analysis.parameters),
    "MACs, forward pass of one image": lambda looked: _count(
        found.macs if (found := costs(looked.run.request)) else None
    ),
    "Test accuracy": accuracy,
    "Mean test loss (nats)": lambda looked: f"{float(looked.predictions.losses.mean()):.4f}",
    "Note": lambda looked: looked.run.note,
}


def facts(contents: Contents) -> list[Block]:
    """What was run, and what came out."""
    rows = [(label, *map(text, contents.looked)) for label, text in FACTS.items()]
    table = Table(_header(contents), tuple(row for row in rows if any(row[1:])), prose=True)
    diverged = [looked.name for looked in contents.looked if not looked.predictions.finite]
    warning = (
        f"The outputs of {listed(diverged)} are not all numbers: it diverged, and what follows means little."
    )
    return [table, *([Words(warning)] if diverged else [])]


def comparison(contents: Contents) -> list[Block]:
    """What two runs have otherwise, what it brought, and whether that is more than chance; [] for one."""
    if len(contents.looked) < 2:
        return []
    first, second = contents.looked
    names = (first.name, second.name)
    differences = differing([first.run, second.run])
    rows = tuple((_start(each.label), *each.texts) for each in differences)
    said = pair_sentence(first.run, second.run, first.curves[VALIDATION], second.curves[VALIDATION])
    return [
        Words(said),
        *([Table(_header(contents), rows, prose=True)] if rows else []),
        Subheading("Is one better?"),
        Words(mcnemar(first.predictions, second.predictions).sentence(*names) + " (McNemar’s test, exact.)"),
        Subheading("Do they say the same?"),
        Words(Agreement.of(first.predictions, second.predictions).sentence()),
    ]


def network(contents: Contents) -> list[Block]:
    """The diagram and the layers; once for two runs of the same network."""
    shown = list(contents.looked)
    if len(shown) == 2 and len({settings_of(each.run.request)[NETWORK].value for each in shown}) == 1:
        shown = shown[:1]
    blocks: list[Block] = []
    for looked in shown:
        drawing = block_diagram(looked.analysis)
        if len(shown) > 1:
            blocks.append(Subheading(f"The network of {looked.name}: {looked.run.request.network.name}"))
        caption = (
            "From the image to the logits: each box a layer with its settings, the shape of its output and its "
            "parameters."
        )
        *before, last = diagrams(drawing)
        blocks += [Picture(each, "The network's first layers; the next picture goes on") for each in before]
        blocks += [Picture(last, drawing.description, caption), _layers(looked)]
    return blocks


def _layers(looked: Looked) -> Table:
    rows = [
        (
            f"{row.name} ({LAYER_KINDS[row.kind].name if row.kind in LAYER_KINDS else row.kind})",
            shape_text(row.output_shape),
            shape_text(row.receptive_field),
            f"{row.parameters:,}",
            f"{row.macs:,}",
        )
        for row in looked.analysis.rows
    ]
    total = ("all", "", "", f"{looked.analysis.parameters:,}", f"{looked.analysis.macs:,}")
    header = ("Layer", "Output", "Receptive field", "Parameters", "MACs")
    return Table(header, (*rows, total))


def settings(contents: Contents) -> list[Block]:
    """Hyperparameters and data: every setting of the run."""
    found = [settings_of(looked.run.request) for looked in contents.looked]
    names = [name for name in found[0] if name not in (NETWORK, FORK)]
    rows = tuple((_start(found[0][name].label), *(each[name].text for each in found)) for name in names)
    blocks: list[Block] = [Table(_header(contents), rows, prose=True)]
    forks = [looked.name for looked in contents.looked if looked.run.request.fork]
    if forks:
        blocks.append(
            Words(
                f"The weights of {listed(forks)} were at the beginning those of another run, and went on from there."
            )
        )
    return blocks


def curves(contents: Contents) -> list[Block]:
    """Loss and accuracy while it was trained."""
    runs = [looked.run for looked in contents.looked]
    drawn = curves_file(runs, [looked.curves for looked in contents.looked], "epoch", "svg").decode()
    names = listed([run_label(run) for run in runs])
    described = f"Loss and accuracy of {names} over the epochs, on the training and the validation split"
    blocks: list[Block] = [Picture(drawn, described)]
    ends = [text for looked in contents.looked if (text := _end(looked))]
    return [*blocks, *([Listing(tuple(ends))] if ends else [])]


def _end(looked: Looked) -> str:
    run = looked.run
    if run.validation_accuracy is None or run.train_accuracy is None:
        return ""
    return (
        f"{_start(looked.name)}: at the end {100 * run.train_accuracy:.1f} % of the training images (running) and "
        f"{100 * run.validation_accuracy:.1f} % of the validation images were recognised; losses {run.train_loss:.3f} "
        f"and {run.validation_loss:.3f}."
    )


def _header(contents: Contents) -> tuple[str, ...]:
    return ("", *(run_label(looked.run) for looked in contents.looked))


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]
