"""The running training loss: gathered on the device, brought to Python only when asked."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

_BATCHES = 16  # whose logits are kept before they are counted; one comparison then does for all of them


@dataclass(frozen=True)
class RunningMeans:
    """Loss and accuracy over the images since the last time."""

    loss: float  # mean over the images, nats
    accuracy: float  # 0–1
    images: int
    first_bad: int | None  # the first of the steps since the last time without a finite loss, from 0


class Running:
    """Collects what each step gave without waiting for the device."""

    def __init__(self) -> None:
        self._forget()

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """One step's mean loss and logits (N, K); labels (N,), or probabilities (N, K) of a mixture of classes.

        Of a mixture the right answer is the class with the largest part.
        """
        self._losses.append(loss.detach())
        self._sizes.append(len(labels))
        self._logits.append(logits.detach())
        self._labels.append(labels)
        if len(self._logits) == _BATCHES:
            self._count()

    @property
    def steps(self) -> int:
        """Steps since the last time."""
        return len(self._losses)

    def take(self) -> RunningMeans:
        """The means since the last time; waits for the device. There must have been a step."""
        self._count()
        losses = torch.stack(self._losses).cpu().double()
        correct = torch.stack(self._correct).cpu().sum().item()
        sizes = torch.tensor(self._sizes)
        bad = (~losses.isfinite()).nonzero()
        images = sum(self._sizes)
        means = RunningMeans(
            loss=(losses * sizes).sum().item() / images,
            accuracy=correct / images,
            images=images,
            first_bad=int(bad[0]) if len(bad) else None,
        )
        self._forget()
        return means

    def _count(self) -> None:
        if self._logits:
            predicted = torch.cat(self._logits).argmax(dim=1)
            labels = torch.cat(self._labels)
            right = labels.argmax(dim=1) if labels.ndim == 2 else labels
            self._correct.append((predicted == right).sum())
            self._logits.clear()
            self._labels.clear()

    def _forget(self) -> None:
        self._losses: list[Tensor] = []  # of each step
        self._sizes: list[int] = []  # images of each step
        self._correct: list[Tensor] = []  # right answers, of some steps each
        self._logits: list[Tensor] = []  # of steps not counted yet
        self._labels: list[Tensor] = []
