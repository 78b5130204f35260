"""Descent as two Vega-Lite charts: the loss over the steps, and the paths over the contour map of the loss.

The specifications are constants (but for the names on the axes) and only the tables change, so that a browser
redraws in place.
"""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from core.autograd.play.descent import METHODS, Path
from core.autograd.play.landscape import Landscape
from core.figures.autograd.contours import contour_segments
from core.figures.palette import PETROFF_10

SIZE = 320  # width and height of the map, in pixels
ARROW = 0.07  # length of a gradient arrow, in widths of the map
COLOURS = dict(zip(METHODS, (PETROFF_10[0], PETROFF_10[6], PETROFF_10[4]), strict=True))
_METHOD = {
    "field": "method", "type": "nominal", "title": None,
    "scale": {"domain": [method.title for method in METHODS.values()], "range": list(COLOURS.values())},
}  # fmt: skip


def loss_table(paths: Sequence[Path], now: int) -> pd.DataFrame:
    """Columns method, step, loss and kind ("line", or "now" for step `now`).

    A line that leaves for far above the start ends at a ceiling: the rest would press all others flat.
    """
    first = paths[0].losses[0]
    kept = [loss for path in paths for loss in path.losses if path.diverged is None]
    ceiling = first + 2 * max(abs(first), first - min(kept, default=first), 1e-3)
    ceiling = max([ceiling, *kept])
    rows = []
    for path in paths:
        title = METHODS[path.method].title
        for step, loss in enumerate(path.losses):
            if not (math.isfinite(loss) and loss <= ceiling):
                if step and loss > ceiling:  # where the line passes the ceiling, infinity too
                    before = path.losses[step - 1]
                    share = (ceiling - before) / (loss - before)
                    rows.append({"method": title, "step": step - 1 + share, "loss": ceiling, "kind": "line"})
                break
            rows.append({"method": title, "step": step, "loss": loss, "kind": "line"})
            if step == now:
                rows.append({"method": title, "step": step, "loss": loss, "kind": "now"})
    return pd.DataFrame(rows, columns=["method", "step", "loss", "kind"])


def loss_chart() -> dict[str, Any]:
    """The loss over the steps, one line for each optimizer."""
    x = {"field": "step", "type": "quantitative", "axis": {"grid": False, "tickMinStep": 1},
         "scale": {"nice": False}}  # fmt: skip
    y = {"field": "loss", "type": "quantitative", "scale": {"zero": False}}
    tooltip = [{"field": "method"}, {"field": "step"}, {"field": "loss", "format": ".5~g"}]
    return {
        "height": 300,
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2, "point": {"size": 14}},
             "transform": [{"filter": "datum.kind === 'line'"}],
             "encoding": {"x": x, "y": y, "color": _legend(), "tooltip": tooltip}},
            {"mark": {"type": "point", "size": 130, "filled": True, "opacity": 1},
             "transform": [{"filter": "datum.kind === 'now'"}],
             "encoding": {"x": x, "y": y, "color": _legend(), "tooltip": tooltip}},
        ],
    }  # fmt: skip


def _legend() -> dict[str, Any]:
    return {**_METHOD, "legend": {"orient": "top", "title": None}}


def map_chart(x_name: str, y_name: str) -> dict[str, Any]:
    """Contour lines, the paths, at each step an arrow against the gradient, and where each is now."""

    def axis(name: str, other: str) -> dict[str, Any]:
        return {"field": other, "type": "quantitative", "title": name,
                "scale": {"zero": False, "nice": False}, "axis": {"grid": False, "tickCount": 6}}  # fmt: skip

    x, y, ends = axis(x_name, "x"), axis(y_name, "y"), {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    at = {"x": x, "y": y, "color": {**_METHOD, "legend": None}}
    tooltip = [{"field": "method"}, {"field": "step"}, {"field": "loss", "format": ".5~g"},
               {"field": "x", "title": x_name, "format": ".5~g"},
               {"field": "y", "title": y_name, "format": ".5~g"}]  # fmt: skip
    # without the darkest part, which would be lost on a dark page
    colours = {"scheme": {"name": "viridis", "extent": [0.3, 0.95]}}
    level = {"field": "loss", "type": "quantitative", "scale": colours,
             "legend": {"title": "loss", "gradientLength": 200, "format": ".3~g"}}  # fmt: skip

    def layer(kind: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
        return {"mark": mark, "transform": [{"filter": f"datum.kind === '{kind}'"}], "encoding": encoding}

    return {
        "width": SIZE,
        "height": SIZE,
        "autosize": "pad",
        "resolve": {"scale": {"color": "independent"}},
        "layer": [
            layer("contour", {"type": "rule", "strokeWidth": 1.3, "opacity": 0.75},
                  {"x": x, "y": y, **ends, "color": level}),
            layer("path", {"type": "line", "strokeWidth": 2},
                  {**at, "order": {"field": "step", "type": "quantitative"}}),
            layer("arrow", {"type": "rule", "strokeWidth": 1.2, "opacity": 0.8}, {**at, **ends}),
            layer("head", {"type": "point", "shape": "triangle", "filled": True, "size": 45, "opacity": 0.9},
                  {**at, "angle": {"field": "angle", "type": "quantitative", "scale": None}}),
            layer("path", {"type": "point", "filled": True, "size": 24, "opacity": 1},
                  {**at, "tooltip": tooltip}),
            layer("now", {"type": "point", "filled": True, "size": 150, "opacity": 1},
                  {**at, "tooltip": tooltip}),
        ],
    }  # fmt: skip


def map_table(land: Landscape, paths: Sequence[Path], now: int) -> pd.DataFrame:
    """Contour segments, paths as far as they stay on the map, arrows, and the points of step `now`."""
    rows = contour_segments(land)
    for path in paths:
        title = METHODS[path.method].title
        for step, ((x, y), loss) in enumerate(zip(path.points, path.losses, strict=True)):
            if not (land.xs[0] <= x <= land.xs[-1] and land.ys[0] <= y <= land.ys[-1]):
                rows += _last_stretch(land, path, step, title)
                break
            place = {"method": title, "step": step, "loss": loss, "x": x, "y": y}
            rows.append({"kind": "path", **place})
            if step == now:
                rows.append({"kind": "now", **place})
            if step == now or path.method == "descent":  # the others do not step along their arrows
                rows += _arrow(land, (x, y), path.gradients[step], title)
    columns = ["kind", "method", "step", "loss", "x", "y", "x2", "y2", "angle"]
    return pd.DataFrame(rows, columns=columns)


def _last_stretch(land: Landscape, path: Path, step: int, title: str) -> list[dict[str, Any]]:
    """The part of the step that leaves the map which still lies on it."""
    if step == 0:
        return []
    before, after = path.points[step - 1], path.points[step]
    share = 1.0
    for axis, side in ((0, land.xs), (1, land.ys)):
        way = after[axis] - before[axis]
        for border in (side[0], side[-1]):
            if way and math.isfinite(way) and (border - before[axis]) / way > 0:
                share = min(share, (border - before[axis]) / way)
    if not all(map(math.isfinite, after)):
        return []
    x, y = (before[axis] + share * (after[axis] - before[axis]) for axis in (0, 1))
    return [{"kind": "path", "method": title, "step": step, "loss": path.losses[step], "x": x, "y": y}]


def _arrow(
    land: Landscape, point: tuple[float, ...], gradient: tuple[float, ...], title: str
) -> list[dict[str, Any]]:
    """From `point` against the gradient, all of one length on the screen; none where there is no slope."""
    wide, high = land.xs[-1] - land.xs[0], land.ys[-1] - land.ys[0]
    right, up = -gradient[0] / wide, -gradient[1] / high  # in the direction that is drawn
    size = math.hypot(right, up)
    if not math.isfinite(size) or size == 0:
        return []
    end = {"x2": point[0] + ARROW * right / size * wide, "y2": point[1] + ARROW * up / size * high}
    if not (land.xs[0] <= end["x2"] <= land.xs[-1] and land.ys[0] <= end["y2"] <= land.ys[-1]):
        return []
    angle = math.degrees(math.atan2(right, up))  # clockwise from upwards, as Vega turns its triangle
    return [
        {"kind": "arrow", "method": title, "x": point[0], "y": point[1], **end},
        {"kind": "head", "method": title, "x": end["x2"], "y": end["y2"], "angle": angle},
    ]
