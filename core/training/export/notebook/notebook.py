"""A run as a Jupyter notebook that repeats it in plain PyTorch, with this run's results already in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import nbformat
import nbformat.v4 as notebooks
import torch
from nbformat import NotebookNode

from core.data import catalogue
from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.source.outline import outline
from core.training import checkpoint
from core.training.classes_first import ends_so
from core.training.export.notebook import augmentation, program, results
from core.training.export.notebook.caveats import caveats
from core.training.export.notebook.subject import Subject
from core.training.export.notebook.training import training
from core.training.export.start import file_name, start
from core.training.layout import breaks_channels_last
from core.training.observations import Change, ClassCounts
from core.training.onednn import may_begin_so
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunMissing, RunStore


@dataclass(frozen=True)
class Part:
    """A heading, what it is about, the code, and what the run's results say of it."""

    words: str  # Markdown
    code: str
    outputs: list[NotebookNode]


def notebook(store: RunStore, run: Run, record: CheckpointRecord) -> bytes:
    """The notebook; raises CheckpointDamaged, as the normalisation is read from the checkpoint."""
    subject = _subject(store, run, record)
    parts = _parts(subject)
    code = "\n".join(part.code for part in parts)
    cells = [
        notebooks.new_markdown_cell(_beginning(subject)),
        notebooks.new_code_cell(program.imports(subject, code)),
    ]
    for part in parts:
        cells.append(notebooks.new_markdown_cell(part.words))
        cells.append(notebooks.new_code_cell(part.code, outputs=part.outputs))
    for place, cell in enumerate(cells):
        cell["id"] = f"cell-{place}"
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    text: str = nbformat.writes(notebooks.new_notebook(cells=cells, metadata=metadata))
    return text.encode()


def _subject(store: RunStore, run: Run, record: CheckpointRecord) -> Subject:
    state = checkpoint.load(record.path, record.sha256)
    known = catalogue.record(run.request.data.dataset)
    shape = known.shape_as(run.request.data.image)
    analysis = analyse(run.request.network, shape, len(known.classes))
    with torch.device("meta"):  # no weights, and no random numbers
        model = build(run.request.network, shape, len(known.classes))
    begun = start(store, run)
    first = begun.step if begun else 0  # what was before is the other run's
    changes = [
        change
        for change in store.observations(run.id, Change)
        if change.by == "person"
        and change.step >= first
        and run.attempt  # a fork that waits has changed nothing
    ]
    sizes = [change.after for change in changes if change.setting == "batch_size"]
    largest = int(max([run.request.config.batch_size, *sizes]))
    precision = run.precision or state.precision  # a fork that waits has none yet
    return Subject(
        run,
        outline(analysis),
        [point for point in store.metrics(run.id) if point.step > first],
        changes,
        store.observations(run.id, ClassCounts),
        state.mean,
        state.std,
        precision,
        begun,
        _parent(store, run),
        not breaks_channels_last(model),
        may_begin_so(model, largest, precision),
        ends_so(model, largest),
    )


def _parent(store: RunStore, run: Run) -> str:
    if not run.request.fork:
        return ""
    try:
        return f"run {store.get(run.request.fork.run).number}"
    except RunMissing:
        return "a run that was deleted"


def _beginning(subject: Subject) -> str:
    run = subject.run
    ended = datetime.fromtimestamp(run.finished or run.started or run.created, UTC)
    lines = [
        f"# Run {run.number}: {_plain(run.name)} on {subject.dataset.title}",
        "This notebook builds the same network and trains it on the same images with the same settings, in plain "
        f"PyTorch. **The results that stand in it are those of run {run.number}** ({ended:%Y-%m-%d}, "
        f"{run.seconds:.1f} s of training on {run.device}); run a cell, and your own take their place. It needs "
        f"{_needed(subject)}.",
        *(f"- {sentence}" for sentence in caveats(subject)),
    ]
    return "\n\n".join(lines[:2]) + "\n\n" + "\n".join(lines[2:])


def _parts(subject: Subject) -> list[Part]:
    name, title = subject.data.dataset, subject.dataset.title
    source = (
        f"torchvision fetches {title} into the folder `data` beside this notebook."
        if name in program.TORCHVISION
        else f"torchvision has no such data set: put the file `{name}.pt` beside this notebook, which the app "
        "gives as “Images” where it gave this notebook."
    )
    return [
        Part("## Settings", program.settings(subject), []),
        Part(f"## Images\n\n{source}", program.images(subject), []),
        Part(
            "The validation images are cut off first; of the rest each class gives the same share. Mean and standard "
            "deviation are those of the training images alone.",
            program.preparation(subject),
            results.printed(subject, results.preparation(subject)),
        ),
        Part("## Network", program.network(subject), results.printed(subject, results.network(subject))),
        *_start(subject),
        Part(
            "## Evaluation\n\nIn eval mode, with fixed weights and without gradients.", program.EVALUATION, []
        ),
        *_augmentation(subject),
        Part("## Training", training(subject), results.printed(subject, results.training(subject))),
        Part("## Curves", program.CURVES, results.shown(subject, results.curves(subject))),
        Part(
            "## What is taken for what\n\nThe validation images, with the weights at the end of the training.",
            program.CONFUSION,
            results.shown(subject, results.confusion(subject)),
        ),
        Part(
            "## Test\n\nThe test images are looked at once, when everything is decided.",
            program.TEST,
            results.printed(subject, results.test(subject)),
        ),
    ]


def _start(subject: Subject) -> list[Part]:
    if not subject.start:
        return []
    return [
        Part(
            f"## Beginning\n\nThis run branched off {subject.parent} at step {subject.start.step}: it begins with the "
            "weights that were there, and its curves begin there too. Put the file "
            f"`{file_name(subject.run)}` beside this notebook, which the app gives as “Start of the fork” where it "
            "gave this notebook.",
            program.start(file_name(subject.run)),
            [],
        )
    ]


def _augmentation(subject: Subject) -> list[Part]:
    if not subject.data.augmentation:
        return []
    return [
        Part(
            "## Augmentation\n\nThe training images are changed at random, anew in each epoch; others never are. All "
            "random numbers of an epoch are drawn at once.",
            augmentation.drawing(subject),
            [],
        ),
        Part(
            "What is done with these numbers, to many images at once, before they are normalised.",
            augmentation.changing(subject),
            [],
        ),
    ]


def _needed(subject: Subject) -> str:
    fetches = subject.data.dataset in program.TORCHVISION or program.fetches_weights(subject)
    return "`torch`, `torchvision` and `matplotlib`" if fetches else "`torch` and `matplotlib`"


def _plain(name: str) -> str:
    """A name that someone typed, without what Markdown would make of it."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in name)
