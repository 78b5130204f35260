"""The accuracy of each class, by hand."""

import torch

from core.inspection.class_accuracy import ClassAccuracies, class_accuracies, largest_difference
from core.inspection.predictions import Predictions


def says(*classes: int) -> Predictions:
    return Predictions(torch.eye(3)[list(classes)], torch.tensor([0, 0, 0, 0, 1, 1]))


def test_each_class_and_network() -> None:
    found = class_accuracies([says(0, 0, 0, 1, 1, 0), says(0, 1, 1, 1, 1, 1)], ["bag", "boot", "coat"])
    assert found == (
        ClassAccuracies("bag", (0.75, 0.25)),
        ClassAccuracies("boot", (0.5, 1.0)),
        ClassAccuracies("coat", (None, None)),  # no image is a coat
    )
    assert largest_difference(found, ["Run 1", "Run 2"]) == (
        "They differ most on bag: Run 1 recognises 75.0 % of its images, Run 2 25.0 %."
    )
    assert largest_difference(found[2:], ["Run 1", "Run 2"]) == (
        "They recognise equally many images of each class."
    )
    assert largest_difference(found, ["Run 1"]) == ""
