"""The spread over seeds, and Welch's test, against SciPy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.training.config import TrainingConfig
from core.training.reports.seeds import SeedGroup, compare_groups, seed_groups, student_tails, welch
from tests.core.training.reports.made import made_run

shares = st.floats(0.0, 1.0).map(lambda share: round(share, 4))
samples = st.lists(shares, min_size=2, max_size=6)


def group(*accuracies: float, optimizer: str = "adam", first: int = 1) -> SeedGroup:
    runs = [
        made_run(first + i, TrainingConfig(optimizer=optimizer, seed=i), test_accuracy=accuracy)
        for i, accuracy in enumerate(accuracies)
    ]
    (found,) = seed_groups(runs)
    return found


def test_mean_and_deviation_by_hand() -> None:
    found = group(0.90, 0.91, 0.92)
    assert found.mean == pytest.approx(0.91)
    assert found.deviation == pytest.approx(0.01)  # √((0.01² + 0 + 0.01²) / 2)
    assert found.sentence() == (
        "Runs 1, 2 and 3 differ only in the seed (0, 1 and 2): 91.0 ± 1.0 % of the test split "
        "(mean ± standard deviation of 3 runs)."
    )
    assert group(0.9).deviation is None
    assert group(0.9).sentence() == "Run 1: 90.0 % of the test split, from one seed: no spread is known."


def test_groups_are_runs_that_differ_only_in_the_seed() -> None:
    runs = [
        made_run(1, TrainingConfig(seed=0), validation_accuracy=0.8, test_accuracy=0.81),
        made_run(2, TrainingConfig(optimizer="sgd"), validation_accuracy=0.7, test_accuracy=0.71),
        made_run(3, TrainingConfig(seed=1), validation_accuracy=0.9, test_accuracy=0.91),
    ]
    adam, sgd = seed_groups(runs)
    assert ([run.number for run in adam.runs], adam.split, adam.accuracies) == ([1, 3], "test", (0.81, 0.91))
    assert [run.number for run in sgd.runs] == [2]
    waiting = made_run(4, TrainingConfig(seed=2), state="running", validation_accuracy=0.85)
    silent = made_run(5, TrainingConfig(seed=3), state="queued")
    adam, _ = seed_groups([*runs, waiting, silent])
    assert (adam.split, adam.accuracies) == ("validation", (0.8, 0.9, 0.85))


@pytest.mark.filterwarnings("ignore:Precision loss")  # SciPy's, of nearly equal numbers
@given(samples, samples)
def test_welch_agrees_with_scipy(first: list[float], second: list[float]) -> None:
    found = welch(first, second)
    if found is None:
        assert len(set(first)) == len(set(second)) == 1
        return
    truth = stats.ttest_ind(second, first, equal_var=False)
    assert found.t == pytest.approx(truth.statistic, rel=1e-6, abs=1e-9)
    assert found.freedom == pytest.approx(truth.df, rel=1e-6)
    assert found.probability == pytest.approx(truth.pvalue, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("freedom", [1.0, 1.4, 2.0, 4.0, 9.3, 100.0])
@pytest.mark.parametrize("t", [0.0, 0.3, 1.0, 4.3, 30.0])
def test_the_tails_agree_with_scipy(t: float, freedom: float) -> None:
    assert student_tails(t, freedom) == pytest.approx(2 * stats.t.sf(t, freedom), rel=1e-8, abs=1e-15)
    assert student_tails(-t, freedom) == student_tails(t, freedom)


def test_two_settings_in_words() -> None:
    sgd = group(0.880, 0.882, 0.884, optimizer="sgd")
    adam = group(0.900, 0.903, 0.906, first=4)
    # SciPy: ttest_ind gives t = 10.09, df = 3.48, p = 0.00106
    assert compare_groups(sgd, adam) == (
        "On average runs 4, 5 and 6 against runs 1, 2 and 3: +2.1 points of test accuracy (90.3 % against 88.2 %). "
        "With spreads of 0.20 and 0.30 points, equally good settings would differ at least this much in 0.1 % of "
        "such comparisons (Welch's t-test): more than chance."
    )
    alike = group(0.881, 0.885, 0.879, first=4)
    assert compare_groups(sgd, alike).endswith("chance alone may explain it.")


def test_what_few_runs_can_not_tell_is_said() -> None:
    two, one = group(0.88, 0.89, optimizer="sgd"), group(0.9, first=4)
    assert compare_groups(two, one).endswith(
        "at least two seeds to see whether that is more than their spread."
    )
    assert compare_groups(two, group(0.9, 0.92, first=4)).endswith(
        "Two seeds tell little of a spread: take it as a hint."
    )
    same = group(0.9, 0.9, first=4)
    assert compare_groups(group(0.8, 0.8, optimizer="sgd"), same).endswith(
        "Neither has any spread over its seeds."
    )
