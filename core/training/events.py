"""What a run tells whoever listens: frozen records, each also one line of JSON between worker and keeper."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from core.training.observations import Observation

if TYPE_CHECKING:
    from core.training.checkpoint import TrainingState


@dataclass(frozen=True)
class Started:
    """Training begins, or goes on from a checkpoint."""

    device: str  # as the page shows it
    parameters: int  # of the network, all that are learned
    train_images: int
    validation_images: int
    steps_per_epoch: int
    total_steps: int  # of the whole run
    step: int  # steps done so far: 0, or where the checkpoint was taken
    epoch: int = 0  # whole passes so far
    precision: str = "float32"  # what the network computes with, a key of PRECISIONS


@dataclass(frozen=True)
class StepReport:
    """The running training loss and accuracy since the last report: train mode, while the weights move."""

    step: int  # optimizer updates so far
    epoch: float  # passes over the training split so far
    loss: float  # mean over the images, nats
    accuracy: float  # 0–1
    images: int  # that loss and accuracy are the means of
    learning_rate: float
    seconds: float  # of the run so far, pauses left out
    images_per_second: float  # while training, evaluations left out
    seconds_left: float | None  # estimated; None before there is anything to estimate from


@dataclass(frozen=True)
class Evaluated:
    """The loss and accuracy on validation or training images: eval mode, fixed weights."""

    step: int
    epoch: float
    loss: float  # mean over the images, nats
    accuracy: float  # 0–1
    images: int  # fewer than the split has, where only a subset was looked at
    learning_rate: float
    seconds: float
    split: str = "validation"  # validation | train


@dataclass(frozen=True)
class EpochFinished:
    """A pass over the training split is complete, and evaluated."""

    epoch: int  # passes so far
    step: int
    seconds: float


@dataclass(frozen=True)
class Checkpoint:
    """All that is needed to go on from here exactly; the state is only valid until the loop goes on."""

    step: int
    epoch: float
    state: TrainingState


@dataclass(frozen=True)
class Finished:
    """The last event of a loop."""

    reason: str  # completed | stopped | diverged
    step: int  # where it ended; of a diverged run the first step whose loss was not a finite number
    seconds: float
    message: str = ""  # where it did not just end: what happened and what to try


# The worker turns a Checkpoint into a file, and says more than the loop does:


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint lies in a file."""

    step: int
    epoch: float
    file: str  # its name in the run's folder of weights
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Tested:
    """The loss and accuracy on the whole test split, once, after training."""

    loss: float
    accuracy: float
    images: int
    seconds: float = 0.0  # that the whole split took, so that seconds / images is the time of inference


@dataclass(frozen=True)
class Paused:
    """The worker waits; the message says why, if nobody asked for it."""

    message: str = ""


@dataclass(frozen=True)
class Resumed:
    """The worker goes on after a pause."""


@dataclass(frozen=True)
class Acknowledged:
    """The worker has taken a command."""

    command: int  # its id in the store


@dataclass(frozen=True)
class Interrupted:
    """The worker saved what it had and ends, since its keeper is gone or told it to."""

    message: str


@dataclass(frozen=True)
class Failed:
    """The worker can't train this run; the message says why."""

    message: str


# what the loop yields
Event = Started | StepReport | Evaluated | EpochFinished | Checkpoint | Finished | Observation
Message = (  # what a worker writes: no tensors in it
    Started
    | StepReport
    | Evaluated
    | EpochFinished
    | CheckpointSaved
    | Finished
    | Observation
    | Tested
    | Paused
    | Resumed
    | Acknowledged
    | Interrupted
    | Failed
)
_MESSAGES = {kind.__name__: kind for kind in Message.__args__}


def to_line(message: Message) -> str:
    """One line of JSON without its end of line; infinite and NaN losses as Python's json writes them."""
    return json.dumps({"event": type(message).__name__, **asdict(message)})


def from_line(line: str) -> Message:
    """Read what `to_line` wrote; raises ValueError for anything else."""
    try:
        fields = json.loads(line)
        message: Message = _MESSAGES[fields.pop("event")](**fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"not a worker's message: {line[:200]!r}") from error
    return message
