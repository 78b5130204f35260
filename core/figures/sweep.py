"""The runs of a sweep as points, and the mean ± standard deviation of each combination, as Vega-Lite charts.

A chart depends on the sweep's settings only, and its table on the results, so that a browser redraws in place.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.figures.palette import PETROFF_10
from core.training.sweeps.results import QUANTITIES, Results
from core.training.sweeps.settings import SWEPT

SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)
FLAT_LABELS = 5  # more of them below the x-axis stand aslant
X_AXES = {
    "setting": "Setting",
    "parameters": "Parameters",
    "seconds": "Seconds",
}  # what accuracy is drawn against
_COLUMNS = ("setting", "second", "third", "series", "name")


def sweep_table(results: Results, accuracy: str) -> pd.DataFrame:
    """A row for each completed run (mark "run") and for each combination that has one (mark "mean").

    Columns: mark; setting, second and third, the values on the axes ("" without such an axis); accuracy (0–1), of
    the split that `accuracy` names ("validation" or "test"); low and high, mean ∓ standard deviation, which are
    empty for runs and where one seed tells no spread; seconds, parameters, seeds, seed and run.
    """
    rows: list[dict[str, Any]] = []
    value = QUANTITIES[accuracy].value
    for group in results.groups:
        texts = (*group.texts, "", "", "")
        place = dict(zip(_COLUMNS, (*texts[:3], ", ".join(group.texts[1:]), group.name), strict=True))
        for run in group.completed:
            rows.append(
                {
                    **place,
                    "mark": "run",
                    "accuracy": value(run),
                    "seconds": run.seconds,
                    "parameters": run.parameters,
                    "seed": run.request.config.seed,
                    "run": run.number,
                }
            )
        if spread := group.spread(accuracy):
            seconds, parameters = group.spread("seconds"), group.spread("parameters")
            rows.append(
                {
                    **place,
                    "mark": "mean",
                    "accuracy": spread.mean,
                    "low": None if spread.deviation is None else spread.mean - spread.deviation,
                    "high": None if spread.deviation is None else spread.mean + spread.deviation,
                    "seconds": seconds.mean if seconds else None,
                    "parameters": parameters.mean if parameters else None,
                    "seeds": len(spread.values),
                }
            )
    numbers = ("accuracy", "low", "high", "seconds", "parameters", "seeds", "seed", "run")
    table = pd.DataFrame(rows, columns=[*_COLUMNS, "mark", *numbers])
    return table.astype(dict.fromkeys(numbers, float))


def sweep_chart(results: Results, x: str) -> dict[str, Any]:
    """Accuracy against a key of X_AXES; the second setting as colour, the third as shape.

    Against parameters or seconds the first setting has the colour, the second the shape.
    """
    labels = [SWEPT[axis.setting].label for axis in results.axes]
    texts = [[SWEPT[axis.setting].text(value) for value in axis.values] for axis in results.axes]
    told = [("setting", "second", "third")[i] for i in range(len(labels))]
    across: dict[str, Any]
    if x == "setting":
        across = {
            "field": "setting",
            "type": "nominal",
            "title": labels[0] if labels else None,
            "sort": texts[0] if texts else None,
            "axis": {
                "labelAngle": -30 if texts and len(texts[0]) > FLAT_LABELS else 0,
                "labelLimit": 110,
                "labelOverlap": False,
                "titlePadding": 4,
            },
        }
        offset = (
            {"xOffset": {"field": "series", "type": "nominal", "sort": _series(texts[1:])}}
            if told[1:]
            else {}
        )
        marks = list(zip(told[1:], labels[1:], texts[1:], strict=True))
    else:
        across = {
            "field": x,
            "type": "quantitative",
            "title": "parameters" if x == "parameters" else "seconds of training",
            "scale": {"zero": False, "nice": True, "padding": 12},
            "axis": {"grid": False, "tickCount": 6, "titlePadding": 4, "format": "~s"},
        }
        offset = {}
        marks = list(zip(told, labels, texts, strict=True))
    colour, shape = _channel(marks[:1], "color"), _channel(marks[1:2], "shape")
    base = {"x": across, **offset}
    y = {
        "field": "accuracy",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": False, "padding": 8},
        "axis": {"format": ".1%", "tickCount": 6},
    }
    return {
        "title": {
            "text": "Accuracy: mean ± standard deviation, and each run",
            "anchor": "start",
            "offset": 8,
        },
        "padding": {"left": 0, "right": 12, "top": 0, "bottom": 0},
        "encoding": base,
        "layer": [
            {
                "transform": [{"filter": "datum.mark === 'run'"}],
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.5},
                "encoding": {
                    "y": y,
                    **colour,
                    **shape,
                    "tooltip": _tooltip(told, labels, ("run", "run", ",d"), ("seed", "seed", "d")),
                },
            },
            {
                "transform": [{"filter": "datum.mark === 'mean' && isValid(datum.low)"}],
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": {"field": "low", "type": "quantitative"},
                    "y2": {"field": "high"},
                    **colour,
                },
            },
            {
                "transform": [{"filter": "datum.mark === 'mean'"}],
                "mark": {"type": "point", "size": 130, "strokeWidth": 2.5, "filled": False, "opacity": 1},
                "encoding": {
                    "y": y,
                    **colour,
                    **shape,
                    "tooltip": _tooltip(
                        told,
                        labels,
                        ("low", "mean − deviation", ".2%"),
                        ("high", "mean + deviation", ".2%"),
                        ("seeds", "seeds", "d"),
                    ),
                },
            },
        ],
    }


def _series(texts: list[list[str]]) -> list[str]:
    """All values of the second and third axis together, in order."""
    if len(texts) == 1:
        return texts[0]
    return [f"{second}, {third}" for second in texts[0] for third in texts[1]]


def _channel(marks: list[tuple[str, str, list[str]]], channel: str) -> dict[str, Any]:
    """The setting that has this channel, with its legend; nothing where there is none."""
    if not marks:
        return {"color": {"value": PETROFF_10[0]}} if channel == "color" else {}
    ((field, label, texts),) = marks
    everything = PETROFF_10 if channel == "color" else SHAPES
    wanted = [everything[i % len(everything)] for i in range(len(texts))]
    legend: dict[str, Any] = {
        "orient": "top",
        "offset": 4,
        "padding": 0,
        "labelLimit": 160,
        "symbolStrokeWidth": 2.5,
    }
    scale = {"domain": texts, "range": wanted}
    if channel == "shape":  # a grey that is seen on light and on dark; its own colour would be black
        legend |= {"symbolFillColor": PETROFF_10[3], "symbolStrokeColor": PETROFF_10[3]}
    return {channel: {"field": field, "type": "nominal", "title": label, "scale": scale, "legend": legend}}


def _tooltip(told: list[str], labels: list[str], *more: tuple[str, str, str]) -> list[dict[str, str]]:
    settings = [
        {"field": field, "type": "nominal", "title": label.lower()}
        for field, label in zip(told, labels, strict=True)
    ]
    numbers = (
        ("accuracy", "accuracy", ".2%"),
        *more,
        ("seconds", "seconds of training", ".1f"),
        ("parameters", "parameters", ",d"),
    )
    return settings + [
        {"field": field, "type": "quantitative", "title": title, "format": number}
        for field, title, number in numbers
    ]
