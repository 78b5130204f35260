import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from core.inspection.confusion import ConfusionMatrix
from core.inspection.report import ClassScores, Report, wilson_interval


def matrix(*rows: list[int]) -> ConfusionMatrix:
    return ConfusionMatrix(torch.tensor(rows))


def test_scores_by_hand() -> None:
    report = Report.of(matrix([8, 2], [1, 9]))
    first, second = report.classes
    assert (first.support, first.predictions, first.hits) == (10, 9, 8)
    assert first.precision == pytest.approx(8 / 9)
    assert first.recall == pytest.approx(0.8)
    assert first.f1 == pytest.approx(2 * (8 / 9) * 0.8 / (8 / 9 + 0.8))
    assert second.recall == pytest.approx(0.9)
    assert report.accuracy == pytest.approx(17 / 20)


def test_a_class_that_is_absent_or_never_predicted_has_undefined_ratios_not_zeros() -> None:
    absent = ClassScores(support=0, predictions=3, hits=0)
    assert (absent.precision, absent.recall, absent.f1) == (0.0, None, 0.0)
    never = ClassScores(support=3, predictions=0, hits=0)
    assert (never.precision, never.recall, never.f1) == (None, 0.0, 0.0)
    neither = ClassScores(support=0, predictions=0, hits=0)
    assert (neither.precision, neither.recall, neither.f1) == (None, None, None)
    assert Report.of(matrix([0, 0], [0, 0])).accuracy is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_scores_agree_with_scikit_learn_where_they_are_defined(pairs: list[tuple[int, int]]) -> None:
    true, predicted = [t for t, _ in pairs], [p for _, p in pairs]
    counts = torch.zeros(4, 4, dtype=torch.int64)
    for t, p in pairs:
        counts[t, p] += 1
    report = Report.of(ConfusionMatrix(counts))
    truth = precision_recall_fscore_support(true, predicted, labels=range(4), zero_division=float("nan"))
    for scores, precision, recall, f1, support in zip(report.classes, *truth, strict=True):
        assert scores.support == support
        for ours, theirs in ((scores.precision, precision), (scores.recall, recall), (scores.f1, f1)):
            assert ours is None if theirs != theirs else ours == pytest.approx(theirs)
    assert report.accuracy == pytest.approx(accuracy_score(true, predicted))


def test_wilson_interval_against_published_numbers() -> None:
    # Newcombe, "Two-sided confidence intervals for the single proportion", 1998, Table I, method 3
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(29, 29) == pytest.approx((0.8830, 1.0), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(case: tuple[int, int]) -> None:
    successes, trials = case
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials <= high <= 1
    assert low < high


def test_without_trials_anything_is_possible() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (([8, 2], [0, 10]), "It is uneven: it finds 100 % of all Bag images, but 80 % of Shirt."),
        (([19, 1], [2, 18]), "It is even across classes: it finds 90 % to 95 % of the images of each."),
        (([0, 0], [0, 0]), "There are no images to judge by."),
    ],
)
def test_how_even_it_is_in_words(rows: tuple[list[int], list[int]], expected: str) -> None:
    assert Report.of(matrix(*rows)).sentence(("Shirt", "Bag")) == expected
