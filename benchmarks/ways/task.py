"""What is measured: one network, trained for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from core.data.augmentation.plan import Plan
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig

WARM_UP = 5  # steps that don't count


@dataclass(frozen=True)
class Task:
    """One network to train for a while, on Fashion-MNIST with Adam."""

    network: str  # a key of NAMED_NETWORKS
    batch_size: int
    seconds: float  # the measurement takes about so long
    precision: str = "auto"
    augmentation: Plan = ()

    @property
    def request(self) -> RunRequest:
        """The run that a worker would be given; so many epochs that it never ends by itself."""
        config = TrainingConfig(epochs=1000, batch_size=self.batch_size, precision=self.precision)
        return RunRequest(NAMED_NETWORKS[self.network], DataChoice(augmentation=self.augmentation), config)


class Window:
    """Counts steps, after some that warm up, until the time is over; `wait` waits for the device."""

    def __init__(self, task: Task, wait: Callable[[], object] = lambda: None) -> None:
        self._task, self._wait = task, wait
        self._steps, self._began = -WARM_UP, 0.0
        self.images_per_second = 0.0  # known when it is over

    def step(self) -> bool:
        """Count a step; False when the time is over."""
        self._steps += 1
        if self._steps == 0:
            self._wait()
            self._began = time.perf_counter()
        if self._steps <= 0 or time.perf_counter() - self._began < self._task.seconds:
            return True
        self._wait()
        self.images_per_second = self._steps * self._task.batch_size / (time.perf_counter() - self._began)
        return False


@dataclass(frozen=True)
class Answer:
    """What was measured."""

    images_per_second: float  # of training
    with_evaluation: float | None = None  # of training and of looking at the validation images together
    precision: str = "float32"
