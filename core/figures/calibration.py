"""The reliability diagram and the histogram of confidence, in Vega-Lite: constants, of which only the table changes."""

from typing import Any

import pandas as pd

from core.figures.palette import PETROFF_10
from core.inspection.calibration import Calibration

_RIGHT, _GAP = PETROFF_10[0], PETROFF_10[6]  # blue is right and orange wrong, as in the matrix
_TEXT = "gray"  # Streamlit takes this word for the grey of its theme, light or dark
COLUMNS = ("low", "high", "middle", "images", "share", "accuracy", "confidence", "from", "to", "part")


def calibration_table(calibration: Calibration) -> pd.DataFrame:
    """A row for each bin: its edges and middle, its images and their share of all, accuracy with its interval
    (`from`, `to`), mean confidence, and what it adds to the calibration error (`part`); NaN where it is empty.
    """
    rows = []
    for each in calibration.bins:
        low, high = each.interval if each.images else (None, None)
        share = calibration.share(each)
        middle = (each.low + each.high) / 2
        rows.append(
            (
                *(each.low, each.high, middle, each.images, share),
                *(each.accuracy, each.confidence, low, high, share * abs(each.gap)),
            )
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({name: float for name in COLUMNS if name != "images"})


def _x(title: str | None) -> dict[str, Any]:
    return {
        "field": "low",
        "type": "quantitative",
        "title": title,
        "scale": {"domain": [0, 1], "nice": False},
        "axis": {"format": ".0%", "tickCount": 6, "grid": False, "titlePadding": 4},
    }


_EXTENT = 36  # pixels for the numbers of the y-axis, the same in both charts, so that they stand in line
_X2 = {"field": "high"}
_SHARE = {"type": "quantitative", "scale": {"domain": [0, 1]}}
_TOOLTIP = [
    {"field": "low", "type": "quantitative", "format": ".0%", "title": "confidence above"},
    {"field": "high", "type": "quantitative", "format": ".0%", "title": "up to"},
    {"field": "images", "type": "quantitative", "format": ","},
    {"field": "confidence", "type": "quantitative", "format": ".1%", "title": "mean confidence"},
    {"field": "accuracy", "type": "quantitative", "format": ".1%"},
    {"field": "from", "type": "quantitative", "format": ".1%", "title": "95 % interval from"},
    {"field": "to", "type": "quantitative", "format": ".1%", "title": "to"},
]
_MIDDLE = {"field": "middle", "type": "quantitative"}
_FULL = [{"filter": "datum.images > 0"}]

RELIABILITY_CHART: dict[str, Any] = {
    "padding": {"left": 0, "right": 8, "top": 4, "bottom": 0},
    "layer": [
        {
            "transform": _FULL,
            "mark": {"type": "rect", "color": _RIGHT, "opacity": 0.75, "stroke": "white", "strokeWidth": 0.5},
            "encoding": {
                "x": _x("confidence"),
                "x2": _X2,
                "y": {
                    "field": "accuracy",
                    **_SHARE,
                    "title": "accuracy",
                    "axis": {"format": ".0%", "tickCount": 6, "minExtent": _EXTENT},
                },
                "y2": {"datum": 0},
                "tooltip": _TOOLTIP,
            },
        },
        {
            "transform": _FULL,
            "mark": {"type": "rect", "color": _GAP, "opacity": 0.45},
            "encoding": {
                "x": _x("confidence"),
                "x2": _X2,
                "y": {"field": "confidence", **_SHARE},
                "y2": {"field": "accuracy"},
                "tooltip": _TOOLTIP,
            },
        },
        {
            "data": {"values": [{"at": 0}, {"at": 1}]},
            "mark": {"type": "line", "color": _TEXT, "strokeDash": [6, 4], "strokeWidth": 1.5},
            "encoding": {
                "x": {"field": "at", "type": "quantitative"},
                "y": {"field": "at", "type": "quantitative"},
            },
        },
        {
            "transform": _FULL,
            "mark": {"type": "rule", "color": _TEXT, "strokeWidth": 2},
            "encoding": {"x": _MIDDLE, "y": {"field": "from", **_SHARE}, "y2": {"field": "to"}},
        },
        {
            "transform": _FULL,
            "mark": {"type": "tick", "color": _TEXT, "orient": "horizontal", "size": 8, "thickness": 2},
            "encoding": {"x": _MIDDLE, "y": {"field": "accuracy", **_SHARE}},
        },
    ],
}

CONFIDENCE_CHART: dict[str, Any] = {
    "padding": {"left": 0, "right": 8, "top": 10, "bottom": 0},
    "layer": [
        {
            "mark": {"type": "rect", "color": PETROFF_10[3], "stroke": "white", "strokeWidth": 0.5},
            "encoding": {
                "x": _x(None),
                "x2": _X2,
                "y": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "images",
                    "axis": {"format": ".0%", "tickCount": 3, "minExtent": _EXTENT},
                },
                "y2": {"datum": 0},
                "tooltip": _TOOLTIP,
            },
        },
        {
            "transform": _FULL,
            "mark": {"type": "text", "dy": -6, "fontSize": 11, "color": _TEXT},
            "encoding": {
                "x": _MIDDLE,
                "y": {"field": "share", "type": "quantitative"},
                "text": {"field": "images", "type": "quantitative", "format": ","},
            },
        },
    ],
}


def error_in_numbers(calibration: Calibration, most: int = 3) -> str:
    """The expected calibration error as lines of LaTeX, with the numbers of the `most` bins that add most."""
    full = [each for each in calibration.bins if each.images]
    largest = sorted(full, key=lambda each: -calibration.share(each) * abs(each.gap))[:most]
    terms = [
        rf"\tfrac{{{each.images}}}{{{calibration.images}}}\,|{each.accuracy:.3f}-{each.confidence:.3f}|"
        for each in sorted(largest, key=lambda each: each.low)
    ]
    dots = [r"\dots"] if len(full) > len(largest) else []
    lines = r" \\ &+ ".join([*terms, *dots])
    return rf"\begin{{aligned}} \text{{ECE}} &= {lines} \\ &= {calibration.ece:.4f} \end{{aligned}}"
