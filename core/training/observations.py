"""What a run shows of itself beside its curves: frozen records of columns, each also one line of JSON."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class ClassCounts:
    """The confusion matrix of the validation images after an epoch."""

    step: int
    epoch: float
    seconds: float
    counts: list[list[int]]  # [true class][predicted class]


@dataclass(frozen=True)
class Watched:
    """What the network thinks of a few validation images, always the same ones."""

    step: int
    epoch: float
    seconds: float
    images: list[int]  # positions in the validation split
    probabilities: list[list[float]]  # [image][class]


@dataclass(frozen=True)
class Kernels:
    """The first layer's weights as little images, in steps of a 127th of the largest."""

    step: int
    epoch: float
    seconds: float
    layer: str  # its name in the module
    shape: list[int]  # (kernels, channels, height, width)
    largest: float  # |weight| that 127 stands for
    levels: str  # int8, base64

    def weights(self) -> np.ndarray:
        """float32 of `shape`."""
        levels = np.frombuffer(base64.b64decode(self.levels), np.int8).reshape(self.shape)
        return levels.astype(np.float32) * (self.largest / 127)


@dataclass(frozen=True)
class Health:
    """How gradients flow and units work at one step, layer by layer."""

    step: int
    epoch: float
    seconds: float
    images: int  # of the step's batch, that the activations were looked at with
    layers: list[str]  # those with weights
    gradient_norms: list[float]  # L2, of all of a layer's weights, as the optimizer got them
    update_ratios: list[float]  # ‖step‖ / ‖weights before it‖
    activations: list[str]  # those that can be dead or saturated, like ReLU and Tanh
    # share of the units that gave 0 for every image of the batch; None: can't be dead
    dead: list[float | None]
    saturated: list[float | None]  # share of the outputs within 1 % of a bound; None: has no two bounds


@dataclass(frozen=True)
class Change:
    """A setting that was changed while the run was under way, by a person or by its schedule."""

    step: int
    epoch: float
    seconds: float
    setting: str  # a field of TrainingConfig
    before: float
    after: float
    by: str  # person | plateau | plan


@dataclass(frozen=True)
class WeightUpdate:
    """What one step did to one weight."""

    parameter: str  # its name in the module
    index: list[int]  # the weight's place in the parameter's shape
    before: float
    gradient: float  # as the optimizer got it: with penalties, and clipped
    after: float
    kept_before: dict[str, float]  # what the optimizer remembered of it, under PyTorch's names
    kept: dict[str, float]  # and remembers now


@dataclass(frozen=True)
class StepUnderMagnifier:
    """All that happened in one step."""

    step: int
    epoch: float
    seconds: float
    images: int  # of the batch; the first few are shown
    shape: list[int]  # of the images that are shown: (n, C, H, W)
    pixels: str  # those images as the network got them, scaled to 0–255, uint8, base64
    labels: list[int]  # of the shown images
    logits: list[list[float]]
    losses: list[float]  # of each shown image, nats
    loss: float  # mean over the batch, label smoothing included
    gradient_norm: float  # over all weights, after clipping
    learning_rate: float
    weight_decay: float
    parameters: list[str]  # their names in the module
    gradient_norms: list[float]  # of each of them
    weights: list[dict[str, Any]]  # the fields of a few WeightUpdates of each of them
    counts: list[float] = field(default_factory=list)  # of each shown image; none: each counts as much

    def shown(self) -> np.ndarray:
        """The images that are shown: uint8 (n, C, H, W)."""
        return np.frombuffer(base64.b64decode(self.pixels), np.uint8).reshape(self.shape)

    def updates(self, parameter: str) -> list[WeightUpdate]:
        """What happened to a few weights of `parameter`: those with the largest gradients, the largest first."""
        return [WeightUpdate(**row) for row in self.weights if row["parameter"] == parameter]


Observation = ClassCounts | Watched | Kernels | Health | Change | StepUnderMagnifier
OBSERVATIONS: dict[str, type[Any]] = {kind.__name__: kind for kind in Observation.__args__}


def packed(array: np.ndarray) -> str:
    """The bytes of an array as base64."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
