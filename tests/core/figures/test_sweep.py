"""The table of a sweep's chart by hand, and that the chart depends on the settings only."""

import pytest
import vl_convert

from core.figures.sweep import X_AXES, sweep_chart, sweep_table
from core.training.config import TrainingConfig
from core.training.runs.records import Run
from core.training.sweeps.results import results
from tests.core.training.reports.made import made_run


def grid(optimizers: list[str], batches: list[int], epochs: list[int], seeds: int = 2) -> list[Run]:
    configs = [
        TrainingConfig(optimizer=optimizer, batch_size=batch, epochs=number, seed=seed)
        for optimizer in optimizers
        for batch in batches
        for number in epochs
        for seed in range(seeds)
    ]
    return [
        made_run(n, config, validation_accuracy=0.5 + n / 100, seconds=float(n), parameters=900)
        for n, config in enumerate(configs, start=1)
    ]


def test_a_row_for_each_run_and_each_mean() -> None:
    table = sweep_table(results(grid(["sgd", "adam"], [64, 128], [6])), "validation")
    runs, means = table[table.mark == "run"], table[table.mark == "mean"]
    assert len(runs) == 8 and len(means) == 4
    first = means.iloc[0]
    assert (first.setting, first.second, first.third, first.seeds) == ("SGD", "64", "", 2)
    assert first.accuracy == pytest.approx(0.515)  # of 0.51 and 0.52, whose deviation is 0.01/√2
    assert first.high - first.accuracy == pytest.approx(0.01 / 2**0.5)
    assert first.accuracy - first.low == pytest.approx(0.01 / 2**0.5)
    assert (first.seconds, first.parameters) == (1.5, 900)
    assert list(runs.run) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_one_seed_has_a_mean_without_a_spread_and_what_is_not_known_no_row() -> None:
    table = sweep_table(results(grid(["sgd", "adam"], [64], [6], seeds=1)), "validation")
    assert table[table.mark == "mean"].low.isna().all()
    assert sweep_table(results(grid(["sgd"], [64], [6])), "test").query("mark == 'mean'").empty


@pytest.mark.parametrize("x", X_AXES)
@pytest.mark.parametrize(
    ("optimizers", "batches", "epochs"),
    [
        (["sgd"], [64], [6]),
        (["sgd", "adam"], [64], [6]),
        (["sgd", "adam"], [64, 128], [6]),
        (["sgd", "adam"], [64, 128], [3, 6]),
    ],
)
def test_each_chart_draws_all_its_runs(
    x: str, optimizers: list[str], batches: list[int], epochs: list[int]
) -> None:
    found = results(grid(optimizers, batches, epochs))
    table = sweep_table(found, "validation")
    spec = {
        **sweep_chart(found, x),
        "data": {"values": table.to_dict("records")},
        "width": 500,
        "height": 300,
    }
    svg = vl_convert.vegalite_to_svg(spec)
    combinations = len(optimizers) * len(batches) * len(epochs)
    assert svg.count('aria-roledescription="point"') == 3 * combinations  # two seeds and their mean
    assert svg.count('aria-roledescription="rule mark"') == combinations


def test_the_chart_stays_the_same_while_results_come() -> None:
    runs = grid(["sgd", "adam"], [64, 128], [6])
    waiting = [made_run(run.number, run.request.config, state="queued") for run in runs]
    for x in X_AXES:
        assert sweep_chart(results(runs), x) == sweep_chart(results(waiting), x)
