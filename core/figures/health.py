"""The health of a run over its epochs, layer by layer, as Vega-Lite charts.

The charts are constants and only the table of points changes, so that a browser redraws in place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.figures.palette import PETROFF_10
from core.training.diagnosis.flow import USUAL
from core.training.observations import Health

MOST_POINTS = 1_500  # of one chart, all layers together
DEAD, SATURATED = "dead units", "saturated outputs"


def flow_table(looks: Sequence[Health]) -> pd.DataFrame:
    """A row for each layer with weights at each look: layer, order, step, epoch, gradient_norm, update_ratio.

    What a logarithmic axis can't show (0, infinite, no number) is empty.
    """
    # all that ever learned: one may be frozen later
    layers = list(dict.fromkeys(layer for look in looks for layer in look.layers))
    looks = _thinned(looks, len(layers) or 1)
    rows = [
        {
            "layer": layer,
            "order": layers.index(layer),
            "step": look.step,
            "epoch": look.epoch,
            "gradient_norm": _drawable(norm),
            "update_ratio": _drawable(ratio),
        }
        for look in looks
        for layer, norm, ratio in zip(look.layers, look.gradient_norms, look.update_ratios, strict=True)
    ]
    return pd.DataFrame(rows, columns=["layer", "order", "step", "epoch", "gradient_norm", "update_ratio"])


def unit_table(looks: Sequence[Health]) -> pd.DataFrame:
    """A row for each activation at each look: layer, order, step, epoch, what (DEAD or SATURATED), share in 0–1."""
    looks = _thinned(looks, len(looks[-1].activations) if looks else 1)
    rows = [
        {
            "layer": layer,
            "order": order,
            "step": look.step,
            "epoch": look.epoch,
            "what": what,
            "share": share,
        }
        for look in looks
        for order, layer in enumerate(look.activations)
        for what, share in ((DEAD, look.dead[order]), (SATURATED, look.saturated[order]))
        if share is not None
    ]
    return pd.DataFrame(rows, columns=["layer", "order", "step", "epoch", "what", "share"])


def _drawable(value: float) -> float | None:
    return value if value > 0 and math.isfinite(value) else None


def _thinned(looks: Sequence[Health], layers: int) -> Sequence[Health]:
    """Every so-manieth look, by a power of two, so that those drawn stay while more come; and the newest."""
    stride = 1
    while len(looks) / stride * layers > MOST_POINTS and len(looks) / stride > 2:
        stride *= 2
    kept = list(looks[::stride])
    return kept if not looks or kept[-1] is looks[-1] else [*kept, looks[-1]]


def _chart(
    field: str, y: dict[str, Any], tooltip: dict[str, Any], usual: float | None = None, dashed: bool = False
) -> dict[str, Any]:
    """One line a layer over the epochs."""
    colour = {
        "field": "layer",
        "type": "nominal",
        "sort": {"field": "order", "op": "min"},
        "title": None,
        "scale": {"range": list(PETROFF_10)},
        "legend": {
            "orient": "right",
            "symbolType": "stroke",
            "symbolStrokeWidth": 3,
            "labelLimit": 110,
            "symbolLimit": 9,
            "offset": 8,
        },
    }
    encoding: dict[str, Any] = {
        "x": {
            "field": "epoch",
            "type": "quantitative",
            "title": "epoch",
            "scale": {"zero": True, "nice": False},
            "axis": {"grid": False, "tickCount": 6, "titlePadding": 2},
        },
        "y": {"field": field, "type": "quantitative", "title": None, **y},
        "color": colour,
        "tooltip": [
            {"field": "layer", "type": "nominal"},
            {"field": "epoch", "type": "quantitative", "format": ".2f"},
            {"field": "step", "type": "quantitative", "format": ","},
            {"field": field, "type": "quantitative", **tooltip},
        ],
    }
    if dashed:
        encoding["strokeDash"] = {
            "field": "what",
            "type": "nominal",
            "title": None,
            "scale": {"domain": [DEAD, SATURATED], "range": [[1, 0], [5, 3]]},
            "legend": None,
        }
        encoding["tooltip"].append({"field": "what", "type": "nominal", "title": "share of"})
    line = {
        "transform": [{"filter": f"isValid(datum.{field})"}],
        "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 22, "filled": True}},
        "encoding": encoding,
    }
    layers: list[dict[str, Any]] = [line]
    if usual is not None:
        layers.append(
            {
                "data": {"values": [{"usual": usual}]},
                "mark": {"type": "rule", "strokeDash": [2, 3], "color": "gray", "tooltip": None},
                "encoding": {"y": {"field": "usual", "type": "quantitative", **y}},
            }
        )
    return {
        "padding": {"left": 0, "right": 4, "top": 4, "bottom": 0},
        "layer": layers,
    }


_LOG = {"scale": {"type": "log", "nice": False}, "axis": {"format": "~g", "tickCount": 4}}
NORM_CHART = _chart("gradient_norm", _LOG, {"format": ".3g", "title": "gradient norm"})
RATIO_CHART = _chart("update_ratio", _LOG, {"format": ".3g", "title": "update-to-weight ratio"}, USUAL)
UNIT_CHART = _chart(
    "share",
    {"scale": {"domain": [0, 1]}, "axis": {"format": ".0%", "tickCount": 3}},
    {"format": ".1%", "title": "share"},
    dashed=True,
)
