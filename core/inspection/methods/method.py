"""What the table of attribution methods says of each, and what several of them have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import nn

from core.inspection.anatomy import Anatomy
from core.inspection.controls import Choice, Control, Number, Settings
from core.inspection.maps import BASELINES, AttributionMap, Case

Compute = Callable[[Case, Settings], AttributionMap]
Shape = tuple[int, int, int]  # (C, H, W) of one image

BATCH = 128  # images of 28×28 in one forward pass: Occlusion is three times as fast as one by one


@dataclass(frozen=True)
class Passes:
    """What a map costs: how many images go forward through the network, and for how many gradients come back."""

    forward: int
    backward: int = 0

    @property
    def words(self) -> str:
        """In words: 52 images forward, 50 of them back."""
        return f"{_images(self.forward)} forward, " + (
            f"{self.backward:,} of them back" if self.backward else "none back: it needs no gradients"
        )


def _images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"


@dataclass(frozen=True)
class Need:
    """What a method asks of a network."""

    words: str  # for the table of methods
    unable: Callable[[Anatomy], str] = lambda _anatomy: ""  # why a network can't be served; "" where it can
    short: str = ""  # the same in three words, for a list


@dataclass(frozen=True)
class Method:
    """One way to say which pixels speak for a class."""

    name: str
    family: str
    formula: str  # LaTeX; f_c is the target's logit, x the normalised image, A the map
    meaning: str  # one sentence: what a large score means
    misleads: str  # one sentence: when not to believe it
    paper: str
    compute: Compute
    cost: Callable[[Settings, Shape], Passes]
    controls: tuple[Control, ...] = ()
    need: Need = field(default_factory=lambda: Need("Any network whose layers can be differentiated."))
    suspect: str = (
        ""  # why its maps are checked without being asked, where the literature says that they fail
    )

    def unable(self, anatomy: Anatomy) -> str:
        """Why a network can't be served; "" where it can."""
        return self.need.unable(anatomy)

    @property
    def random(self) -> bool:
        """Whether the map depends on random numbers, which its seed decides."""
        return any(control.name == "seed" for control in self.controls)


def one_pass(_settings: Settings, _shape: Shape) -> Passes:
    """One image forward and back."""
    return Passes(1, 1)


def _no_relu(anatomy: Anatomy) -> str:
    if anatomy.has(nn.ReLU):
        return ""
    return "It changes how ReLU passes gradients back, and this network has no ReLU."


def _no_convolution(anatomy: Anatomy) -> str:
    if anatomy.last_convolution is not None:
        return ""
    return (
        "It needs the feature maps of a convolution, and this network has none with more than one position."
    )


ANY = Need("Any network; it looks only at what comes out.")
RELU = Need("ReLU, each a layer of its own.", _no_relu, "no ReLU")
CONVOLUTION = Need(
    "A convolution that hands on maps of more than one position.", _no_convolution, "no feature maps"
)
RELU_AND_CONVOLUTION = Need(
    "ReLU, each a layer of its own, and a convolution that hands on maps of more than one position.",
    lambda anatomy: _no_convolution(anatomy) or _no_relu(anatomy),
    "no ReLU or no feature maps",
)

BASELINE = Choice(
    "baseline", "Baseline", "The reference input: what counts as “nothing there”.", "black", BASELINES
)
SEED = Number("seed", "Seed", "Another seed draws other random numbers; the same one the same.", 0, 0, 999)


def samples(help_text: str, default: int, low: int, high: int, step: int = 5) -> Number:
    """How often a method draws."""
    return Number("samples", "Samples", help_text, default, low, high, step)


def batch(case: Case) -> int:
    """How many images go through the network at once: the larger they are, the fewer."""
    height, width = case.image.shape[2:]
    return max(4, BATCH * 28 * 28 // max(height * width, 28 * 28))


def generator(settings: Settings) -> torch.Generator:
    """Random numbers of this map's own, so that no other thread's drawing changes it, nor it theirs."""
    return torch.Generator().manual_seed(int(settings["seed"]))
