"""Means, spreads and the sentence of a sweep, by hand."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core.training.config import TrainingConfig
from core.training.runs.records import Run
from core.training.sweeps.results import Results, results
from tests.core.training.reports.made import made_run


def swept(accuracies: dict[tuple[str, int], Sequence[float]], state: str = "completed") -> list[Run]:
    """Runs by (optimizer, batch size), with the seeds 0, 1, …"""
    settings = [
        (TrainingConfig(optimizer=optimizer, batch_size=batch, seed=seed), accuracy)
        for (optimizer, batch), values in accuracies.items()
        for seed, accuracy in enumerate(values)
    ]
    return [
        made_run(
            number,
            config,
            state=state,
            validation_accuracy=accuracy,
            test_accuracy=accuracy - 0.01,
            seconds=10.0 + number,
            parameters=1000,
        )
        for number, (config, accuracy) in enumerate(settings, start=1)
    ]


def found(accuracies: dict[tuple[str, int], Sequence[float]]) -> Results:
    return results(swept(accuracies)[::-1])  # as the store lists them


def test_groups_by_value_with_mean_and_sample_deviation() -> None:
    grid = found(
        {("sgd", 32): [0.90, 0.91, 0.92], ("sgd", 64): [0.8, 0.8, 0.8], ("adam", 32): [0.5, 0.6, 0.7]}
    )
    assert [axis.setting for axis in grid.axes] == ["optimizer", "batch_size"]
    assert [axis.values for axis in grid.axes] == [("sgd", "adam"), (32, 64)]
    assert [group.name for group in grid.groups] == [
        "SGD, batch size 32",
        "SGD, batch size 64",
        "Adam, batch size 32",
    ]
    first = grid.groups[0].spread("validation")
    assert first is not None
    assert first.mean == pytest.approx(0.91)
    assert first.deviation == pytest.approx(0.01)  # √((0.01² + 0 + 0.01²) / 2)
    assert first.words(100) == "91.0 ± 1.0"
    seconds = grid.groups[0].spread("seconds")
    assert seconds is not None and seconds.values == (11.0, 12.0, 13.0)
    test = grid.groups[2].spread("test")
    assert test is not None and test.mean == pytest.approx(0.59)


def test_only_completed_runs_count() -> None:
    runs = swept({("sgd", 64): [0.9, 0.8]}) + swept({("adam", 64): [0.95]}, state="diverged")
    grid = results(runs)
    assert [len(group.completed) for group in grid.groups] == [2, 0]
    assert grid.groups[1].spread("validation") is None
    assert grid.sentence().startswith("Highest mean validation accuracy: SGD with 85.0 ± 7.1 % (2 seeds).")
    assert "nothing to compare with" in grid.sentence()


def test_the_best_is_told_from_those_that_chance_may_explain() -> None:
    said = found(
        {
            ("sgd", 32): [0.700, 0.703, 0.697],  # 19 points below the best
            ("sgd", 64): [0.889, 0.892, 0.886],  # 0.2 points below it, each spread 0.3: no difference
            ("adam", 64): [0.891, 0.894, 0.888],
        }
    ).sentence()
    assert said == (
        "Highest mean validation accuracy: Adam, batch size 64 with 89.1 ± 0.3 % (3 seeds). Not to be told from it by "
        "these seeds: “SGD, batch size 64”; the rest is lower (Welch’s t-test at 5 %, corrected for the number of "
        "comparisons)."
    )


def test_all_lower_none_lower_and_too_few_seeds() -> None:
    apart = {("adam", 64): [0.900, 0.901, 0.902], ("sgd", 64): [0.700, 0.701, 0.702]}
    assert "Every other one is lower by more than" in found(apart).sentence()
    waiting = made_run(7, TrainingConfig(optimizer="rmsprop"), state="queued")
    assert "Every other one with results is lower" in results([*swept(apart), waiting]).sentence()
    alike = {("adam", 64): [0.90, 0.80, 0.85], ("sgd", 64): [0.84, 0.80, 0.88]}
    assert "None of the others can be told from it" in found(alike).sentence()
    single = found({("adam", 64): [0.9], ("sgd", 64): [0.1]}).sentence()
    assert "no spread is known" in single and "lower" not in single
    two = {("adam", 64): [0.900, 0.901], ("sgd", 64): [0.700, 0.701]}
    assert found(two).sentence().endswith("Two seeds tell little of a spread.")
    assert found({("adam", 64): [0.90, 0.91]}).sentence() == "Validation accuracy: 90.5 ± 0.7 % (2 seeds)."
    assert "One seed tells no spread" in found({("adam", 64): [0.9]}).sentence()


def test_the_more_comparisons_the_more_it_takes() -> None:
    """Welch's p of the two is 0.028 (t = 3.35, 4 degrees of freedom; SciPy's ttest_ind): below 5 %, above 5 %/2."""
    pair = {("adam", 64): [0.90, 0.91, 0.92], ("sgd", 64): [0.8726, 0.8826, 0.8926]}
    assert "Every other one is lower" in found(pair).sentence()
    three = found({**pair, ("rmsprop", 64): [0.10, 0.11, 0.12]}).sentence()
    assert "Not to be told from it by these seeds: “SGD”" in three


def test_before_the_end() -> None:
    running = swept({("sgd", 64): [0.9, 0.8]}, state="running")
    assert results(running).sentence() == "No run has come to its end yet."
    assert not results(running).done
    assert (
        results([*swept({("adam", 64): [0.9]}), *running])
        .sentence()
        .startswith("Highest mean validation accuracy so far: Adam with")
    )
    assert results(swept({("sgd", 64): [0.9, 0.8]}, state="diverged")).sentence() == "No run was completed."


def test_a_row_for_each_combination_as_csv() -> None:
    text = found({("sgd", 32): [0.90, 0.92], ("adam", 32): [0.5]}).to_csv()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["optimizer"] for row in rows] == ["SGD", "Adam"]
    assert rows[0]["validation accuracy, mean (%)"] == "91"
    assert float(rows[0]["validation accuracy, standard deviation (%)"]) == pytest.approx(2**0.5, rel=1e-5)
    assert rows[1]["test accuracy, standard deviation (%)"] == ""
    assert (rows[1]["completed runs"], rows[1]["runs"]) == ("1", "1")


def test_a_name_that_a_spreadsheet_would_take_for_a_formula_stays_a_text() -> None:
    run = made_run(1)
    named = replace(run, request=replace(run.request, network=replace(run.request.network, name="=1+1")))
    assert next(csv.DictReader(io.StringIO(results([named]).to_csv())))["network"] == "'=1+1"
