"""The learning rate over a run as it is planned, as a Vega-Lite chart of the columns share and rate."""

from typing import Any

from core.figures.palette import PETROFF_10

RATE_PLAN_CHART: dict[str, Any] = {
    "mark": {"type": "line", "strokeWidth": 2, "color": PETROFF_10[0], "interpolate": "step-after"},
    "padding": {"left": 0, "right": 8, "top": 4, "bottom": 0},
    "encoding": {
        "x": {
            "field": "share",
            "type": "quantitative",
            "title": "share of the run",
            "axis": {"format": ".0%", "tickCount": 4, "grid": False},
        },
        "y": {
            "field": "rate",
            "type": "quantitative",
            "title": None,
            "scale": {"domainMin": 0},
            "axis": {"format": "~g", "tickCount": 3},
        },
        "tooltip": [
            {"field": "share", "type": "quantitative", "format": ".0%", "title": "share of the run"},
            {"field": "rate", "type": "quantitative", "format": ".3~g", "title": "learning rate"},
        ],
    },
}
