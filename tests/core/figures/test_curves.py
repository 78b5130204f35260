"""What the learning curves draw: true means, few points, in their places."""

import json
import math

import pytest

from core.figures.curves import ACCURACY_CHART, LOSS_CHART, MOST_POINTS, SERIES, curve_table
from core.figures.palette import SPLIT_COLOURS
from core.training.runs.records import Metric

TRAINING, VALIDATION = SERIES.values()


def metric(
    step: int,
    loss: float,
    *,
    epoch: float | None = None,
    split: str = "train",
    accuracy: float = 0.5,
    images: int = 64,
) -> Metric:
    kind = "running" if split == "train" else "evaluated"
    where = step / 100 if epoch is None else epoch
    return Metric(step, step, where, split, kind, loss, accuracy, images, 1e-3, step / 10)


def drawn(metrics: list[Metric], series: str = TRAINING, epochs: int = 5) -> list[tuple[float, float]]:
    table = curve_table(metrics, epochs)
    rows = table[table["series"] == series]
    return list(zip(rows["epoch"], rows["loss"], strict=True))


def test_few_points_are_drawn_as_they_are() -> None:
    metrics = [metric(1, 2.3), metric(50, 1.5), metric(100, 0.9, split="validation")]
    assert drawn(metrics) == [(0.01, 2.3), (0.5, 1.5)]
    assert drawn(metrics, VALIDATION) == [(1.0, 0.9)]


def test_many_points_become_means_weighted_by_images() -> None:
    metrics = [metric(i, float(i), images=64 if i % 2 else 192) for i in range(1, MOST_POINTS + 2)]
    points = drawn(metrics)
    # 401 points become pairs: losses 1 and 2 of 64 and 192 images have the mean (64·1 + 192·2) / 256 = 1.75
    assert points[0] == (0.02, 1.75)
    assert points[1] == (0.04, 3.75)
    assert points[-1] == (4.01, 401.0)  # the odd one stays alone
    assert len(points) == 201


@pytest.mark.parametrize("count", [399, 400, 401, 5_000, 12_345])
def test_never_more_than_a_screen_can_show(count: int) -> None:
    metrics = [metric(i, 1.0) for i in range(1, count + 1)]
    metrics += [metric(i, 1.0, split="validation") for i in range(1, count + 1)]
    assert 200 <= len(drawn(metrics)) <= MOST_POINTS
    assert 200 <= len(drawn(metrics, VALIDATION)) <= MOST_POINTS + 1  # and the last one


def test_groups_stay_where_they_are_while_points_come() -> None:
    metrics = [metric(i, math.sin(i)) for i in range(1, 1200)]
    earlier = drawn(metrics[:1000])
    assert drawn(metrics)[: len(earlier) - 1] == earlier[:-1]  # only the last, unfilled group may change


def test_evaluations_are_never_averaged() -> None:
    metrics = [metric(i, float(i), split="validation") for i in range(1, 1001)]
    points = drawn(metrics, VALIDATION)
    assert {loss for _, loss in points} <= {m.loss for m in metrics}
    assert points[-1] == (10.0, 1000.0)


def test_what_is_not_finite_is_left_out() -> None:
    metrics = [metric(1, 2.0), metric(2, math.nan), metric(3, math.inf), metric(4, 1.0)]
    assert drawn(metrics) == [(0.01, 2.0), (0.04, 1.0)]


@pytest.mark.parametrize(
    ("reached", "epochs", "end"), [(0, 5, 5), (3, 8, 8), (1, 300, 10), (11, 300, 20), (290, 300, 300)]
)
def test_the_axis_is_known_before_the_points_are(reached: float, epochs: int, end: float) -> None:
    table = curve_table([metric(1, 1.0, epoch=reached)] if reached else [], epochs)
    reach = table[table["series"].isna()]
    assert reach["epoch"].tolist() == [0.0, end]
    assert reach["loss"].isna().all()


def test_no_points_yet() -> None:
    table = curve_table([], epochs=5)
    assert len(table) == 2
    assert list(table.columns) == ["epoch", "loss", "accuracy", "images", "series"]


@pytest.mark.parametrize("chart", [LOSS_CHART, ACCURACY_CHART])
def test_a_chart_asks_for_columns_that_the_table_has_and_uses_the_palette(chart: dict[str, object]) -> None:
    text = json.dumps(chart)
    columns = set(curve_table([metric(1, 1.0)], 5).columns)
    fields = {part.split('"')[0] for part in text.split('"field": "')[1:]}
    assert fields <= columns
    assert SPLIT_COLOURS["train"] in text
    assert SPLIT_COLOURS["validation"] in text
    assert "datasets" not in chart  # the data come apart from the chart, which never changes
    assert "data" not in chart
