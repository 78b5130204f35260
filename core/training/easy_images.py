"""A run may leave easy images out now and then: those whose loss is small already teach it little.

Once the loss of each image is known, an epoch is made up of passes over the training split in which the easiest
three quarters take part only at times, and count as much more when they do, so that the gradient stays right on
average. An epoch has as many images as ever: the hard ones come more than once in it.

Source: Qin, Wang et al., InfoBatch: Lossless Training Speed Up by Unbiased Dynamic Data Pruning, ICLR 2024; there
an epoch becomes shorter instead, and images with less than the mean loss are the easy ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from core.data.augmentation.plan import Plan

ALWAYS = 1.0  # how often an easy image is seen
EASY = 0.75  # share of the images that are easy: those with the smallest losses


def refusal(seen: float, shuffle: bool, augmentation: Plan) -> str:
    """Why easy images can't be left out as asked, a sentence that says what to do; "" if they can."""
    if seen == ALWAYS:
        return ""
    back = "under “The images”, let easy ones be seen always (1)"
    if not shuffle:
        return f"Without shuffling each epoch is the same, and leaves no image out: shuffle, or {back}."
    if any(each.kind == "mixup" for each in augmentation):
        return f"Mixup makes one image of two, and neither has a loss of its own: take mixup out, or {back}."
    return ""


def easy(losses: Tensor) -> Tensor:
    """Which images are easy, bool (N,), by their losses (N,) when they were seen last; inf: not seen yet."""
    return losses < losses.quantile(EASY, interpolation="lower")


def epoch_order(is_easy: Tensor, seen: float, generator: torch.Generator) -> Tensor:
    """As many positions as there are images, int64 (N,): shuffled passes that leave easy ones out.

    `is_easy` is bool (N,); each easy image takes part in a pass with the probability `seen`.
    """
    passes: list[Tensor] = []
    while sum(map(len, passes)) < len(is_easy):
        if is_easy.any():
            takes_part = ~is_easy | (torch.rand(len(is_easy), generator=generator) < seen)
            positions = takes_part.nonzero().flatten()
        else:
            positions = torch.arange(len(is_easy))
        passes.append(positions[torch.randperm(len(positions), generator=generator)])
    return torch.cat(passes)[: len(is_easy)]


class EasyImages:
    """What one run knows of its training images: their losses when they were seen last, and before this epoch.

    Where easy images are seen always, it does nothing.
    """

    def __init__(self, images: int, seen: float, device: torch.device) -> None:
        """Of so many `images` the easy ones are seen with the probability `seen`."""
        self._active, self._seen = seen < ALWAYS, seen
        self._losses = torch.full((images if self._active else 0,), math.inf, device=device)
        self._before = self._losses.clone()
        self._leaves_out = False  # since an epoch before this one, or since this one
        self.starts_now = False  # whether the epoch that begins is the first one to leave images out

    def begin_epoch(self, generator: torch.Generator) -> Tensor | None:
        """The positions of the epoch's images in their order, int64 (N,); None: as without it."""
        if not self._active:
            return None
        is_easy = easy(self._before)
        self.starts_now = bool(is_easy.any()) and not self._leaves_out
        self._leaves_out = self._leaves_out or self.starts_now
        self._counts = torch.where(is_easy, 1 / self._seen, 1.0)
        self._order = epoch_order(is_easy.cpu(), self._seen, generator).to(self._losses.device)
        return self._order

    def counts(self, start: int, images: int) -> Tensor | None:
        """How much each of so many `images` of this epoch counts, from the one at `start` on: float32 (n,).

        None: all alike.
        """
        return self._counts[self._order[start : start + images]] if self._active else None

    def note(self, start: int, logits: Tensor, labels: Tensor) -> None:
        """What the network gave the images of this epoch from the one at `start` on: logits (n, K); labels (n,)."""
        if self._active:
            rows = self._order[start : start + len(labels)]
            self._losses[rows] = F.cross_entropy(logits.detach().float(), labels, reduction="none")

    def end_epoch(self) -> None:
        """The losses that are known now make the next epoch."""
        self._before = self._losses.clone()

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold."""
        return (
            {"losses": self._losses, "before": self._before, "told": self._leaves_out} if self._active else {}
        )

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave; an empty one (of a fork, say) changes nothing."""
        if self._active and state:
            self._losses, self._before = (
                state[name].to(self._losses.device, copy=True) for name in ("losses", "before")
            )
            self._leaves_out = state["told"]
