"""What goes into an attribution and what comes out of it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.normalisation import Normalisation

BASELINES = (("black", "black"), ("white", "white"), ("mean", "mean grey"))  # (value, label)


@dataclass(frozen=True, eq=False)
class Case:
    """One image, one network, one class."""

    model: nn.Module  # in eval mode, the method's own to hook
    image: Tensor  # float32 (1, C, H, W), normalised, with requires_grad
    target: int  # the class whose logit is explained
    normalisation: Normalisation

    def score(self, images: Tensor) -> Tensor:
        """The target's logit for each of `images`: (N, C, H, W) → (N,)."""
        with torch.no_grad():
            logits: Tensor = self.model(images)
        return logits[:, self.target]

    def baseline(self, name: str) -> Tensor:
        """The reference input (1, C, H, W): all black, all white, or the training mean of each channel (which
        is 0).
        """
        if name == "mean":
            return torch.zeros_like(self.image, requires_grad=False)
        level = {"black": 0, "white": 255}[name]
        pixels = torch.full(self.image.shape, level, dtype=torch.uint8, device=self.image.device)
        return self.normalisation(pixels)


@dataclass(frozen=True)
class Fact:
    """A number that belongs to one map, with what it says."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, eq=False)
class AttributionMap:
    """One score for each input element, for one class."""

    scores: Tensor  # float32 (C, H, W), on the CPU
    signed: bool  # whether a score may speak against the class
    target: int
    facts: tuple[Fact, ...] = ()

    @property
    def plane(self) -> Tensor:
        """(H, W): the scores summed over channels, as one picture."""
        return self.scores.sum(dim=0)

    @property
    def extent(self) -> float:
        """The largest absolute value of the plane, where its colour scale ends; 0 for a map of zeros."""
        return float(self.plane.abs().max())
