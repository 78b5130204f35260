"""The learning-rate range test as a Vega-Lite chart: the loss over the rate, with the two suggested points.

The chart is a constant and only its table changes, so that a browser redraws in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.figures.palette import PETROFF_10
from core.training.rate_finder import HIGHEST, LOWEST
from core.training.rate_suggestions import RangeTest, Trial, written

HEADROOM = 1.25  # times the highest smoothed loss of the beginning: what lies above has run away
COLOURS = {"steepest": PETROFF_10[2], "valley": PETROFF_10[1]}
_LINE, _RAW = PETROFF_10[0], PETROFF_10[3]
_TEXT = "gray"  # Streamlit takes this word for the grey of its theme, light or dark


def rate_table(trials: Sequence[Trial], found: RangeTest | None = None) -> pd.DataFrame:
    """A row for each trial, and one for each suggested point.

    The columns are rate, loss, smoothed, point (steepest, valley, or none) and label. Losses that have run far
    above the beginning are left out: they would press all others flat.
    """
    ceiling = HEADROOM * max((trial.smoothed for trial in trials[:10]), default=0.0)
    rows: list[dict[str, Any]] = [
        {
            "rate": trial.rate,
            "loss": trial.loss if trial.loss <= ceiling else None,
            "smoothed": trial.smoothed if trial.smoothed <= ceiling else None,
            "point": None,
            "label": None,
        }
        for trial in trials
    ]
    for name in COLOURS:
        suggestion = getattr(found, name, None)
        if suggestion and suggestion.rate:
            rows.append(
                {
                    "rate": suggestion.rate,
                    "loss": None,
                    "smoothed": suggestion.loss,
                    "point": name,
                    "label": f"{name} {written(suggestion.rate)}",
                }
            )
    return pd.DataFrame(rows, columns=["rate", "loss", "smoothed", "point", "label"])


def _suggested(name: str, align: str, dx: int, dy: int) -> list[dict[str, Any]]:
    """A dashed line down to the axis, a point, and its name beside it."""
    only = [{"filter": f"datum.point === '{name}'"}]
    colour = COLOURS[name]
    text = {"type": "text", "align": align, "dx": dx, "dy": dy, "fontSize": 14, "fontWeight": 700}
    return [
        {"transform": only, "mark": {"type": "rule", "strokeDash": [4, 4], "color": colour}},
        {
            "transform": only,
            "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1, "color": colour},
            "encoding": {"y": {"field": "smoothed", "type": "quantitative"}},
        },
        {
            "transform": only,
            "mark": {**text, "color": _TEXT},
            "encoding": {
                "y": {"field": "smoothed", "type": "quantitative"},
                "text": {"field": "label"},
            },
        },
    ]


_ONLY_TRIALS = [{"filter": "!isValid(datum.point)"}]
_NUMBERS = {"type": "quantitative", "format": ".4f"}

RATE_CHART: dict[str, Any] = {
    "padding": {"left": 0, "right": 8, "top": 4, "bottom": 6},
    "encoding": {
        "x": {
            "field": "rate",
            "type": "quantitative",
            "title": "learning rate (logarithmic)",
            "scale": {"type": "log", "domain": [LOWEST, HIGHEST], "nice": False},
            "axis": {
                "grid": False,
                "values": [10.0**power for power in range(-7, 2)],
                "labelExpr": "format(datum.value, datum.value < 0.0005 ? '~e' : '~g')",
                "titlePadding": 4,
            },
        },
        "y": {
            "type": "quantitative",
            "title": "training loss",
            "scale": {"zero": True},  # else noise fills the chart while the loss is still level
            "axis": {"tickCount": 5},
        },
    },
    "layer": [
        {
            "transform": _ONLY_TRIALS,
            "mark": {"type": "point", "filled": True, "size": 26, "color": _RAW, "opacity": 0.55},
            "encoding": {
                "y": {"field": "loss"},
                "tooltip": [
                    {"field": "rate", "type": "quantitative", "format": ".2~g"},
                    {"field": "loss", "title": "loss of this step's batch", **_NUMBERS},
                    {"field": "smoothed", **_NUMBERS},
                ],
            },
        },
        {
            "transform": _ONLY_TRIALS,
            "mark": {"type": "line", "strokeWidth": 2.5, "color": _LINE},
            "encoding": {"y": {"field": "smoothed"}},
        },
        *_suggested("valley", "right", -10, 14),
        *_suggested("steepest", "left", 10, -12),
    ],
}
