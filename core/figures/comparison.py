"""Learning curves of several runs in one picture, each in its run's colour, as Vega-Lite charts and as files.

The charts are constants and only the table of points changes, so that a browser redraws in place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import vl_convert

from core.figures.end_labels import heights
from core.figures.palette import RUN_COLOURS, run_colour
from core.training.reports.curves import SERIES, Curve
from core.training.runs.records import Run

MOST_RUNS = 12  # in one picture
HIGHEST = (
    5.0  # times the largest loss at a beginning: what leaps beyond is left out, or nothing else could be seen
)
MOST_POINTS = 1600  # of all curves together; more cost a browser time and show nothing new
DASHES = ([1, 0], [6, 3], [2, 3])  # colours repeat after ten runs: then lines are dashed, then dotted

AXES = {  # what x can be: a column of the table → the axis' title
    "epoch": "epoch",
    "step": "step",
    "seen": "training images seen",
    "seconds": "seconds of training",
}
MEASURES = {"loss": ("Loss (cross-entropy)", ".4~g"), "accuracy": ("Accuracy", ".0%")}  # y → title, numbers
TRAINING, VALIDATION = "training (running)", "validation (evaluated)"
Format = Literal["svg", "png"]


def comparison_table(
    runs: Sequence[Run], curves: Sequence[Mapping[tuple[str, str], Curve]], axis: str
) -> pd.DataFrame:
    """A row for each point that is drawn, and for each run's number at the end of its validation over `axis`.

    Running values are means over neighbours where there are too many, evaluated ones are left out in between.
    """
    most = max(MOST_POINTS // (2 * max(len(runs), 1)), 2)
    limit = highest_loss(curves)
    parts = [_NO_POINTS]
    for run, of_run in zip(runs, curves, strict=True):
        training, validation = (of_run[series].finite().below(limit) for series in SERIES)
        parts.append(_points(run, TRAINING, training.averaged(most)))
        parts.append(_points(run, VALIDATION, validation.thinned(most)))
    points = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in _NO_POINTS})
    return pd.concat([points, *(_labels(points, measure, axis) for measure in MEASURES)], ignore_index=True)


def _labels(points: pd.DataFrame, measure: str, axis: str) -> pd.DataFrame:
    """The rows of the numbers at the ends of the validation curves on one chart, beside or above each other."""
    ends = points[points["series"] == VALIDATION].drop_duplicates("run", keep="last")
    x, y = ends[axis].to_numpy(), ends[measure].to_numpy()
    if len(ends):
        y = heights(x, y, np.ptp(points[axis]), points[measure].min(), points[measure].max())
    kept = ends[["run", "colour", "mark", "dash"]]
    return kept.assign(**{"series": _label(measure), axis: x, measure: y}).reindex(columns=points.columns)


def _label(measure: str) -> str:
    """The series of these rows."""
    return f"label of {measure}"


def highest_loss(curves: Sequence[Mapping[tuple[str, str], Curve]]) -> float:
    """The largest loss that is drawn; infinite where no run has begun."""
    finite = (of_run[series].finite().column("loss") for of_run in curves for series in SERIES)
    return HIGHEST * max((float(losses[0]) for losses in finite if len(losses)), default=np.inf)


def leaping(runs: Sequence[Run], curves: Sequence[Mapping[tuple[str, str], Curve]]) -> list[Run]:
    """The runs of which not all losses are drawn, since they are above `highest_loss`."""
    limit = highest_loss(curves)
    return [
        run
        for run, of_run in zip(runs, curves, strict=True)
        if any((of_run[series].finite().column("loss") > limit).any() for series in SERIES)
    ]


def run_label(run: Run) -> str:
    """A run in a legend."""
    return f"Run {run.number} · {run.name}"


def run_dash(number: int) -> int:
    """Which of DASHES run `number` has."""
    return (number - 1) // len(RUN_COLOURS) % len(DASHES)


_WORDS, _NUMBERS = ("run", "colour", "series", "mark"), ("dash", *AXES, "loss", "accuracy", "images")
_NO_POINTS = {name: np.empty(0, object) for name in _WORDS} | {name: np.empty(0) for name in _NUMBERS}


def _points(run: Run, series: str, curve: Curve) -> dict[str, np.ndarray]:
    """The columns of one curve."""
    count = len(curve)
    columns = {
        name: curve.column(name) for name in ("epoch", "step", "seconds", "loss", "accuracy", "images")
    }
    return columns | {
        "run": np.full(count, run_label(run), object),
        "colour": np.full(count, run_colour(run.number), object),
        "series": np.full(count, series, object),
        "mark": np.full(count, str(run.number), object),
        "dash": np.full(count, run_dash(run.number)),
        "seen": curve.column("epoch") * (run.train_images or 0),
    }


def _chart(measure: str, axis: str, colour: dict[str, Any], dash: dict[str, Any]) -> dict[str, Any]:
    """Running training thin and pale, evaluated validation strong, its run's number at its end."""
    title, number = MEASURES[measure]
    x = {
        "field": axis,
        "type": "quantitative",
        "title": AXES[axis],
        "scale": {"nice": False},
        "axis": {
            "grid": False,
            "tickCount": 6,
            "titlePadding": 4,
            "format": "~s" if axis == "seen" else ",~f",
        },
    }
    y = {
        "field": measure,
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False},
        "axis": {"format": number, "tickCount": 6},
    }
    lines = {"x": x, "y": y, "color": colour, "strokeDash": dash, "detail": {"field": "run"}}
    points = {"x": x, "y": y, "color": colour}
    tooltip = [
        {"field": "run", "type": "nominal"},
        {"field": "series", "type": "nominal", "title": "split"},
        {"field": "epoch", "type": "quantitative", "format": ".2f"},
        {"field": "step", "type": "quantitative", "format": ","},
        {"field": "seconds", "type": "quantitative", "format": ".1f"},
        {"field": "loss", "type": "quantitative", "format": ".4f"},
        {"field": "accuracy", "type": "quantitative", "format": ".2%"},
    ]
    return {
        "title": {"text": title, "anchor": "start", "offset": 8},
        "padding": {"left": 0, "right": 24, "top": 0, "bottom": 5},
        "layer": [
            {
                "transform": [{"filter": f"datum.series === '{TRAINING}'"}],
                "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.45},
                "encoding": lines,
            },
            {
                "transform": [{"filter": f"datum.series === '{VALIDATION}'"}],
                "mark": {"type": "line", "strokeWidth": 2.2},
                "encoding": lines,
            },
            {
                "transform": [{"filter": f"datum.series === '{VALIDATION}'"}],
                "mark": {"type": "point", "size": 28, "filled": True, "opacity": 1},
                "encoding": {**points, "tooltip": tooltip},
            },
            {
                "transform": [{"filter": f"datum.series === '{_label(measure)}'"}],
                "mark": {"type": "text", "align": "left", "dx": 6, "fontWeight": "bold", "clip": False},
                "encoding": {**points, "text": {"field": "mark", "type": "nominal"}},
            },
        ],
    }


_DASH_SCALE = {"domain": list(range(len(DASHES))), "range": [list(dash) for dash in DASHES]}
CHARTS: dict[tuple[str, str], dict[str, Any]] = {  # (measure, axis) → a chart of `comparison_table`
    (measure, axis): _chart(
        measure,
        axis,
        {"field": "colour", "type": "nominal", "scale": None, "legend": None},
        {"field": "dash", "type": "nominal", "scale": _DASH_SCALE, "legend": None},
    )
    for measure in MEASURES
    for axis in AXES
}


def _heading(text: str) -> dict[str, Any]:
    """A chart's title as a layer: Vega puts a title above all numbers of the axis, so that two stand at two heights."""
    mark = {"type": "text", "align": "left", "fontSize": 13, "fontWeight": "bold"}
    place = {"x": {"value": 0}, "y": {"value": -16}, "text": {"value": text}}
    return {"data": {"values": [{}]}, "mark": mark, "encoding": place}


def curves_file(
    runs: Sequence[Run], curves: Sequence[Mapping[tuple[str, str], Curve]], axis: str, kind: Format
) -> bytes:
    """Loss and accuracy side by side with a legend, on white, as an SVG or PNG file; no network is needed."""
    labels = [run_label(run) for run in runs]
    legend = {
        "orient": "bottom",
        "columns": 3,
        "labelLimit": 300,
        "symbolType": "stroke",
        "symbolSize": 300,
        "symbolOpacity": 1,
        "symbolStrokeWidth": 2.2,
    }
    colour = {
        "field": "run",
        "type": "nominal",
        "title": None,
        "scale": {"domain": labels, "range": [run_colour(run.number) for run in runs]},
        "legend": legend,
    }
    dash = {
        "field": "run",
        "type": "nominal",
        "title": None,
        "scale": {"domain": labels, "range": [list(DASHES[run_dash(run.number)]) for run in runs]},
        "legend": legend,
    }
    table = comparison_table(runs, curves, axis)
    charts = [{**_chart(measure, axis, colour, dash), "width": 420, "height": 300} for measure in MEASURES]
    for chart in charts:
        chart.pop("padding")  # of the whole picture only
        chart["layer"].append(_heading(chart.pop("title")["text"]))
    picture = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",  # a name, which nobody fetches
        "background": "white",
        "padding": 12,
        "data": {"values": json.loads(table.to_json(orient="records"))},
        "hconcat": charts,
        "bounds": "flush",
        "spacing": 70,
        "title": {
            "text": "Thin: training, running. Strong, with points: validation, evaluated.",
            "anchor": "start",
            "fontSize": 11,
            "fontWeight": "normal",
            "offset": 10,
        },
        "config": {"view": {"stroke": None}, "legend": {"labelFontSize": 11}},
    }
    if kind == "svg":
        return vl_convert.vegalite_to_svg(picture).encode("utf-8")
    return vl_convert.vegalite_to_png(picture, scale=2)
