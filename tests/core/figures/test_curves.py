"""What the learning curves draw: true means, few points, in their places, marks, and charts that stay the same."""

import base64
import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.figures.curve_charts import accuracy_chart, loss_chart, rate_chart
from core.figures.curves import AXES, COLUMNS, LABELS, MOST_POINTS, Mark, curve_figure, marks, smoothed
from core.figures.palette import SPLIT_COLOURS
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig
from core.training.observations import Change
from core.training.runs.curves import RUNNING, TRAINING, VALIDATION, Curves, Series
from core.training.runs.records import Run

ASKED = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig(epochs=5))
RUN = Run(
    *("a1", 7, "LeNet", "", ASKED, "running", "", 1, "CPU", 0, 0, 500, 900.0, 1.0, None),
    *(431_080, 1_000, None, None, 0.0, 0.0, None, "float32", 100, None, None, None, None, None, None),
    *(None, "", None, None),
)
Point = tuple[float, ...]


def point(step: int, loss: float, epoch: float | None = None, images: int = 64) -> Point:
    """A point of a run with a hundred steps an epoch and ten a second."""
    return (step, step / 100 if epoch is None else epoch, step / 10, loss, 0.5, images, 1e-3)


def curves(running: list[Point] = [], **others: list[Point]) -> Curves:  # noqa: B006
    names: dict[str, Series] = {"validation": VALIDATION, "training": TRAINING}
    groups = {RUNNING: running} | {names[name]: points for name, points in others.items()}
    return Curves(1, {series: np.array(points, np.float64) for series, points in groups.items() if points})


Figure = dict[str, Any]


def unpacked(figure: Figure, series: Series) -> np.ndarray:
    """The points of a series (n, COLUMNS) as a browser reads them."""
    points = figure["series"][LABELS[series]]
    return np.frombuffer(base64.b64decode(points["values"]), "<f4").reshape(points["shape"])


def drawn(figure: Figure, series: Series = RUNNING, column: str = "loss") -> list[tuple[float, float]]:
    points = unpacked(figure, series)
    places, values = (points[:, COLUMNS.index(name)] for name in ("x", column))
    # to the digits that float32 holds
    return [(float(f"{x:.7g}"), float(f"{y:.7g}")) for x, y in zip(places, values, strict=True)]


def over_epochs(known: Curves, smoothing: float = 0.0) -> Figure:
    return curve_figure(known, RUN, "epoch", smoothing)


def test_few_points_are_drawn_as_they_are() -> None:
    known = curves([point(1, 2.3), point(50, 1.5)], validation=[point(100, 0.9)], training=[point(100, 0.8)])
    assert drawn(over_epochs(known)) == [(0.01, 2.3), (0.5, 1.5)]
    assert drawn(over_epochs(known), VALIDATION) == [(1.0, 0.9)]
    assert drawn(over_epochs(known), TRAINING) == [(1.0, 0.8)]
    assert drawn(over_epochs(known), column="loss_smooth") == [(0.01, 2.3), (0.5, 1.5)]


def test_many_points_become_means_weighted_by_images() -> None:
    points = [point(i, float(i), images=64 if i % 2 else 192) for i in range(1, MOST_POINTS + 2)]
    found = drawn(over_epochs(curves(points)))
    # 401 points become pairs: losses 1 and 2 of 64 and 192 images have the mean (64·1 + 192·2) / 256 = 1.75
    assert found[0] == (0.02, 1.75)
    assert found[1] == (0.04, 3.75)
    assert found[-1] == (4.01, 401.0)  # the odd one stays alone
    assert len(found) == 201


@pytest.mark.parametrize("count", [399, 400, 401, 5_000, 12_345])
def test_never_more_than_a_screen_can_show(count: int) -> None:
    points = [point(i, 1.0) for i in range(1, count + 1)]
    figure = over_epochs(curves(points, validation=points))
    assert 200 <= len(drawn(figure)) <= MOST_POINTS
    assert 200 <= len(drawn(figure, VALIDATION)) <= MOST_POINTS + 1  # and the last one


@pytest.mark.parametrize("smoothing", [0.0, 0.9])
def test_groups_stay_where_they_are_while_points_come(smoothing: float) -> None:
    points = [point(i, math.sin(i)) for i in range(1, 1200)]
    for column in ("loss", "loss_smooth"):
        earlier = drawn(over_epochs(curves(points[:1000]), smoothing), column=column)
        later = drawn(over_epochs(curves(points), smoothing), column=column)
        assert later[: len(earlier) - 1] == earlier[:-1]  # only the last, unfilled group may change


def test_evaluations_are_never_averaged() -> None:
    points = [point(i, float(i)) for i in range(1, 1001)]
    found = drawn(over_epochs(curves(validation=points)), VALIDATION)
    assert {loss for _, loss in found} <= {float(i) for i in range(1, 1001)}
    assert found[-1] == (10.0, 1000.0)


def test_what_is_not_finite_is_left_out() -> None:
    known = curves([point(1, 2.0), point(2, math.nan), point(3, math.inf), point(4, 1.0)])
    assert drawn(over_epochs(known)) == [(0.01, 2.0), (0.04, 1.0)]


def test_smoothing_by_hand() -> None:
    # w = 0.5: s = 0.5·0 + 0.5·4 = 2, 0.5·2 + 0.5·2 = 2, 0.5·2 + 0.5·6 = 4;
    # divided by 1 − 0.5, 1 − 0.25, 1 − 0.125: 4, 8/3, 32/7
    assert smoothed(np.array([4.0, 2.0, 6.0]), 0.5).tolist() == pytest.approx([4, 8 / 3, 32 / 7])
    assert smoothed(np.array([4.0, 2.0]), 0.0).tolist() == [4, 2]
    assert smoothed(np.array([]), 0.5).tolist() == []


def test_smoothing_is_the_recurrence_that_tensorboard_runs() -> None:
    values = np.random.default_rng(0).normal(size=500)
    for weight in (0.1, 0.6, 0.99):
        last, expected = 0.0, []
        for n, value in enumerate(values, start=1):
            last = last * weight + (1 - weight) * value
            expected.append(last / (1 - weight**n))
        assert smoothed(values, weight) == pytest.approx(expected)


def test_smoothing_leaves_the_points_themselves() -> None:
    figure = over_epochs(curves([point(1, 4.0), point(2, 2.0)]), 0.5)
    assert [loss for _, loss in drawn(figure)] == [4.0, 2.0]
    assert [loss for _, loss in drawn(figure, column="loss_smooth")] == pytest.approx([4.0, 8 / 3])


@pytest.mark.parametrize(("axis", "x"), [("step", 150), ("epoch", 1.5), ("images", 1_500), ("seconds", 15)])
def test_the_same_point_on_each_axis(axis: str, x: float) -> None:
    assert drawn(curve_figure(curves([point(150, 1.0)]), RUN, axis)) == [(x, 1.0)]


@pytest.mark.parametrize(
    ("axis", "reached", "epochs", "end"),
    [
        ("epoch", 0, 5, 5),
        ("epoch", 3, 8, 8),
        ("epoch", 1, 300, 10),
        ("epoch", 11, 300, 20),
        ("epoch", 290, 300, 300),
        ("seconds", 1, 5, 10),  # 1 epoch is 10 s
        ("seconds", 3, 5, 40),  # no end is known: 30 s, doubled from 10
        ("step", 1, 5, 500),
        ("images", 1, 5, 5_000),
    ],
)
def test_the_axis_is_known_before_the_points_are(axis: str, reached: int, epochs: int, end: float) -> None:
    known = curves([point(100 * reached, 1.0)] if reached else [])
    run = replace(RUN, request=replace(ASKED, config=TrainingConfig(epochs=epochs)))
    assert curve_figure(known, run, axis)["reach"] == end


def test_a_run_that_has_ended_fills_the_axis() -> None:
    assert curve_figure(curves([point(130, 1.0)]), replace(RUN, state="stopped"), "epoch")["reach"] == 1.3


def test_no_points_yet() -> None:
    run = replace(RUN, state="queued", train_images=None, total_steps=None)
    figure = curve_figure(Curves(), run, "images")
    assert figure["reach"] == AXES["images"].shortest
    assert not any(drawn(figure, series) for series in LABELS)


def test_marks_name_what_changed() -> None:
    changes = [
        Change(40, 0.4, 4.0, "learning_rate", 1e-3, 1e-4, "person"),
        Change(90, 0.9, 9.0, "batch_size", 64, 128, "person"),
        Change(100, 1.0, 10.0, "learning_rate", 1e-4, 5e-5, "plateau"),
        Change(110, 1.1, 11.0, "learning_rate", 0.0153514, 0.003, "person"),
        Change(120, 1.2, 12.0, "batch_size", 128, 16384, "person"),
    ]
    forked = replace(RUN, request=replace(ASKED, fork=Fork("b2", 20, "adam")))
    assert marks(forked, changes, parent=3) == [
        Mark(20, "forked from run 3"),
        Mark(40, "rate 0.001 → 0.0001"),
        Mark(90, "batch 64 → 128"),
        Mark(100, "rate 0.0001 → 5e-05 (plateau)"),
        Mark(110, "rate 0.0154 → 0.003"),
        Mark(120, "batch 128 → 16384"),
    ]
    planned = [
        Change(4, 1.0, 0.5, "first_learns", 0, 1, "plan"),
        Change(6, 1.5, 0.7, "first_learns", 1, 2, "plan"),
        Change(8, 2.0, 0.9, "easy_seen", 1.0, 0.25, "plan"),
    ]
    assert marks(RUN, planned) == [
        Mark(4, "first layer frozen"),
        Mark(6, "2 layers frozen"),
        Mark(8, "easy images left out"),
    ]
    assert marks(replace(RUN, state="diverged", step=9), []) == [Mark(9, "loss not a number")]
    assert marks(RUN, []) == []


def test_marks_stand_where_they_happened_and_make_room_for_each_other() -> None:
    known = curves([point(0, 2.0), point(100, 1.0), point(200, 1.0), point(400, 1.0)])
    moments = [Mark(50, "a"), Mark(60, "b"), Mark(390, "c")]
    for axis, places in {"epoch": [0.5, 0.6, 3.9], "seconds": [5, 6, 39], "step": [50, 60, 390]}.items():
        found = curve_figure(known, RUN, axis, marked=moments)["marks"]
        assert [mark["x"] for mark in found] == pytest.approx(places)
        assert [mark["label"] for mark in found] == ["a", "b", "c"]
        assert [mark["line"] for mark in found] == [0, 1, 0]  # the second one on the next line
        assert [mark["side"] for mark in found] == ["right", "right", "left"]


def test_a_label_on_the_left_makes_room_for_one_on_the_right_of_an_earlier_mark() -> None:
    """The axis shows five epochs; labels take 0.3 of it: from 1.2 to 2.7, from 2.4 to 3.9, and from 2.8 to 4.3."""
    known = curves([point(0, 2.0), point(100, 1.0), point(200, 1.0), point(430, 1.0)])
    figure = curve_figure(known, RUN, "epoch", marked=[Mark(120, "a"), Mark(390, "b"), Mark(430, "c")])
    assert figure["reach"] == 5
    assert [(mark["label"], mark["side"], mark["line"]) for mark in figure["marks"]] == [
        ("a", "right", 0),
        ("b", "left", 1),
        ("c", "left", 0),
    ]


CHARTS = [
    lambda axis: loss_chart(axis),
    lambda axis: loss_chart(axis, True, True),
    lambda axis: accuracy_chart(axis, True),
    lambda axis: rate_chart(axis),
]


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_a_constant_that_asks_for_columns_of_the_points(chart, axis: str) -> None:  # type: ignore[no-untyped-def]
    told = chart(axis)
    assert chart(axis) is told
    assert {told["field"], told["smooth"], *(each["column"] for each in told["near"])} <= set(COLUMNS)
    assert told["columns"] == list(COLUMNS)
    assert {series["label"] for series in told["series"]} <= set(LABELS.values())
    assert AXES[axis].title in (told["axis"]["title"], told["alt"].split(" over the ")[1])
    json.dumps(told)


def test_the_charts_use_the_palette_and_the_third_curve_comes_on_request() -> None:
    def told(evaluated: bool) -> dict[str, str]:
        return {
            series["label"]: series["colour"] for series in loss_chart("epoch", False, evaluated)["series"]
        }

    train, validation = SPLIT_COLOURS["train"], SPLIT_COLOURS["validation"]
    assert told(False) == {LABELS[RUNNING]: train, LABELS[VALIDATION]: validation}
    assert told(True) == told(False) | {LABELS[TRAINING]: train}
    assert loss_chart("epoch", log=True)["log"] and not loss_chart("epoch")["log"]
