"""The app's own loop, its events written as a worker writes them."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from torch import nn

from benchmarks.ways.task import Answer, Task
from core.data import catalogue
from core.data.batches import Batches
from core.training import journal
from core.training.evaluation import Evaluation, evaluate
from core.training.events import Checkpoint, Started, StepReport, to_line
from core.training.loop import train
from core.training.setup import set_up


@contextmanager
def timing_evaluation(clock: Callable[[], float]) -> Iterator[list[float]]:
    """The seconds of each evaluation inside, of which a floor has none."""
    seconds: list[float] = []

    def timed(model: nn.Module, batches: Batches) -> Evaluation:
        began = clock()
        try:
            return evaluate(model, batches)
        finally:
            seconds.append(clock() - began)

    journal.evaluate = timed
    try:
        yield seconds
    finally:
        journal.evaluate = evaluate


def speed(task: Task, clock: Callable[[], float] = time.perf_counter) -> Answer:
    """With all that a run does beside its steps: reports, health, looks at the validation images."""
    request = task.request
    setup = set_up(request, catalogue.load(request.data.dataset, request.data.image))
    precision, images, began = "", 0, 0.0
    with Path(os.devnull).open("w") as pipe, timing_evaluation(clock) as evaluations:
        for event in train(setup.model, setup.training, setup.validation, request.config, clock=clock):
            if isinstance(event, Checkpoint):
                continue
            pipe.write(to_line(event) + "\n")
            pipe.flush()
            if isinstance(event, Started):
                precision = event.precision
            if isinstance(event, StepReport) and not began:
                began = clock()  # the first step warmed up
                evaluations.clear()
            elif isinstance(event, StepReport):
                images += event.images
                spent = clock() - began
                if spent >= task.seconds:
                    return Answer(images / (spent - sum(evaluations)), images / spent, precision)
    raise AssertionError("the run ended before the time was over")
