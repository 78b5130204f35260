"""The running training loss and accuracy: gathered on the device, brought to Python only when asked."""

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

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor, counts: Tensor | None = None) -> None:
        """One step's mean loss and logits (N, K); labels (N,), or probabilities (N, K) of a mixture of classes.

        Of a mixture the right answer is the class with the largest part. Where images count differently, `counts`
        (N,) says how much, and `loss` is the sum of their losses times that, divided by N.
        """
        self._losses.append(loss.detach())
        self._sizes.append(len(labels))
        self._logits.append(logits.detach())
        self._labels.append(labels)
        if counts is not None:
            self._counts.append(counts)
        if len(self._logits) == _BATCHES:
            self._compare()

    @property
    def steps(self) -> int:
        """Steps since the last time."""
        return len(self._losses)

    def take(self) -> RunningMeans:
        """The means since the last time; waits for the device. There must have been a step."""
        self._compare()
        losses = torch.stack(self._losses).cpu().double()
        correct = torch.stack(self._correct).cpu().sum().item()
        sizes = torch.tensor(self._sizes)
        bad = (~losses.isfinite()).nonzero()
        images = sum(self._sizes)
        stand_for = torch.stack(self._stand_for).cpu().double().sum().item() if self._stand_for else images
        means = RunningMeans(
            loss=(losses * sizes).sum().item() / stand_for,
            accuracy=correct / stand_for,
            images=images,
            first_bad=int(bad[0]) if len(bad) else None,
        )
        self._forget()
        return means

    def _compare(self) -> None:
        if self._logits:
            predicted = torch.cat(self._logits).argmax(dim=1)
            labels = torch.cat(self._labels)
            correct = predicted == (labels.argmax(dim=1) if labels.ndim == 2 else labels)
            if self._counts:
                counts = torch.cat(self._counts)
                self._correct.append((correct * counts).sum())
                self._stand_for.append(counts.sum())
            else:
                self._correct.append(correct.sum())
            for kept in (self._logits, self._labels, self._counts):
                kept.clear()

    def _forget(self) -> None:
        self._losses: list[Tensor] = []  # of each step
        self._sizes: list[int] = []  # images of each step
        self._correct: list[Tensor] = []  # right answers, of some steps each
        self._stand_for: list[Tensor] = []  # as how many images those of some steps each count; none: as many
        self._logits: list[Tensor] = []  # of steps not compared yet
        self._labels: list[Tensor] = []
        self._counts: list[Tensor] = []
