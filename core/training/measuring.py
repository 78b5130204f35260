"""Measures how long a network takes here: training steps and single images, with and without clocks inside."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext

import torch

from core.networks.analysis import analyse
from core.networks.build import build
from core.training import device
from core.training.classes_first import cross_entropy
from core.training.layer_clock import LayerClock
from core.training.layout import lay_out, layout
from core.training.optimizers import OPTIMIZERS
from core.training.side_work import Progress
from core.training.timing import LayerTime, Timing, TimingOrder

STEP_SECONDS, IMAGE_SECONDS = 4.0, 1.0  # for the turns of training steps, of single images
MOST_TURNS = 300

Parts = tuple[float, ...]  # seconds of what a turn consists of


def measure(order: TimingOrder) -> Iterator[Progress | Timing]:
    """Measure; the last thing that comes is the Timing. Raises ValueError for what can't be measured.

    The images are noise, since the time that arithmetic takes does not depend on the numbers. PyTorch's global
    random numbers are used.
    """
    if problem := order.problem():
        raise ValueError(problem)
    bench = Bench(order)
    yield Progress(0.0, "Warming up")
    bench.training_step(watched=False)  # memory is claimed, kernels are chosen
    steps, watched_steps = [], []
    for done in _turns(STEP_SECONDS):
        yield Progress(0.75 * done, f"Training steps of {order.batch_size} images")
        steps.append(bench.training_step(watched=False))
        watched_steps.append(bench.training_step(watched=True))
    bench.model.eval()
    bench.single_image(watched=False)
    images, watched_images = [], []
    for done in _turns(IMAGE_SECONDS):
        yield Progress(0.75 + 0.25 * done, "Single images")
        images.append(bench.single_image(watched=False))
        watched_images.append(bench.single_image(watched=True))
    yield bench.timing(steps, watched_steps, images, watched_images)


class Bench:
    """A network with a batch, on the device that training would use."""

    def __init__(self, order: TimingOrder) -> None:
        self._order = order
        self._place = device.resolve(order.device)
        self._rows = analyse(order.network, order.input_shape, order.classes).rows
        model = build(order.network, order.input_shape, order.classes)
        lies = layout(model, self._place)
        self.model = lay_out(model.to(self._place), lies).train()
        self._optimizer = OPTIMIZERS[order.optimizer].of(self.model, 1e-3, 0.0)
        images = torch.randn(order.batch_size, *order.input_shape).to(self._place)
        self._images = images.contiguous(memory_format=lies)
        self._labels = torch.randint(order.classes, (order.batch_size,)).to(self._place)
        self._now = _clock(self._place)
        self._clock = LayerClock(self.model, self._rows, self._now)

    def training_step(self, watched: bool) -> Parts:
        """Forward, backward and optimizer; watched, then the layers' forward and backward times."""
        now, clock = self._now, self._clock
        clock.restart()
        start = now()
        self._optimizer.zero_grad()
        cleared = now()
        with clock.forward() if watched else nullcontext():
            begin = now()
            loss = cross_entropy(self.model(self._images), self._labels)
            forward = now() - begin
        forward_layers = self._layers()
        with clock.backward() if watched else nullcontext():
            begin = now()
            loss.backward()
            backward = now() - begin
        backward_layers = self._layers()
        begin = now()
        self._optimizer.step()
        step = now() - begin + cleared - start
        return forward, backward, step, *forward_layers, *backward_layers

    def single_image(self, watched: bool) -> Parts:
        """Inference; watched, then the layers' times."""
        with torch.no_grad(), self._clock.forward() if watched else nullcontext():
            begin = self._now()
            self.model(self._images[:1])
            took = self._now() - begin
        return took, *self._layers()

    def _layers(self) -> Parts:
        seconds = tuple(self._clock.seconds[row.name] for row in self._rows)
        self._clock.restart()
        return seconds

    def timing(
        self, steps: list[Parts], watched_steps: list[Parts], images: list[Parts], watched_images: list[Parts]
    ) -> Timing:
        """The result of turns: `training_step` and `single_image`, without and with clocks."""
        order, rows = self._order, self._rows
        forward, backward, step, *_ = _medians(steps)
        inference, *_ = _medians(images)
        count = len(rows)
        seconds = zip(
            _split([(turn[0], turn[3 : 3 + count]) for turn in watched_steps]),
            _split([(turn[1], turn[3 + count :]) for turn in watched_steps]),
            _split([(turn[0], turn[1:]) for turn in watched_images]),
            strict=True,
        )
        labels = [*((row.name, row.kind, row.macs) for row in rows), ("between layers", "", 0)]
        *layers, between = (LayerTime(*label, *parts) for label, parts in zip(labels, seconds, strict=True))
        return Timing(
            device=device.describe(self._place),
            threads=torch.get_num_threads(),
            batch_size=order.batch_size,
            layers=tuple(layers),
            between=between,
            forward=forward,
            backward=backward,
            step=step,
            inference=inference,
            spread=_spread([sum(turn[:3]) for turn in steps]),
            turns=len(steps),
            image_turns=len(images),
        )


def _turns(budget: float) -> Iterator[float]:
    """What share of the time is spent, before each turn; there is at least one."""
    begun = time.perf_counter()
    for turn in range(MOST_TURNS):
        done = max((time.perf_counter() - begun) / budget, turn / MOST_TURNS)
        if turn and done >= 1:
            return
        yield min(done, 1.0)


def _medians(turns: Sequence[Parts]) -> Parts:
    """The median of each part: a turn in which something else held the machine up does not count."""
    return tuple(map(statistics.median, zip(*turns, strict=True)))


def _split(turns: list[tuple[float, Parts]]) -> Parts:
    """From (total, layers) of each turn: the median of each layer, and of what remains of the total."""
    return _medians([(*layers, total - sum(layers)) for total, layers in turns])


def _spread(times: list[float]) -> float:
    """Half the range of the middle half, as a share of the median."""
    ordered = sorted(times)
    quarter = len(ordered) // 4
    return (ordered[-1 - quarter] - ordered[quarter]) / (2 * statistics.median(ordered))


def _clock(place: torch.device) -> Callable[[], float]:
    """The time in seconds, once the device has done all that it was told to."""
    settle = {"cuda": torch.cuda.synchronize, "mps": torch.mps.synchronize}.get(place.type)
    if settle is None:
        return time.perf_counter

    def now() -> float:
        settle()
        return time.perf_counter()

    return now
