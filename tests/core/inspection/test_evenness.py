import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from core.inspection.confusion import ConfusionMatrix
from core.inspection.evenness import evenness
from core.inspection.report import ClassScores, Report


def report(*classes: tuple[int, int]) -> Report:
    """Of classes given as (hits, support)."""
    scores = tuple(ClassScores(support, hits, hits) for hits, support in classes)
    return Report(scores, sum(hits for hits, _ in classes), sum(support for _, support in classes))


def test_the_statistic_by_hand() -> None:
    # 30 of 50 and 40 of 50: 35 expected in both, so 2 · 25/35 + 2 · 25/15 = 4.7619
    found = evenness(report((30, 50), (40, 50)))
    assert found is not None
    assert found.statistic == pytest.approx(4.761905, abs=1e-6)
    assert (found.freedom, found.worst.place, found.best.place) == (1, 0, 1)
    assert found.probability == pytest.approx(0.0291, abs=5e-5)  # 2 · (1 − Φ(√4.7619)), from tables


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200)), min_size=2, max_size=8))
def test_it_agrees_with_scipy(pairs: list[tuple[int, int]]) -> None:
    classes = [(min(hits, support), support) for hits, support in pairs]
    found = evenness(report(*classes))
    assert found is not None
    hits, misses = sum(h for h, _ in classes), sum(s - h for h, s in classes)
    if hits and misses:
        truth = chi2_contingency([[h, s - h] for h, s in classes], correction=False)
        assert found.statistic == pytest.approx(truth.statistic, abs=1e-9)
        assert found.probability == pytest.approx(truth.pvalue, rel=1e-9)
        assert found.freedom == truth.dof
        assert found.enough == (truth.expected_freq.min() >= 5)
    else:
        assert (found.statistic, found.probability) == (0.0, 1.0)


def test_the_words() -> None:
    names = ("Shirt", "Bag", "Coat")
    found = evenness(report((600, 1000), (970, 1000), (0, 0)))
    assert found is not None
    # scipy.stats.binomtest(h, 1000).proportion_ci(method='wilson'): 0.95750–0.97891 and 0.56931–0.62993
    assert found.sentence(names) == (
        "Best: Bag 97.0 % (95 % interval 95.7 to 97.9 %). Worst: Shirt 60.0 % (95 % interval 56.9 to 63.0 %). If "
        "all classes were recognised equally well, recalls that differ at least this much would come up in less "
        "than 0.1 % of such test sets: more than chance (chi-square test of equal recall, χ² = 405.6 with 1 "
        "degree of freedom)."
    )
    few = evenness(report((1, 2), (2, 2)))
    assert few is not None and few.sentence(names).endswith("the test is only a rough guide.")


def test_without_images_there_is_nothing_to_test() -> None:
    assert evenness(Report.of(ConfusionMatrix(torch.zeros(3, 3, dtype=torch.int64)))) is None
    only = evenness(report((3, 4), (0, 0)))
    assert only is not None and only.freedom == 0 and "chi-square" not in only.sentence(("A", "B"))
