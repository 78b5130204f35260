"""Learning curves: loss and accuracy of a run over its epochs, as Vega-Lite charts.

The charts are constants and only the table of points changes, so that a browser redraws in place.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.figures.palette import SPLIT_COLOURS
from core.training.runs.records import Metric

MOST_POINTS = 400  # of one curve; more than that many pixels are not there to tell them apart

SERIES = {  # (split, kind) → what the legend says
    ("train", "running"): "training (running)",
    ("validation", "evaluated"): "validation (evaluated)",
}
_FIELDS = ("epoch", "loss", "accuracy", "images")


def curve_table(metrics: Sequence[Metric], epochs: int) -> pd.DataFrame:
    """The points of a run's curves: columns series, epoch, loss, accuracy and images.

    Running values are means over neighbouring reports where there are too many, weighted by their images;
    evaluated ones are left out in between. Values that are not finite are left out. Two rows without a series
    say how far the x-axis reaches for a run of so many epochs.
    """
    tables = [_reach(metrics, epochs)]
    for (split, kind), label in SERIES.items():
        points = [m for m in metrics if (m.split, m.kind) == (split, kind)]
        values = np.array([[getattr(m, field) for field in _FIELDS] for m in points], np.float64)
        values = values.reshape(-1, len(_FIELDS))  # (points, fields), also without points
        values = values[np.isfinite(values).all(axis=1)]
        values = _averaged(values) if kind == "running" else _thinned(values)
        tables.append(pd.DataFrame(values, columns=list(_FIELDS)).assign(series=label))
    return pd.concat(tables, ignore_index=True)


def _reach(metrics: Sequence[Metric], epochs: int) -> pd.DataFrame:
    """Short runs show all their epochs from the start; of a long one the axis doubles when it is full."""
    reached = max((m.epoch for m in metrics), default=0.0)
    shown = 10
    while shown < reached:
        shown *= 2
    ends = [0.0, float(min(shown, epochs))]
    return pd.DataFrame({"epoch": ends, "loss": np.nan, "accuracy": np.nan, "images": np.nan, "series": None})


def _stride(count: int) -> int:
    """How many points become one: a power of two, so that those drawn stay where they are while more come."""
    stride = 1
    while count / stride > MOST_POINTS:
        stride *= 2
    return stride


def _averaged(values: np.ndarray) -> np.ndarray:
    """Means of neighbours, weighted by images, at the epoch where each group ends."""
    stride = _stride(len(values))
    if stride == 1:
        return values
    starts = np.arange(0, len(values), stride)
    ends = np.minimum(starts + stride, len(values)) - 1
    images = np.add.reduceat(values[:, 3], starts)
    means = np.add.reduceat(values[:, 1:3] * values[:, 3:], starts) / images[:, None]
    return np.column_stack([values[ends, 0], means, images])


def _thinned(values: np.ndarray) -> np.ndarray:
    """Every so-manieth point, counted from the first, and the last."""
    stride = _stride(len(values))
    chosen = np.arange(0, len(values), stride)
    return values[np.union1d(chosen, [len(values) - 1])] if len(values) else values


def _chart(field: str, title: str, number: str) -> dict[str, Any]:
    """Running training as a line, evaluated validation with points, and the point next to the mouse."""
    training, validation = SERIES.values()
    colours = [SPLIT_COLOURS["train"], SPLIT_COLOURS["validation"]]
    x = {
        "field": "epoch",
        "type": "quantitative",
        "title": "epoch",
        "scale": {"nice": False},
        "axis": {"grid": False, "tickCount": 6, "titlePadding": 4},
    }
    y = {
        "field": field,
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False},
        "axis": {"format": number, "tickCount": 6},
    }
    colour = {
        "field": "series",
        "type": "nominal",
        "title": None,
        "scale": {"domain": [training, validation], "range": colours},
        "legend": {
            "orient": "top",
            "symbolType": "stroke",
            "symbolStrokeWidth": 3,
            "offset": 6,
            "padding": 0,
        },
    }
    tooltip = [
        {"field": "series", "type": "nominal", "title": "split"},
        {"field": "epoch", "type": "quantitative", "format": ".2f"},
        {"field": "loss", "type": "quantitative", "format": ".4f"},
        {"field": "accuracy", "type": "quantitative", "format": ".2%"},
        {"field": "images", "type": "quantitative", "format": ",", "title": "mean over images"},
    ]
    near = {
        "name": "near",
        "select": {"type": "point", "nearest": True, "on": "pointerover", "clear": "pointerout"},
    }
    return {
        "title": {"text": title, "anchor": "start", "offset": 8},
        "padding": {"left": 0, "right": 12, "top": 0, "bottom": 0},
        "encoding": {"x": x},
        "layer": [
            {"transform": [_only(None)], "mark": {"type": "point", "opacity": 0, "tooltip": None}},
            {
                "transform": [_only(training)],
                "mark": {"type": "line", "strokeWidth": 1.5},
                "encoding": {"y": y, "color": colour},
            },
            {
                "transform": [_only(validation)],
                "mark": {"type": "line", "strokeWidth": 2, "point": {"size": 36, "filled": True}},
                "encoding": {"y": y, "color": colour},
            },
            {
                "transform": [{"filter": "isValid(datum.series)"}],
                "params": [near],
                "mark": {"type": "point", "size": 70, "filled": True},
                "encoding": {
                    "y": y,
                    "color": colour,
                    "tooltip": tooltip,
                    "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
                },
            },
        ],
    }


def _only(series: str | None) -> dict[str, str]:
    return {"filter": f"datum.series === '{series}'" if series else "!isValid(datum.series)"}


LOSS_CHART = _chart("loss", "Loss (cross-entropy)", ".4~g")
ACCURACY_CHART = _chart("accuracy", "Accuracy", ".0%")
