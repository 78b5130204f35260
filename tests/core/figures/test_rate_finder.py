"""The chart of the range test: a constant specification, and a table that says what the test says."""

import json

import altair
import pytest

from core.figures.rate_finder import COLOURS, RATE_CHART, rate_table
from core.training.rate_finder import RATES
from core.training.rate_suggestions import RangeTest, Suggestion, Trial

TRIALS = [Trial(rate, 2.0 - 0.01 * i, 2.1 - 0.01 * i) for i, rate in enumerate(RATES[:80])]
GONE = Trial(RATES[80], 500.0, 9.0)
FOUND = RangeTest(
    (*TRIALS, GONE), Suggestion(0.0011, 1.6, "Fastest."), Suggestion(0.0003, 1.8, "In its middle.")
)


def test_a_row_for_each_trial_and_each_point() -> None:
    table = rate_table(FOUND.trials, FOUND)
    trials, points = table[table["point"].isna()], table[table["point"].notna()]
    assert list(trials["rate"]) == list(RATES[:81])
    assert list(trials["loss"][:80]) == [trial.loss for trial in TRIALS]
    assert list(points["label"]) == ["steepest 0.0011", "valley 0.0003"]
    assert list(points["smoothed"]) == [1.6, 1.8]


def test_what_has_run_away_does_not_press_the_rest_flat() -> None:
    gone = rate_table(FOUND.trials, FOUND).iloc[80]
    assert gone["rate"] == RATES[80]
    assert gone[["loss", "smoothed"]].isna().all()


@pytest.mark.parametrize("count", [0, 1, 30])
def test_while_it_runs_there_are_trials_only(count: int) -> None:
    table = rate_table(TRIALS[:count])
    assert len(table) == count and table["point"].isna().all()


def test_without_suggestions_there_are_no_points() -> None:
    nothing = Suggestion(None, None, "Flat.")
    assert rate_table(TRIALS, RangeTest(tuple(TRIALS), nothing, nothing))["point"].isna().all()


def test_the_chart_is_valid_and_draws_every_column() -> None:
    chart = {**RATE_CHART, "data": {"values": []}}
    altair.Chart.from_dict(chart)  # raises where the schema is not met
    text = json.dumps(chart)
    assert all(f'"{column}"' in text for column in ("rate", "loss", "smoothed", "label"))
    assert all(f"datum.point === '{name}'" in text for name in COLOURS)
