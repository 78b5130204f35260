"""How strong the signal is at each layer of a network, as Vega-Lite charts.

The charts are constants and only their table changes, so that a browser redraws in place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.figures.palette import PETROFF_10
from core.inspection.signal import LayerSignal

SIDES = (PETROFF_10[0], PETROFF_10[6])  # the design's own initialisation, and the one beside it

_TEXTS = {
    str(n): f"10{str(n).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}" for n in range(-40, 41)
}
POWERS = {"labelExpr": f"({_TEXTS})[datum.value]", "tickMinStep": 1}  # an axis of exponents says 10⁻³


def strength_table(signals: Mapping[str, Sequence[LayerSignal]]) -> pd.DataFrame:
    """A row for each layer of each signal, by the initialisation's label.

    The columns forward and backward are log₁₀ of the outputs' deviation between images and of the gradient's
    length; they are empty where that is 0 or no number.
    """
    table = pd.DataFrame(
        [
            {
                "series": label,
                "order": order,
                "layer": layer.name,
                "kind": layer.kind,
                "forward": _logarithm(layer.activations.between),
                "between": layer.activations.between,
                "std": layer.activations.std,
                "backward": _logarithm(layer.gradients.length),
                "length": layer.gradients.length,
                "gradient_std": layer.gradients.std,
                "zeros": layer.activations.zeros,
            }
            for label, layers in signals.items()
            for order, layer in enumerate(layers)
        ]
    )
    for direction in ("forward", "backward"):  # whole powers of ten, so that the axis has names for its ends
        drawn = table[direction].dropna().astype(float)
        table[f"{direction}_low"] = math.floor(drawn.min()) if len(drawn) else -1
        table[f"{direction}_high"] = math.floor(drawn.max()) + 1 if len(drawn) else 0
    return table


def _logarithm(value: float) -> float | None:
    return math.log10(value) if math.isfinite(value) and value > 0 else None


def _strength(field: str, title: str) -> dict[str, Any]:
    """One line for each initialisation over the layers, on a logarithmic axis."""
    tooltip = [
        {"field": "layer", "type": "nominal"},
        {"field": "kind", "type": "nominal"},
        {"field": "series", "type": "nominal", "title": "initialisation"},
        {"field": "between", "type": "quantitative", "format": ".3~g", "title": "deviation between images"},
        {"field": "std", "type": "quantitative", "format": ".3~g", "title": "deviation of all outputs"},
        {"field": "zeros", "type": "quantitative", "format": ".0%", "title": "outputs that are 0"},
        {"field": "length", "type": "quantitative", "format": ".3~g", "title": "gradient's length"},
        {"field": "gradient_std", "type": "quantitative", "format": ".3~g", "title": "gradient's deviation"},
    ]
    y = {
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "nice": False},
        "axis": {"tickCount": 5, **POWERS},
    }
    return {
        "title": {"text": title, "anchor": "start", "offset": 2},
        "padding": {"left": 0, "right": 8, "top": 0, "bottom": 0},
        "encoding": {
            "x": {
                "field": "layer",
                "type": "ordinal",
                "sort": {"field": "order", "op": "min"},
                "title": None,
                "axis": {"labelAngle": -50, "labelLimit": 80, "labelOverlap": "greedy", "grid": False},
            },
            "color": {
                "field": "series",
                "type": "nominal",
                "sort": None,
                "title": None,
                "scale": {"range": list(SIDES)},
                "legend": {"orient": "top", "offset": 4, "padding": 0, "labelLimit": 300},
            },
        },
        "layer": [
            {
                "mark": {"type": "rule", "opacity": 0, "tooltip": None},
                "encoding": {"y": {"field": f"{field}_low", **y}, "y2": {"field": f"{field}_high"}},
            },
            {"mark": {"type": "line", "strokeWidth": 2}, "encoding": {"y": {"field": field, **y}}},
            {
                "mark": {"type": "point", "size": 45, "filled": True, "opacity": 1},
                "encoding": {"y": {"field": field, **y}, "tooltip": tooltip},
            },
        ],
    }


FORWARD_CHART = _strength("forward", "Forward: deviation of each layer's outputs between images")
BACKWARD_CHART = _strength("backward", "Backward: length of the gradient at each layer's outputs")
