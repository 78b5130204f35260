"""The tables behind the two charts of a descent."""

import math
from dataclasses import replace

import pytest

from core.autograd.play.descent import Path
from core.autograd.play.landscape import Landscape
from core.figures.autograd.contours import contour_segments
from core.figures.autograd.descent import (
    COLOURS,
    loss_chart,
    loss_table,
    map_chart,
    map_table,
)


def bowl(points: int = 21) -> Landscape:
    """x² + y² over −2 … 2."""
    side = tuple(-2 + 4 * i / (points - 1) for i in range(points))
    return Landscape(side, side, tuple(tuple(x * x + y * y for x in side) for y in side))


def path(*points: tuple[float, float], method: str = "descent") -> Path:
    losses = tuple(x * x + y * y for x, y in points)
    return Path(method, losses, points, tuple((2 * x, 2 * y) for x, y in points), None)


def test_contours_of_a_bowl_are_circles() -> None:
    segments = contour_segments(bowl())
    levels = {segment["loss"] for segment in segments}
    assert len(levels) == 14
    for segment in segments:
        for x, y in ((segment["x"], segment["y"]), (segment["x2"], segment["y2"])):
            # between two grid points 0.2 apart a chord of x² errs by at most 0.1² on each axis
            assert x * x + y * y == pytest.approx(segment["loss"], abs=0.0201)


def test_contours_close_up_at_the_bottom_and_skip_what_is_not_finite() -> None:
    flat = Landscape((0.0, 1.0), (0.0, 1.0), ((3.0, 3.0), (3.0, 3.0)))
    assert contour_segments(flat) == []
    holed = Landscape((0.0, 1.0, 2.0), (0.0, 1.0), ((math.nan, 1.0, 2.0), (0.0, 3.0, 4.0)))
    assert all(segment["x"] >= 1.0 for segment in contour_segments(holed))


def test_arrows_point_against_the_gradient() -> None:
    table = map_table(bowl(), [path((1.0, 1.0), (0.5, 0.0))], now=0)
    arrows = table[table.kind == "arrow"].to_dict("records")
    assert len(arrows) == 2
    first, second = arrows
    assert first["x2"] - first["x"] == pytest.approx(first["y2"] - first["y"]) and first["x2"] < first["x"]
    assert second["y2"] == pytest.approx(0.0) and second["x2"] < second["x"]
    heads = table[table.kind == "head"].angle.tolist()
    assert heads == pytest.approx([-135.0, -90.0])  # to the lower left; to the left
    assert table[table.kind == "now"][["x", "y"]].to_numpy().tolist() == [[1.0, 1.0]]


def test_other_optimizers_have_an_arrow_at_the_chosen_step_only() -> None:
    table = map_table(bowl(), [path((1.0, 1.0), (0.5, 0.5), (0.2, 0.2), method="adam")], now=1)
    assert table[table.kind == "arrow"].x.tolist() == [0.5]


def test_a_path_ends_where_it_leaves_the_map() -> None:
    table = map_table(bowl(), [path((1.0, 0.0), (5.0, 0.0), (-20.0, 0.0))], now=9)
    assert table[table.kind == "path"].x.tolist() == pytest.approx([1.0, 2.0])  # cut at the border
    endless = map_table(bowl(), [path((1.0, 0.0), (math.inf, 0.0))], now=9)
    assert endless[endless.kind == "path"].x.tolist() == [1.0]


def test_a_diverging_loss_does_not_press_the_others_flat() -> None:
    fine = path((2.0, 0.0), (1.0, 0.0))
    wild = replace(path((2.0, 0.0), (3.0, 0.0), (9.0, 0.0), method="adam"), diverged=2)
    table = loss_table([fine, wild], now=1)
    lines = table[table.kind == "line"]
    assert lines[lines.method == "Gradient descent"].loss.tolist() == [4.0, 1.0]
    # 81 is far above the ceiling 4 + 2 · 4: the line from 9 to 81 passes 12 after 3 / 72 of the way
    assert lines[lines.method == "Adam"].loss.tolist() == [4.0, 9.0, 12.0]
    assert lines[lines.method == "Adam"].step.tolist() == pytest.approx([0, 1, 1 + 3 / 72])
    assert sorted(table[table.kind == "now"].loss) == [1.0, 9.0]


def test_the_charts_are_the_same_at_every_step() -> None:
    assert loss_chart() == loss_chart()
    assert map_chart("a", "b") == map_chart("a", "b")
    assert len(set(COLOURS.values())) == 3
