"""What the store tells about runs: frozen records, one a row."""

from dataclasses import dataclass
from pathlib import Path

from core.training.config import RunRequest


@dataclass(frozen=True)
class Run:
    """One training run as the store knows it; times are seconds since 1970 (UTC)."""

    id: str  # a short token, for addresses and file names
    number: int  # 1, 2, 3 …: its name in a sentence and its colour everywhere; never given twice
    name: str
    owner: str  # whose turn it is in the queue; "" for everybody
    request: RunRequest
    state: str  # a key of STATES
    message: str  # why it is in this state, where that needs a sentence; else ""
    attempt: int  # how often a worker has taken it; after a resumption metrics past the checkpoint come anew
    device: str  # as the page shows it; "" before it started
    epoch: int  # whole passes over the training split so far
    step: int  # optimizer updates so far
    total_steps: int | None  # of the whole run; this and what follows is None while not known
    images_per_second: float | None  # while training, evaluations left out
    seconds: float  # of training so far, pauses left out
    seconds_left: float | None
    parameters: int | None
    train_images: int | None
    test_loss: float | None
    test_accuracy: float | None  # 0–1
    created: float
    started: float | None  # the first time
    finished: float | None
    precision: str  # what it computes with, a key of PRECISIONS; "" before it started
    validation_images: int | None
    train_loss: float | None  # the last running one
    train_accuracy: float | None
    validation_loss: float | None  # the last evaluated one
    validation_accuracy: float | None
    test_seconds: float | None  # that evaluating the test split took
    test_images: int | None
    sweep: str | None  # the id of the sweep it belongs to
    note: str  # what a person wrote beside it
    archived: float | None  # when it was put away
    deleted: float | None  # when; until KEPT_DELETED later it can be brought back

    @property
    def seconds_per_epoch(self) -> float | None:
        """Of training, evaluations included, over the whole passes so far."""
        return self.seconds / self.epoch if self.epoch else None

    @property
    def inference_seconds(self) -> float | None:
        """For one image, as the test split took it, in batches."""
        return self.test_seconds / self.test_images if self.test_seconds and self.test_images else None


@dataclass(frozen=True)
class Metric:
    """One point of a curve."""

    id: int  # grows with time: ask for what came after the last one seen
    step: int
    epoch: float  # passes over the training split
    split: str  # train | validation
    kind: str  # running (train mode, while the weights move) | evaluated (eval mode, fixed weights)
    loss: float  # mean over the images, nats; NaN or infinite where it was
    accuracy: float  # 0–1
    images: int  # that loss and accuracy are the means of
    learning_rate: float
    seconds: float  # of training so far, pauses left out


@dataclass(frozen=True)
class CheckpointRecord:
    """A file of weights, and what it takes to trust it."""

    id: int
    step: int
    epoch: float
    path: Path
    bytes: int
    sha256: str
    created: float  # seconds since 1970 (UTC)


@dataclass(frozen=True)
class Command:
    """Something a person asked of a run, on its way to the worker."""

    id: int
    run: str  # the run's id
    action: str  # a key of ACTIONS
    value: float | None
