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
