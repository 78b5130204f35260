"""McNemar's test against SciPy's binomial test, and by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from core.inspection.mcnemar import McNemar, mcnemar
from core.inspection.predictions import Predictions

counts = st.integers(0, 3000)


def says(*classes: int, labels: tuple[int, ...] = (0, 0, 1, 1)) -> Predictions:
    return Predictions(torch.eye(2)[list(classes)], torch.tensor(labels))


def test_the_images_on_which_just_one_is_right_are_counted() -> None:
    first, second = says(0, 1, 1, 0), says(0, 0, 0, 0)  # right on images 0, 2 and on 0, 1
    assert mcnemar(first, second) == McNemar(first_alone=1, second_alone=1)
    assert mcnemar(first, first) == McNemar(0, 0)


def test_the_probability_by_hand() -> None:
    # of 5 images 5 go to one: 2 · (½)⁵ = 1/16; 4 of 5: 2 · (1 + 5) / 32 = 3/8
    assert McNemar(0, 5).probability == pytest.approx(1 / 16)
    assert McNemar(4, 1).probability == pytest.approx(3 / 8)
    assert McNemar(3, 3).probability == 1.0
    assert McNemar(0, 0).probability == 1.0


@given(counts, counts)
def test_the_probability_agrees_with_scipy(first: int, second: int) -> None:
    if first + second:
        truth = binomtest(first, first + second, 0.5).pvalue
        assert McNemar(first, second).probability == pytest.approx(truth, rel=1e-9, abs=1e-300)


def test_the_words() -> None:
    # SciPy: binomtest(155, 367).pvalue = 0.003398
    assert McNemar(155, 212).sentence("run 1", "run 3") == (
        "Run 3 is right on 212 images where run 1 is wrong, run 1 on 155 where run 3 is wrong. If both were equally "
        "good, a difference at least this large would come up in 0.3 % of such comparisons: more than chance."
    )
    assert (
        McNemar(20, 21)
        .sentence("run 1", "run 3")
        .endswith("100 % of such comparisons: chance alone may explain it.")
    )
    assert McNemar(0, 0).sentence("run 1", "run 3") == "Run 3 and run 1 are right on the same test images."


def test_other_images_are_refused() -> None:
    with pytest.raises(ValueError, match="different images"):
        mcnemar(says(0, 0, 0, 0), says(0, 0, 0, 0, labels=(0, 0, 1, 0)))
