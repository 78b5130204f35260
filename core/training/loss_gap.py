"""Why the running training loss is not the loss of the training images: both of one epoch, and what lies between."""

from dataclasses import dataclass

import numpy as np

from core.networks.spec import walk
from core.training.config import RunRequest
from core.training.runs.curves import RUNNING, TRAINING, VALIDATION, Curves


@dataclass(frozen=True)
class LossGap:
    """Three losses of the same epoch, in nats."""

    epoch: int
    running: float  # mean over the epoch's images, each seen by the weights of its step, in train mode
    training: float  # of a sample of the training images, with the weights after the epoch, in eval mode
    validation: float  # of the validation images, in the same way
    images: int  # of the sample

    @staticmethod
    def of(curves: Curves) -> "LossGap | None":
        """Of the last whole epoch with all three; None before there is one."""
        ends = [
            {row[1]: row for row in curves.of(series) if row[1] >= 1 and row[1].is_integer()}
            for series in (TRAINING, VALIDATION)
        ]
        common = sorted(ends[0].keys() & ends[1].keys(), reverse=True)
        for epoch in common[:1]:
            running = curves.of(RUNNING)
            within = running[(running[:, 1] > epoch - 1) & (running[:, 1] <= epoch)]
            if len(within):
                mean = np.average(within[:, 3], weights=within[:, 5])
                training, validation = ends[0][epoch], ends[1][epoch]
                return LossGap(int(epoch), float(mean), training[3], validation[3], int(training[5]))
        return None

    def sentences(self, request: RunRequest) -> str:
        """The three numbers in words."""
        equal = self.validation - self.training
        measured = self.running - self.training
        return (
            f"After epoch {self.epoch}, measured alike (fixed weights, eval mode), {self.images:,} training images "
            f"have a loss of {self.training:.3f} and the validation images one of {self.validation:.3f}: "
            f"{_apart(equal, 'validation', 'training')}. The running training loss of that epoch, "
            f"{self.running:.3f}, is something else: the mean over its steps, while the weights still changed, "
            f"in train mode{_in_train_mode(request)}. That alone makes it "
            f"{_apart(measured, '', 'the same images evaluated')}."
        )


def _apart(difference: float, what: str, other: str) -> str:
    if abs(difference) < 0.0005:
        return f"{what} the same as {other}".strip() if what else f"equal to that of {other}"
    side = "above" if difference > 0 else "below"
    return (
        f"{what} is {abs(difference):.3f} {side} {other}" if what else f"{abs(difference):.3f} {side} {other}"
    )


def _in_train_mode(request: RunRequest) -> str:
    """What this run does in train mode only."""
    kinds = {layer.kind for _place, layer in walk(request.network.layers) if layer.enabled}
    smoothing = request.config.label_smoothing
    does = (
        ("dropout", any(kind.startswith("Dropout") for kind in kinds)),
        ("the statistics of each batch", any(kind.startswith("BatchNorm") for kind in kinds)),
        (f"label smoothing {smoothing:g}", smoothing > 0),
        ("augmented images", bool(request.data.augmentation)),
    )
    words = [word for word, done in does if done]
    return f" (with {', '.join(words)})" if words else ""
