"""The picture of several runs: their own colours, few points, a constant chart, and files of it."""

import io
import json
import re
from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from core.figures.comparison import (
    AXES,
    CHARTS,
    MOST_POINTS,
    TRAINING,
    VALIDATION,
    comparison_table,
    curves_file,
    highest_loss,
    leaping,
    run_dash,
    run_label,
)
from core.figures.end_labels import APART
from core.figures.palette import run_colour
from core.training.reports.curves import FIELDS, SERIES, Curve
from core.training.runs.records import Run
from tests.core.training.reports.made import made_curve, made_run


def curve(count: int, images: int = 64) -> Curve:
    """Loss 1, 2, 1, 2 … at step 1, 2, 3 …; the accuracy is a half."""
    steps = np.arange(1.0, count + 1)
    losses, halves = 2 - steps % 2, np.full(count, 0.5)
    return Curve(np.column_stack([steps, steps / 100, steps / 10, np.full(count, images), losses, halves]))


def of_run(training: Curve, validation: Curve) -> dict[tuple[str, str], Curve]:
    return dict(zip(SERIES, (training, validation), strict=True))


def drawn(runs: Sequence[Run], curves: list[dict[tuple[str, str], Curve]]) -> list[dict]:
    """The rows of points."""
    rows = comparison_table(runs, curves, "step").to_dict("records")
    return [row for row in rows if row["series"] in (TRAINING, VALIDATION)]


def test_each_run_has_its_colour_and_each_point_its_place_on_every_axis() -> None:
    run = made_run(3, train_images=6000)
    rows = drawn([run], [of_run(curve(2), made_curve((5.0, 0.8), (9.0, 0.9)))])
    assert {row["colour"] for row in rows} == {run_colour(3)}
    assert [(row["series"], row["accuracy"]) for row in rows[2:]] == [(VALIDATION, 0.8), (VALIDATION, 0.9)]
    second = rows[1]
    assert second["series"] == TRAINING
    # step 2 is 0.02 of an epoch: 120 of 6,000 images
    assert [second[axis] for axis in ("step", "epoch", "seconds", "seen")] == [2.0, 0.02, 0.2, 120.0]


def test_many_points_become_means_weighted_by_images() -> None:
    values = curve(MOST_POINTS).values
    values[::2, 3] = 192  # images of the 1st, 3rd … point
    rows = drawn([made_run(1)], [of_run(Curve(values), curve(0))])
    # half of them may be drawn for training: pairs; (192 · 1 + 64 · 2) / 256 = 1.25
    assert len(rows) == MOST_POINTS // 2
    assert (rows[0]["step"], rows[0]["loss"], rows[0]["images"]) == (2.0, 1.25, 256.0)


def test_evaluations_are_left_out_but_never_the_last() -> None:
    rows = drawn([made_run(1)], [of_run(curve(0), curve(MOST_POINTS + 1))])
    assert len(rows) <= MOST_POINTS // 2 + 1
    assert rows[-1]["step"] == MOST_POINTS + 1


def test_twelve_long_runs_stay_within_the_limit() -> None:
    runs = [made_run(i) for i in range(1, 13)]
    assert len(drawn(runs, [of_run(curve(10_000), curve(500))] * 12)) <= MOST_POINTS + 12


def test_a_loss_that_is_no_number_is_left_out() -> None:
    values = curve(3).values
    values[1, 4] = float("nan")
    rows = drawn([made_run(1)], [of_run(Curve(values), curve(0))])
    assert [row["step"] for row in rows] == [1.0, 3.0]


def test_a_loss_that_leaps_away_is_left_out_and_its_run_named() -> None:
    calm, wild = of_run(curve(3), made_curve((2.0, 0.1), (1.0, 0.5))), curve(3).values
    wild[:, FIELDS.index("loss")] = (2.3, 1e22, 2.2)
    wild_run = of_run(Curve(wild), curve(0))
    limit = highest_loss([calm, wild_run])
    assert limit == 5 * max(2.3, 2.0, curve(1).column("loss")[0])
    rows = drawn([made_run(1), made_run(2)], [calm, wild_run])
    assert [row["loss"] for row in rows if row["run"] == run_label(made_run(2))] == [2.3, 2.2]
    assert leaping([made_run(1), made_run(2)], [calm, wild_run]) == [made_run(2)]
    assert leaping([made_run(1)], [calm]) == []
    assert highest_loss([of_run(curve(0), curve(0))]) == float("inf")


def test_the_numbers_at_the_ends_stand_above_each_other_on_each_chart() -> None:
    first = Curve(np.array([[1, 0.5, 2.0, 64, 2.0, 0.5], [2, 1.0, 4.0, 64, 1.0, 0.9]]))
    second = Curve(first.values * [1, 1, 3, 1, 1, 1])  # the same, but that it takes three times as long
    runs, curves = [made_run(7), made_run(11)], [of_run(curve(0), first), of_run(curve(0), second)]
    by_epoch, by_seconds = (
        table[table["series"].str.startswith("label of ")].set_index(["series", "mark"])
        for table in (comparison_table(runs, curves, axis) for axis in ("epoch", "seconds"))
    )
    assert len(by_epoch) == len(by_seconds) == 2 * len(runs)  # of the loss, and of the accuracy
    assert by_seconds.loc[("label of loss", "7"), "loss"] == 1.0  # far from the other one
    assert by_epoch.loc[("label of loss", "7"), "loss"] == 1.0  # the lowest
    assert by_epoch.loc[("label of loss", "11"), "loss"] == pytest.approx(1 + APART)
    assert by_epoch.loc[("label of accuracy", "7"), "accuracy"] == pytest.approx(0.9 - 0.4 * APART)
    assert set(by_epoch.loc["label of loss", "colour"]) == {run_colour(7), run_colour(11)}


def test_a_run_without_an_evaluation_has_no_number_at_its_end() -> None:
    table = comparison_table([made_run(1)], [of_run(curve(3), curve(0))], "step")
    assert set(table["series"]) == {TRAINING}


def test_colours_that_repeat_are_told_apart_by_dashes() -> None:
    assert run_colour(1) == run_colour(11)
    assert [run_dash(number) for number in (1, 10, 11, 20, 21)] == [0, 0, 1, 1, 2]


def test_without_points_the_table_has_its_columns() -> None:
    empty = comparison_table([made_run(1)], [of_run(curve(0), curve(0))], "step")
    full = comparison_table([made_run(1)], [of_run(curve(1), curve(1))], "step")
    assert list(empty) == list(full) and len(empty) == 0
    assert list(comparison_table([], [], "step")) == list(full)


def test_a_chart_reads_only_columns_of_the_table() -> None:
    table = comparison_table([made_run(1)], [of_run(curve(1), curve(1))], "step")
    assert {axis for _, axis in CHARTS} == set(AXES)
    for chart in CHARTS.values():
        named = set(re.findall(r'"field": "(\w+)"', json.dumps(chart)))
        named |= set(re.findall(r"datum\.(\w+)", json.dumps(chart)))
        assert named <= set(table)


@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_the_file_is_a_picture_of_these_runs(count: int) -> None:
    runs = [made_run(i, name=f"<{i}> & co") for i in range(1, count + 1)]
    curves = [of_run(curve(30), made_curve((1.0, 0.5), (2.0, 0.6)))] * count
    svg = curves_file(runs, curves, "seconds", "svg").decode()
    assert svg.startswith("<svg") and "seconds of training" in svg
    for run in runs:
        assert f"Run {run.number} · &lt;{run.number}&gt; &amp; co" in svg
        assert run_colour(run.number) in svg


def test_the_png_has_white_paper_and_the_run_s_colour() -> None:
    content = curves_file(
        [made_run(3)], [of_run(curve(30), made_curve((1.0, 0.5), (2.0, 0.6)))], "step", "png"
    )
    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image.convert("RGB"))
    assert pixels.shape[1] > 1500
    assert pixels[0, 0].tolist() == [255, 255, 255]
    colour = [int(run_colour(3)[i : i + 2], 16) for i in (1, 3, 5)]
    assert (pixels == colour).all(axis=2).sum() > 200


def test_an_axis_writes_its_numbers_out() -> None:
    curves = [of_run(curve(30), made_curve((1.0, 0.5), (300.0, 0.6)))]
    texts = re.findall(r">([^<>]+)</text>", curves_file([made_run(3)], curves, "seconds", "svg").decode())
    assert {"100", "200", "300"} <= set(texts)
