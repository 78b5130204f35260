"""Sections about the test split: class by class, the confusion matrix, the mistakes, calibration."""

from __future__ import annotations

from core.figures.calibration import RELIABILITY_CHART, calibration_table
from core.figures.confusion import difference_figure, matrix_figure
from core.figures.images import grey
from core.figures.report.blocks import Block, Listing, Picture, Subheading, Table, Words
from core.figures.report.contents import Contents, Looked
from core.figures.report.svg import Tile, chart, matrix, tiles
from core.inspection.calibration import Calibration
from core.inspection.evenness import evenness
from core.inspection.lists import LISTS
from core.inspection.report import wilson_interval

PAIRS, IMAGES, COLUMNS = 8, 16, 8  # most confused pairs in words, images of a list, images in a row
_WIDTH, _SMALL = (
    600,
    420,
)  # CSS pixels of a matrix that stands alone, and of one of several: two fit on a page


def classes(contents: Contents) -> list[Block]:
    """Precision, recall with its interval, F1 and support of each class."""
    blocks: list[Block] = []
    for looked in contents.looked:
        found = evenness(looked.report)
        blocks += [
            *_of(contents, looked),
            Words(looked.report.sentence(looked.classes)),
            class_table(looked),
            *([Words(found.sentence(looked.classes))] if found else []),
        ]
    return blocks


def class_table(looked: Looked) -> Table:
    """A row for each class; — is undefined: no image of the class, or none taken for it."""
    rows = []
    for name, scores in zip(looked.classes, looked.report.classes, strict=True):
        low, high = wilson_interval(scores.hits, scores.support)
        interval = f"{100 * low:.1f} – {100 * high:.1f} %" if scores.support else "—"
        ratios = (_per_cent(ratio) for ratio in (scores.precision, scores.recall))
        rows.append((name, *ratios, interval, _per_cent(scores.f1), f"{scores.support:,}"))
    return Table(("Class", "Precision", "Recall", "95 % interval of recall", "F1", "Images"), tuple(rows))


def confusion(contents: Contents) -> list[Block]:
    """Each run's matrix in images, and for two their difference."""
    blocks: list[Block] = []
    for looked in contents.looked:
        figure = matrix_figure(looked.matrix, looked.classes, "counts")
        caption = (
            "Rows are true classes, columns predicted ones; the numbers are test images. The deeper a cell, the larger "
            "its share of the true class (square root); blue is right, orange wrong."
        )
        described = f"The confusion matrix of {looked.name} over {len(looked.predictions):,} test images"
        width = _WIDTH if len(contents.looked) == 1 else _SMALL
        blocks += [*_of(contents, looked), Picture(matrix(figure), described, caption, width)]
    if len(contents.looked) == 2:
        first, second = contents.looked
        names = (first.name, second.name)
        figure = difference_figure(first.matrix, second.matrix, first.classes, "counts", names)
        caption = (
            f"{names[1].capitalize()} minus {names[0]}, in test images. Blue: {names[1]} is better there, with more "
            "right answers or fewer mistakes; orange: worse."
        )
        blocks += [
            Subheading("The difference"),
            Picture(
                matrix(figure),
                f"The difference of the matrices of {names[0]} and {names[1]}",
                caption,
                _SMALL,
            ),
        ]
    return blocks


def mistakes(contents: Contents) -> list[Block]:
    """The most confused pairs in words, and the images of the surest mistakes and of the highest losses."""
    blocks: list[Block] = []
    for looked in contents.looked:
        pairs = looked.matrix.most_confused(PAIRS)
        blocks += _of(contents, looked)
        if not pairs:
            blocks.append(Words("It confuses nothing on the test split."))
            continue
        wrong = len(looked.predictions) - looked.report.correct
        blocks += [
            Words(
                f"{wrong:,} of {len(looked.predictions):,} test images are misclassified. The most frequent mistakes:"
            ),
            Listing(tuple(pair.sentence(looked.classes) for pair in pairs)),
            _sheet(looked, "surest-mistakes"),
            _sheet(looked, "top-losses"),
        ]
    return blocks


def _sheet(looked: Looked, name: str) -> Picture:
    listed = LISTS[name]
    chosen = listed.choose(looked.predictions)[:IMAGES].tolist()
    drawn = tiles([Tile(grey(looked.pixels[image]), _lines(looked, image)) for image in chosen], COLUMNS)
    caption = f"{listed.name}, {looked.name}. {listed.meaning} Below each: its place, what it is, what it is taken for."
    return Picture(drawn, f"{listed.name}: " + "; ".join(looked.of(image) for image in chosen), caption)


def _lines(looked: Looked, image: int) -> tuple[str, ...]:
    found = looked.predictions
    true, said = (looked.classes[int(k)] for k in (found.labels[image], found.predicted[image]))
    sure = f"{100 * float(found.confidence[image]):.0f} %"
    return f"no. {image}, {sure}", true, f"→ {said}"


def calibration(contents: Contents) -> list[Block]:
    """Whether the network is as often right as it is sure."""
    blocks: list[Block] = []
    for looked in contents.looked:
        blocks += _of(contents, looked)
        try:
            found = Calibration.of(looked.predictions)
        except ValueError as reason:
            blocks.append(Words(str(reason)))
            continue
        numbers = (
            f"{100 * found.ece:.2f} %",
            f"{100 * found.confidence:.2f} %",
            f"{100 * found.accuracy:.2f} %",
            f"{found.loss:.4f}",
        )
        header = ("Expected calibration error", "Mean confidence", "Accuracy", "Mean loss (nats)")
        drawn = chart(RELIABILITY_CHART, calibration_table(found), 400, 220)
        caption = (
            f"Accuracy over confidence in {len(found.bins)} bins, with 95 % Wilson intervals; orange is the gap to the "
            "mean confidence of the bin. On the dashed line a network is as often right as it is sure. After Guo et "
            "al., 2017."
        )
        blocks += [
            Words(found.sentence()),
            Table(header, (numbers,)),
            Picture(drawn, f"Reliability diagram of {looked.name}", caption, 480),
        ]
    return blocks


def _of(contents: Contents, looked: Looked) -> list[Block]:
    """The run's name over its part, where there are two."""
    return [Subheading(f"Run {looked.run.number} · {looked.run.name}")] if len(contents.looked) > 1 else []


def _per_cent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.1f} %"
