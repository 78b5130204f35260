"""The confusion matrix as cells with a text and a shade each, ready to be drawn."""

from math import isnan, sqrt
from typing import Any

from core.inspection.confusion import NORMALISATIONS, ConfusionMatrix

UNITS = {"counts": "images", "row": "% of the true class", "column": "% of the predicted class"}


def matrix_figure(
    matrix: ConfusionMatrix, classes: tuple[str, ...], over: str, mute: bool = False
) -> dict[str, Any]:
    """What the browser draws: class names, and for each cell its text, its shade and a sentence.

    A cell's shade (0–1) is the square root of its share of the row (of the column, where `over` is "column"),
    so that mistakes of one per cent can still be seen. Undefined shares are "—". `mute` takes the shade from
    the diagonal. Raises KeyError for an `over` that is not in NORMALISATIONS.
    """
    shares = matrix.normalised("column" if over == "column" else "row").tolist()
    counts = matrix.counts.tolist()
    rows, columns = matrix.counts.sum(dim=1).tolist(), matrix.counts.sum(dim=0).tolist()
    assert set(UNITS) == set(NORMALISATIONS)
    cells = [
        {
            "id": f"{true}-{predicted}",
            "text": f"{count:,}" if over == "counts" else _per_cent(share, count),
            "shade": 0.0 if isnan(share) or (mute and true == predicted) else round(sqrt(share), 3),
            "right": true == predicted,
            "empty": count == 0,
            "sentence": _sentence(classes, true, predicted, count, rows[true], columns[predicted]),
        }
        for true, (row, row_shares) in enumerate(zip(counts, shares, strict=True))
        for predicted, (count, share) in enumerate(zip(row, row_shares, strict=True))
    ]
    return {"classes": list(classes), "unit": UNITS[over], "cells": cells}


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
