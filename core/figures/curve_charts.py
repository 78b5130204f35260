"""The charts of learning curves, in Vega-Lite: constants, so that a browser redraws in place when points come."""

from functools import cache
from typing import Any

from core.figures.curves import AXES, LABELS
from core.figures.palette import SPLIT_COLOURS
from core.training.runs.curves import RUNNING, TRAINING, VALIDATION

# readable from the back of a lecture hall
TITLE, TEXT, MARK = 18, 15, 14  # font sizes in pixels
WIDE, FAINT = 2.5, 0.3
RULE = "gray"  # Streamlit takes this word for the grey of its theme, light or dark

_COLOURS = {
    RUNNING: SPLIT_COLOURS["train"],
    VALIDATION: SPLIT_COLOURS["validation"],
    TRAINING: SPLIT_COLOURS["train"],
}
_DASHES = {RUNNING: [1, 0], VALIDATION: [1, 0], TRAINING: [6, 4]}


@cache
def loss_chart(axis: str, log: bool = False, evaluated: bool = False) -> dict[str, Any]:
    """The loss over `axis`, a key of AXES; with that of training evaluated, if wished. Raises KeyError."""
    return _curves("loss", "Loss (cross-entropy)", "~g", axis, log, evaluated)


@cache
def accuracy_chart(axis: str, evaluated: bool = False) -> dict[str, Any]:
    """The accuracy over `axis`; with that of training evaluated, if wished. Raises KeyError."""
    return _curves("accuracy", "Accuracy", ".0%", axis, False, evaluated)


@cache
def rate_chart(axis: str) -> dict[str, Any]:
    """The learning rate over `axis`, as the steps had it. Raises KeyError."""
    y = {
        "field": "learning_rate",
        "type": "quantitative",
        "title": None,
        "scale": {"zero": True},
        "axis": {"format": "~g", "tickCount": 3, "labelFontSize": TEXT},
    }
    line = {
        "transform": [{"filter": f"datum.series === '{LABELS[RUNNING]}'"}],
        "mark": {"type": "line", "strokeWidth": WIDE, "interpolate": "step-after"},
        "encoding": {"y": y, "color": {"value": "violet"}},
    }
    return _chart("Learning rate", axis, [line])


def _curves(field: str, title: str, number: str, axis: str, log: bool, evaluated: bool) -> dict[str, Any]:
    shown = [series for series in LABELS if evaluated or series != TRAINING]
    names = [LABELS[series] for series in shown]
    some = f"indexof({names}, datum.series) >= 0" + (f" && datum.{field} > 0" if log else "")
    scale = {"type": "log", "nice": False} if log else {"zero": False}

    def y(name: str) -> dict[str, Any]:
        return {
            "field": name,
            "type": "quantitative",
            "title": None,
            "scale": scale,
            "axis": {"format": number, "tickCount": 5, "labelFontSize": TEXT},
        }

    legend = {
        "orient": "top",
        "columns": 2,
        "labelFontSize": TEXT,
        "symbolType": "stroke",
        "symbolStrokeWidth": 3,
        "symbolOpacity": 1,
        "symbolSize": 300,
        "offset": 4,
        "padding": 0,
        "labelLimit": 260,
    }
    colour = {
        "field": "series",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [_COLOURS[series] for series in shown]},
        "legend": legend,
    }
    dash = {
        "field": "series",
        "type": "nominal",
        "title": None,
        "scale": {"domain": names, "range": [_DASHES[series] for series in shown]},
        "legend": legend,
    }
    raw = {
        "transform": [{"filter": f"{some} && datum.series === '{LABELS[RUNNING]}'"}],
        "mark": {"type": "line", "strokeWidth": 1.5, "opacity": FAINT},
        "encoding": {"y": y(field), "color": colour},
    }
    lines = {
        "transform": [{"filter": some}],
        "mark": {"type": "line", "strokeWidth": WIDE},
        "encoding": {"y": y(f"{field}_smooth"), "color": colour, "strokeDash": dash},
    }
    points = {
        "transform": [{"filter": f"{some} && datum.series !== '{LABELS[RUNNING]}'"}],
        "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.75},
        "encoding": {"y": y(field), "color": colour},
    }
    marks = _marks(top=field == "loss")  # losses fall, and accuracies rise
    return _chart(title, axis, [raw, lines, points, *marks, _near(some, y(field), colour)])


def _chart(title: str, axis: str, layers: list[dict[str, Any]]) -> dict[str, Any]:
    x = {
        "field": "x",
        "type": "quantitative",
        "title": AXES[axis].title,
        "scale": {"nice": False},
        "axis": {
            "grid": False,
            "tickCount": 6,
            "format": "~s" if axis in ("step", "images") else ",~f",
            "titlePadding": 4,
            "titleFontSize": TEXT,
            "labelFontSize": TEXT,
        },
    }
    reach = {
        "transform": [{"filter": "!isValid(datum.series)"}],
        "mark": {"type": "point", "opacity": 0, "tooltip": None},
    }
    return {
        "title": {"text": title, "anchor": "start", "offset": 6, "fontSize": TITLE},
        "padding": {"left": 0, "right": 12, "top": 0, "bottom": 0},
        "usermeta": {
            "embedOptions": {"renderer": "canvas"}
        },  # a look costs the browser a fifth less than as SVG
        "encoding": {"x": x},
        "layer": [reach, *layers],
    }


def _marks(top: bool) -> list[dict[str, Any]]:
    """A line at each mark and its label, at the top or at the bottom of the chart: where its curves seldom are."""
    rule = {
        "transform": [{"filter": "isValid(datum.label)"}],
        "mark": {"type": "rule", "strokeWidth": 1.5, "strokeDash": [5, 3], "tooltip": None},
        "encoding": {"color": {"value": RULE}},
    }
    return [rule, _label("right", "left", 5, top), _label("left", "right", -5, top)]


def _label(side: str, align: str, dx: int, top: bool) -> dict[str, Any]:
    lines = f"{MARK + 3} * datum.line"
    mark = {
        "type": "text",
        "align": align,
        "baseline": "top" if top else "bottom",
        "dx": dx,
        "dy": {"expr": f"2 + {lines}" if top else f"-2 - {lines}"},
        "fontSize": MARK,
        "tooltip": None,
    }
    return {
        "transform": [{"filter": f"datum.side === '{side}'"}],
        "mark": mark,
        "encoding": {
            "y": {"value": 0 if top else "height"},
            "text": {"field": "label", "type": "nominal"},
            "color": {"value": RULE},
        },
    }


def _near(some: str, y: dict[str, Any], colour: dict[str, Any]) -> dict[str, Any]:
    """The point next to the pointer, with its numbers."""
    tooltip = [
        {"field": "series", "type": "nominal", "title": "split"},
        {"field": "epoch", "type": "quantitative", "format": ".2f"},
        {"field": "step", "type": "quantitative", "format": ","},
        {"field": "seconds", "type": "quantitative", "format": ".1f"},
        {"field": "loss", "type": "quantitative", "format": ".4f"},
        {"field": "accuracy", "type": "quantitative", "format": ".2%"},
        {"field": "learning_rate", "type": "quantitative", "format": ".4~g", "title": "learning rate"},
        {"field": "images", "type": "quantitative", "format": ",", "title": "mean over images"},
    ]
    near = {
        "name": "near",
        "select": {"type": "point", "nearest": True, "on": "pointerover", "clear": "pointerout"},
    }
    return {
        "transform": [{"filter": some}],
        "params": [near],
        "mark": {"type": "point", "size": 90, "filled": True},
        "encoding": {
            "y": y,
            "color": colour,
            "tooltip": tooltip,
            "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
        },
    }
