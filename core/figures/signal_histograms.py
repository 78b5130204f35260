"""Histograms of a network's outputs and gradients, a row for each layer, as Vega-Lite charts.

The charts are constants and only their tables change, so that a browser redraws in place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from core.figures.palette import PETROFF_10
from core.figures.signal import POWERS, SIDES
from core.inspection.distribution import BINS_A_DECADE, DECADES, REACH, VALUE_BINS, Distribution
from core.inspection.signal import LayerSignal

NOTES = PETROFF_10[8]  # a grey that can be read on white and on black
WIDEST = "100 % zero"  # of the notes: drawn unseen, so that charts with and without notes are equally wide
RIDGE = 0.92  # height of a histogram's peak, of the room of its row

QUANTITIES: dict[
    str, tuple[str, Callable[[LayerSignal], Distribution | None]]
] = {  # key → title, where it is
    "activations": ("Outputs", lambda layer: layer.activations),
    "gradients": ("Gradients of the outputs", lambda layer: layer.gradients),
    "weights": ("Gradients of the weights", lambda layer: layer.weights),
}


def ridge_table(
    layers: Sequence[LayerSignal], quantity: str, by_size: bool, span: tuple[float, float]
) -> pd.DataFrame:
    """The outline of a histogram for each layer, from the top down: columns layer, order, x, top and base.

    Each is as high as its own fullest bin. `by_size`: x is log₁₀ of the size, else the value; two rows without
    a share say how far the axes reach. Layers without that quantity are left out.
    """
    found = [(layer, of(layer)) for of in (QUANTITIES[quantity][1],) for layer in layers]
    shown = [(layer, numbers) for layer, numbers in found if numbers is not None]
    rows: list[dict[str, Any]] = []
    for order, (layer, numbers) in enumerate(shown):
        base = len(shown) - 1 - order
        counts = numbers.sizes if by_size else numbers.values
        filled = [place for place, count in enumerate(counts) if count]
        note = _note(numbers)
        common = {"layer": layer.name, "order": order, "base": base, "note": note}
        rows.append({**common, "x": None, "top": base, "share": None, "middle": base + 0.4})
        total, most = sum(counts), max(counts, default=0)
        for place in range(filled[0] - 1, filled[-1] + 2) if filled else ():
            count = counts[place] if 0 <= place < len(counts) else 0
            rows.append(
                {
                    **common,
                    "x": _centre(place, by_size),
                    "top": base + RIDGE * count / most,
                    "share": count / total,
                    "middle": None,
                }
            )
    for x, y in zip(span, (0, len(shown)), strict=True):
        rows.append({"layer": None, "order": None, "base": y, "note": None, "x": x, "top": y, "share": None})
    return pd.DataFrame(rows)


def span(signals: Sequence[Sequence[LayerSignal]], quantity: str, by_size: bool) -> tuple[float, float]:
    """The x-axis that shows all histograms of these signals."""
    if not by_size:
        return -REACH, REACH
    filled = [
        place
        for layers in signals
        for layer in layers
        if (numbers := QUANTITIES[quantity][1](layer)) is not None
        for place, count in enumerate(numbers.sizes)
        if count
    ]
    if not filled:
        return -1.0, 1.0
    return _centre(min(filled) - 1, True), _centre(max(filled) + 1, True)


def _centre(place: int, by_size: bool) -> float:
    if by_size:
        return DECADES[0] + (place + 0.5) / BINS_A_DECADE
    return -REACH + (place + 0.5) * 2 * REACH / VALUE_BINS


def _note(numbers: Distribution) -> str:
    if not numbers.finite:
        return "not finite"
    return f"{100 * numbers.zeros:.0f} % zero" if numbers.zeros >= 0.005 else ""


def _ridges(colour: str, by_size: bool) -> dict[str, Any]:
    """A histogram for each layer, one below the other, on one x-axis."""
    x = {
        "field": "x",
        "type": "quantitative",
        "title": None,
        "scale": {"nice": False, "zero": False},
        "axis": {"grid": True, "tickCount": 6, **(POWERS if by_size else {})},
    }
    hidden = {"scale": {"nice": False, "zero": False}, "axis": None, "type": "quantitative"}
    note = {
        "type": "text",
        "align": "left",
        "baseline": "middle",
        "dx": 5,
        "fontSize": 11,
        "color": NOTES,
        "tooltip": None,
    }
    beside = {"x": {"value": "width"}, "y": {"field": "middle", **hidden}}
    return {
        "padding": {"left": 0, "right": 4, "top": 2, "bottom": 0},
        "layer": [
            {  # nothing but the layers' names, as an axis
                "transform": [{"filter": "isValid(datum.middle)"}],
                "mark": {"type": "point", "opacity": 0, "tooltip": None},
                "encoding": {
                    "y": {
                        "field": "layer",
                        "type": "ordinal",
                        "sort": {"field": "order", "op": "min"},
                        "title": None,
                        "scale": {"type": "band", "padding": 0},
                        "axis": {
                            "labelLimit": 84,
                            "labelFontSize": 11,
                            "labelOverlap": False,
                            "ticks": False,
                            "domain": False,
                            "minExtent": 56,
                        },
                    }
                },
            },
            {
                "encoding": {"x": x, "y": {"field": "top", **hidden}},
                "layer": [
                    {  # how far the axes reach
                        "transform": [{"filter": "!isValid(datum.layer)"}],
                        "mark": {"type": "point", "opacity": 0, "tooltip": None},
                    },
                    {
                        "transform": [{"filter": "isValid(datum.share)"}],
                        "mark": {
                            "type": "area",
                            "interpolate": "step",
                            "fillOpacity": 0.65,
                            "line": {"strokeWidth": 1, "color": colour},
                            "color": colour,
                            "tooltip": None,
                        },
                        "encoding": {"y2": {"field": "base"}, "detail": {"field": "order"}},
                    },
                    {
                        "transform": [{"filter": "isValid(datum.middle)"}],
                        "mark": note,
                        "encoding": {**beside, "text": {"field": "note"}},
                    },
                    {
                        "transform": [{"filter": "datum.order === 0 && isValid(datum.middle)"}],
                        "mark": {**note, "opacity": 0},
                        "encoding": {**beside, "text": {"value": WIDEST}},
                    },
                ],
            },
        ],
        "resolve": {"scale": {"y": "independent"}, "axis": {"y": "independent"}},
    }


# (side, by size) → the chart of `ridge_table`
RIDGES = {(side, by_size): _ridges(SIDES[side], by_size) for side in (0, 1) for by_size in (True, False)}
