"""What goes into an attribution and what comes out of it."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchvision.transforms.functional import gaussian_blur

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.controls import SettingError

BASELINES = (  # (value, label)
    ("black", "black"),
    ("white", "white"),
    ("mean", "mean grey"),
    ("blurred", "the image, blurred"),
)
BLUR = 1 / 7  # standard deviation of the blur as a share of the image's side: 4 pixels of 28


@dataclass(frozen=True, eq=False)
class Case:
    """One image, one network, one class."""

    model: nn.Module  # in eval mode, the method's own to hook
    image: Tensor  # float32 (1, C, H, W), normalised, with requires_grad
    target: int  # the class whose logit is explained
    normalisation: Normalisation
    background: LabelledImages | None = None  # images of the same kind, for methods that compare with others

    def score(self, images: Tensor) -> Tensor:
        """The target's logit for each of `images`: (N, C, H, W) → (N,)."""
        with torch.no_grad():
            logits: Tensor = self.model(images)
        return logits[:, self.target]

    def baseline(self, name: str) -> Tensor:
        """The reference input (1, C, H, W): all black, all white, the training mean of each channel (which is
        0), or the image without its detail.
        """
        if name == "mean":
            return torch.zeros_like(self.image, requires_grad=False)
        if name == "blurred":
            return blurred(self.image.detach())
        level = {"black": 0, "white": 255}[name]
        pixels = torch.full(self.image.shape, level, dtype=torch.uint8, device=self.image.device)
        return self.normalisation(pixels)

    def others(self, count: int, draw: torch.Generator) -> tuple[Tensor, Tensor]:
        """`count` images of the background, drawn without repetition: normalised (n, C, H, W), labels (n,).

        Raises SettingError where there is no background.
        """
        if self.background is None or not len(self.background):
            raise SettingError("This method compares with other images, and none were given.")
        chosen = torch.randperm(len(self.background), generator=draw)[:count]
        pixels, device = self.background.pixels[chosen], self.image.device
        return self.normalisation(pixels.to(device)), self.background.labels[chosen].to(device)


def blurred(images: Tensor) -> Tensor:
    """(N, C, H, W) under a Gaussian whose standard deviation is BLUR of the side."""
    height, width = images.shape[2:]
    kernel = [max(1, side // 2 * 2 - 1) for side in (width, height)]  # odd, and what reflection allows
    smooth: Tensor = gaussian_blur(images, kernel, [BLUR * width, BLUR * height])
    return smooth


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
    seconds: float = 0.0  # that the method took

    @property
    def plane(self) -> Tensor:
        """(H, W): the scores summed over channels, as one picture."""
        return self.scores.sum(dim=0)

    @property
    def extent(self) -> float:
        """The largest absolute value of the plane, where its colour scale ends; 0 for a map of zeros."""
        return float(self.plane.abs().max())


def map_of(case: Case, scores: Tensor, *facts: Fact, signed: bool) -> AttributionMap:
    """The map from a method's result (1, C, H, W), or (1, 1, H, W) for all channels together."""
    return AttributionMap(scores.detach()[0].float().cpu(), signed, case.target, facts)


def completeness(explained: float, change: float, exact: bool = True) -> Fact:
    """How far the attributions' sum is from what they should sum to; `exact` if only rounding may part them."""
    gap = abs(explained - change)
    share = f" ({100 * gap / abs(change):.2g} %)" if change else ""
    return Fact(
        "Completeness",
        f"{explained:.3f} of {change:.3f}",
        "The attributions sum to the first number; the logit of the image minus that of the baseline is the "
        f"second. They should agree{'' if exact else ', the better the more samples are drawn'}, and are "
        f"{gap:.2g}{share} apart.",
    )
