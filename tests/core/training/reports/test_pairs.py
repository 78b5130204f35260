"""What differs between two runs, and what it brought at equal time."""

import numpy as np
import pytest

from core.training.config import DataChoice, TrainingConfig
from core.training.reports.curves import Curve
from core.training.reports.pairs import EqualTime, at_equal_time, pair_sentence, what_differs
from core.training.reports.words import chance, listed, percent, points, seconds
from tests.core.training.reports.made import made_curve, made_run

SGD, ADAM = TrainingConfig(optimizer="sgd"), TrainingConfig(optimizer="adam")


def test_equal_time_is_the_end_of_the_run_that_ended_earlier() -> None:
    short = made_curve((4.0, 0.5), (8.0, 0.7), (12.0, 0.8))
    long = made_curve((10.0, 0.6), (20.0, 0.9))
    # at 12 s the long one is a fifth of the way from 60 to 90 %: 66 %
    assert at_equal_time(short, long) == EqualTime(12.0, 0.8, pytest.approx(0.66))
    assert at_equal_time(long, short) == EqualTime(12.0, pytest.approx(0.66), 0.8)


def test_there_is_no_equal_time_before_both_were_evaluated() -> None:
    short, slow = made_curve((1.0, 0.5), (2.0, 0.6)), made_curve((30.0, 0.9))
    assert at_equal_time(short, slow) is None
    assert at_equal_time(short, made_curve()) is None


def test_what_was_evaluated_before_the_first_step_is_no_training() -> None:
    short, slow = made_curve((1.0, 0.5), (2.0, 0.6)), made_curve((0.0, 0.1), (30.0, 0.9))
    slow.values[0, 0] = 0  # the step
    assert at_equal_time(short, slow) is None


def test_only_evaluations_of_the_whole_split_count() -> None:
    whole = made_curve((1.0, 0.5), (3.0, 0.7))
    part = made_curve((2.0, 0.99), images=10)
    mixed = Curve(np.concatenate([whole.values, part.values]))
    assert at_equal_time(whole, mixed) == EqualTime(3.0, 0.7, 0.7)


def test_what_differs_in_words() -> None:
    assert what_differs(made_run(1, SGD), made_run(3, ADAM)) == (
        "Run 3 differs from run 1 only in the optimizer (SGD → Adam)"
    )
    assert what_differs(made_run(1), made_run(2)) == "Run 2 has the same settings as run 1"
    two = TrainingConfig(batch_size=512, seed=1)
    assert what_differs(made_run(1), made_run(2, two)) == (
        "Run 2 differs from run 1 in the batch size (64 → 512) and the seed (0 → 1)"
    )
    many = TrainingConfig(3, batch_size=512, optimizer="sgd", learning_rate=0.1, seed=1)
    assert what_differs(made_run(1), made_run(2, many)) == (
        "Run 2 differs from run 1 in the number of epochs (6 → 3), the batch size (64 → 512) and 3 more settings"
    )


def test_the_sentence_of_a_pair() -> None:
    first, second = made_run(1, SGD, test_accuracy=0.861), made_run(3, ADAM, test_accuracy=0.882)
    curves = made_curve((6.0, 0.8), (12.0, 0.863)), made_curve((6.0, 0.85), (12.0, 0.881), (18.0, 0.9))
    assert pair_sentence(first, second, *curves) == (
        "Run 3 differs from run 1 only in the optimizer (SGD → Adam): +1.8 points of validation accuracy at equal "
        "time (12 s: 88.1 % against 86.3 %). At the end: +2.1 points of test accuracy (88.2 % against 86.1 %)."
    )


def test_a_run_under_way_has_no_test_accuracy_yet() -> None:
    first, second = made_run(1, test_accuracy=0.9), made_run(2, SGD, state="running")
    sentence = pair_sentence(first, second, made_curve((1.0, 0.5)), made_curve())
    assert sentence == (
        "Run 2 differs from run 1 only in the optimizer (Adam → SGD); there is no time at which both had been "
        "evaluated after training equally long. There is no test accuracy of run 2 yet."
    )


def test_accuracies_on_other_images_are_not_compared() -> None:
    curve = made_curve((1.0, 0.5))
    first = made_run(1, test_accuracy=0.9)
    other_split = made_run(2, data=DataChoice("silhouettes", split_seed=1), test_accuracy=0.91)
    assert pair_sentence(first, other_split, curve, curve) == (
        "Run 2 differs from run 1 only in the seed of the split (0 → 1); their validation images are not the same, "
        "so those accuracies can't be compared. At the end: +1.0 points of test accuracy (91.0 % against 90.0 %)."
    )
    other_data = made_run(3, data=DataChoice("fashion-mnist"), test_accuracy=0.91)
    assert "test accuracy" not in pair_sentence(first, other_data, curve, curve)


def test_words() -> None:
    assert [points(d) for d in (0.018, -0.0052, 0.0004, -0.0004)] == [
        "+1.8 points",
        "−0.5 points",
        "no difference",
        "no difference",
    ]
    assert [seconds(t) for t in (4.21, 12.4, 119.0, 200.0)] == ["4.2 s", "12 s", "119 s", "3 min 20 s"]
    assert [chance(p) for p in (0.5, 0.0437, 0.00051, 1.0)] == ["50 %", "4.4 %", "less than 0.1 %", "100 %"]
    assert [listed(w) for w in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert percent(0.8725) == "87.2 %"
