"""The confusion matrix as cells with a text and a shade each, ready to be drawn."""

from collections.abc import Sequence
from math import isnan, sqrt
from typing import Any

from core.inspection.confusion import NORMALISATIONS, ConfusionMatrix

UNITS = {"counts": "images", "row": "% of the true class", "column": "% of the predicted class"}


def matrix_figure(
    matrix: ConfusionMatrix,
    classes: tuple[str, ...],
    over: str,
    mute: bool = False,
    order: Sequence[int] | None = None,
) -> dict[str, Any]:
    """What the browser draws: class names, and for each cell its text, its shade and a sentence.

    Cells come row by row, rows and columns both in `order` (class indices; the data set's, where it is None).

    A cell's shade (0–1) is the square root of its share of the row (of the column, where `over` is "column"),
    so that mistakes of one per cent can still be seen. Undefined shares are "—". `mute` takes the shade from
    the diagonal. Raises KeyError for an `over` that is not in NORMALISATIONS.
    """
    shares = matrix.normalised("column" if over == "column" else "row").tolist()
    counts = matrix.counts.tolist()
    rows, columns = matrix.counts.sum(dim=1).tolist(), matrix.counts.sum(dim=0).tolist()
    assert set(UNITS) == set(NORMALISATIONS)
    order = range(len(classes)) if order is None else order
    cells = [
        {
            "id": f"{true}-{predicted}",
            "text": f"{count:,}" if over == "counts" else _per_cent(share, count),
            "shade": 0.0 if isnan(share) or (mute and true == predicted) else round(sqrt(share), 3),
            "right": true == predicted,
            "empty": count == 0,
            "sentence": _sentence(classes, true, predicted, count, rows[true], columns[predicted]),
        }
        for true in order
        for predicted in order
        for count, share in [(counts[true][predicted], shares[true][predicted])]
    ]
    return {"classes": [classes[k] for k in order], "unit": UNITS[over], "cells": cells}


def difference_figure(
    first: ConfusionMatrix,
    second: ConfusionMatrix,
    classes: tuple[str, ...],
    over: str,
    names: tuple[str, str],
    order: Sequence[int] | None = None,
) -> dict[str, Any]:
    """`second` minus `first`, cell by cell, as `matrix_figure` has it; `names` as in ("run 1", "run 3").

    The hue says what the difference means: "right" is for the better, more right answers or fewer mistakes.
    The shade (0–1) is the square root of the difference of shares (of the row; of the column, where `over` is
    "column"), the largest in the matrix being 1. Undefined differences are "—". Raises KeyError as above.
    """
    shares = second.normalised("column" if over == "column" else "row") - first.normalised(
        "column" if over == "column" else "row"
    )
    largest = float(shares.nan_to_num().abs().max())
    changes = (second.counts - first.counts).tolist()
    order = range(len(classes)) if order is None else order
    cells = []
    for true in order:
        for predicted in order:
            change, share = changes[true][predicted], float(shares[true, predicted])
            shown = change if over == "counts" else share
            counts = (int(first.counts[true, predicted]), int(second.counts[true, predicted]))
            cells.append(
                {
                    "id": f"{true}-{predicted}",
                    "text": _signed(shown, over),
                    "shade": 0.0 if isnan(share) or not largest else round(sqrt(abs(share) / largest), 3),
                    "right": (shown > 0) == (true == predicted),
                    "empty": not any(counts),
                    "sentence": _change(classes, true, predicted, counts, names),
                }
            )
    return {"classes": [classes[k] for k in order], "unit": _POINTS[over], "cells": cells}


_POINTS = {
    "counts": "difference in images",
    "row": "difference in percentage points, of the true class",
    "column": "difference in percentage points, of the predicted class",
}


def _signed(change: float, over: str) -> str:
    if isnan(change):
        return "—"
    text = f"{change:+,.0f}" if over == "counts" else f"{100 * change:+.1f}"
    return "0" if not float(text.replace(",", "")) else text.replace("-", "−")


def _change(
    classes: tuple[str, ...], true: int, predicted: int, counts: tuple[int, int], names: tuple[str, str]
) -> str:
    name, taken_for = classes[true], classes[predicted]
    what = f"{name} recognised" if true == predicted else f"{name} taken for {taken_for}"
    return f"{what}: {counts[0]:,} by {names[0]}, {counts[1]:,} by {names[1]}"


def _per_cent(share: float, count: int) -> str:
    if isnan(share):
        return "—"
    return "0" if count == 0 else f"{100 * share:.1f}"


def _sentence(classes: tuple[str, ...], true: int, predicted: int, count: int, row: int, column: int) -> str:
    name, taken_for = classes[true], classes[predicted]
    what = f"{name} recognised" if true == predicted else f"{name} taken for {taken_for}"
    of_row = f"{count:,} of {row:,} {name} images ({_share(count, row)})"
    return f"{what}: {of_row}; of all predicted as {taken_for}: {_share(count, column)}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "—"
