"""What lies between the running training loss and the losses that are evaluated."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.augmentation.plan import Augmentation
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import RunRequest, TrainingConfig
from core.training.loss_gap import LossGap
from core.training.runs.curves import RUNNING, TRAINING, VALIDATION, Curves


def curves(*, evaluated: bool = True) -> Curves:
    def point(epoch: float, loss: float, images: int) -> list[float]:
        return [100 * epoch, epoch, epoch, loss, 0.5, images, 1e-3]

    points = {
        RUNNING: [point(0.5, 9.0, 60), point(1.0, 9.0, 40), point(1.5, 1.0, 60), point(2.0, 0.5, 40)],
        VALIDATION: [point(0.0, 2.3, 100), point(1.0, 0.9, 100), point(2.0, 0.45, 100)],
    }
    if evaluated:
        points[TRAINING] = [point(1.0, 0.8, 80), point(2.0, 0.4, 80)]
    return Curves(1, {series: np.array(rows) for series, rows in points.items()})


def test_the_last_epoch_with_all_three() -> None:
    # running: (60 · 1.0 + 40 · 0.5) / 100 = 0.8, of the second epoch only
    assert LossGap.of(curves()) == LossGap(2, pytest.approx(0.8), 0.4, 0.45, 80)
    assert LossGap.of(curves(evaluated=False)) is None
    assert LossGap.of(Curves()) is None


def test_the_numbers_in_words(request_small: RunRequest) -> None:
    text = LossGap(2, 0.8, 0.4, 0.45, 80).sentences(request_small)
    assert "After epoch 2" in text and "80 training images have a loss of 0.400" in text
    assert "validation is 0.050 above training" in text
    assert "The running training loss of that epoch, 0.800" in text
    assert "makes it 0.400 above the same images evaluated" in text
    assert "(with dropout, the statistics of each batch)" in text


def test_only_what_this_run_does_is_named(request_small: RunRequest) -> None:
    plain = NetworkSpec(
        "plain", (layer("Flatten"), replace(layer("Dropout"), enabled=False), layer("Linear"))
    )
    gap = LossGap(1, 0.3, 0.4, 0.4, 80)
    text = gap.sentences(RunRequest(plain, request_small.data, TrainingConfig()))
    assert "dropout" not in text and "(with" not in text
    assert "validation the same as training" in text
    assert "0.100 below the same images evaluated" in text
    smoothed = RunRequest(plain, request_small.data, TrainingConfig(label_smoothing=0.1))
    assert "(with label smoothing 0.1)" in gap.sentences(smoothed)
    flipped = replace(request_small.data, augmentation=(Augmentation("flip", 0.5),))
    text = gap.sentences(RunRequest(plain, flipped, TrainingConfig()))
    assert "(with augmented images)" in text
