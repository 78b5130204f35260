"""How long a network takes on a machine: what is asked for, what was found, and the estimate for an epoch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from core.networks.analysis import Analysis, analyse
from core.networks.json_form import from_json, to_json
from core.networks.rows import BYTES
from core.networks.spec import NetworkSpec, Shape
from core.training import side_work
from core.training.side_work import Progress, Refused

MOST_MACS = 300e9  # of one step: about ten seconds on one core
MOST_BYTES = 3 * 2**30  # of a step: weights, gradients, the optimizer's memory and the batch's activations
BACKWARD = 2  # times as many multiply-adds as forward: one for the inputs' gradients, one for the weights'


@dataclass(frozen=True)
class TimingOrder:
    """What to measure."""

    network: NetworkSpec
    input_shape: Shape  # (C, H, W)
    classes: int = 10
    batch_size: int = 64  # images of a training step
    optimizer: str = "adam"  # a key of OPTIMIZERS
    device: str = "auto"  # as a run's

    def problem(self) -> str | None:
        """A sentence that says why this can't be measured here; None if it can."""
        analysis = analyse(self.network, self.input_shape, self.classes)
        if analysis.problems:
            return analysis.problems[0].sentence
        macs = (1 + BACKWARD) * analysis.macs * self.batch_size
        memory = _memory(analysis, self.batch_size)
        if macs <= MOST_MACS and memory <= MOST_BYTES:
            return None
        return (
            f"A training step of {self.batch_size} images takes about {macs / 1e9:,.0f} billion MACs and "
            f"{memory / 2**30:.1f} GiB; beside the page at most {MOST_MACS / 1e9:,.0f} billion and "
            f"{MOST_BYTES / 2**30:.0f} GiB are allowed. Choose a smaller batch, or a smaller network."
        )

    def to_line(self) -> str:
        """One line of JSON without its end of line."""
        return json.dumps({**self.__dict__, "network": to_json(self.network)})

    @classmethod
    def from_line(cls, line: str) -> TimingOrder:
        """Read what `to_line` wrote; raises ValueError."""
        fields = json.loads(line)
        shape = tuple(fields["input_shape"])
        return cls(**{**fields, "network": from_json(fields["network"]), "input_shape": shape})


@dataclass(frozen=True)
class LayerTime:
    """Seconds of one layer, measured with clocks around it."""

    name: str
    kind: str
    macs: int  # of one image, forward
    forward: float  # of the batch, in train mode
    backward: float  # of the batch
    inference: float  # of one image, in eval mode and without gradients


@dataclass(frozen=True)
class Timing:
    """Seconds, each the median over the turns."""

    device: str  # as the page shows it
    threads: int  # of the CPU
    batch_size: int
    layers: tuple[LayerTime, ...]  # with clocks; and in the last record …
    between: LayerTime  # … what those do not see: the loss, and PyTorch's and Python's own work
    forward: float  # of the batch, with the loss; this and the following without any clocks inside
    backward: float
    step: float  # of the optimizer: zero_grad and step
    inference: float  # of one image
    spread: float  # half the range of the middle half of the training steps, as a share of the median
    turns: int  # training steps that were measured with clocks, and as many without
    image_turns: int  # single images, likewise

    @property
    def watched(self) -> LayerTime:
        """The totals with clocks: the sum of all layers and of what lies between them."""
        parts = (*self.layers, self.between)
        return LayerTime(
            name="total",
            kind="",
            macs=sum(part.macs for part in parts),
            forward=sum(part.forward for part in parts),
            backward=sum(part.backward for part in parts),
            inference=sum(part.inference for part in parts),
        )

    def steps(self, images: int) -> int:
        """Optimizer steps of one epoch, as `core.data.batches` makes them: a last single image is left out."""
        whole, rest = divmod(images, self.batch_size)
        return max(whole + (rest > 1), 1)

    def epoch(self, images: int) -> float:
        """Steps × (forward + backward + optimizer); without gathering batches and without evaluation."""
        return self.steps(images) * (self.forward + self.backward + self.step)


def from_line(line: str) -> Progress | Refused | Timing:
    """Read a message of a measurement, as `side_work.to_line` wrote it; raises ValueError for anything else."""
    message: Progress | Refused | Timing = side_work.from_line(line, {"Timing": _timing})
    return message


def _timing(fields: dict[str, Any]) -> Timing:
    layers = tuple(LayerTime(**layer) for layer in fields["layers"])
    return Timing(**{**fields, "layers": layers, "between": LayerTime(**fields["between"])})


def _memory(analysis: Analysis, batch_size: int) -> int:
    """Bytes of a training step: weights, gradients and Adam's two moments; activations and their gradients."""
    return 4 * BYTES * analysis.parameters + 2 * batch_size * analysis.activation_bytes
