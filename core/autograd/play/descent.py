"""Gradient descent on the leaves of a program, step by step, with PyTorch's own optimizers."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch._dynamo  # every optimizer imports it when it is first made, which takes a second

from core.autograd.errors import RefusalError
from core.autograd.play.function import ProgramFunction

STEPS = 200  # at most
SECONDS = 0.5  # for one optimizer
DIVERGED = 10.0  # how many times the loss may rise above its best by what it began with or has fallen


@dataclass(frozen=True)
class Method:
    """A rule for the step: its names, PyTorch's optimizer, and the rule in words for `help`."""

    short: str
    title: str
    make: Callable[[Iterable[torch.Tensor], float], torch.optim.Optimizer]
    rule: str


METHODS: dict[str, Method] = {
    "descent": Method(
        "Plain",
        "Gradient descent",
        lambda leaves, rate: torch.optim.SGD(leaves, lr=rate),
        "x ← x − rate · gradient",
    ),
    "momentum": Method(
        "Momentum",
        "Momentum 0.9",
        lambda leaves, rate: torch.optim.SGD(leaves, lr=rate, momentum=0.9),
        "v ← 0.9 v + gradient, x ← x − rate · v",
    ),
    "adam": Method(
        "Adam",
        "Adam",
        lambda leaves, rate: torch.optim.Adam(leaves, lr=rate),
        "x ← x − rate · m / (√v + ε), with running means m of the gradient and v of its square",
    ),
}


@dataclass(frozen=True, eq=False)
class Path:
    """Where one optimizer went: point k is the place before step k + 1.

    `points` and `gradients` hold one flat tuple of all chosen leaves' elements for each loss.
    """

    method: str
    losses: tuple[float, ...]
    points: tuple[tuple[float, ...], ...]
    gradients: tuple[tuple[float, ...], ...]
    diverged: int | None  # the step after which the loss was not finite, or far above what it had been
    stopped: str = ""  # why it ended early, where that is not divergence


def descend(function: ProgramFunction, method: str, rate: float, steps: int) -> Path:
    """Take up to `steps` steps; ends early when the loss diverges, or the time is up.

    `function` has one output of one element. Raises ValueError for a rate or number of steps out of range.
    """
    if not (math.isfinite(rate) and rate > 0) or not 0 < steps <= STEPS:
        raise ValueError(f"The rate must be above 0 and steps between 1 and {STEPS}; given {rate}, {steps}")
    leaves = tuple(each.requires_grad_() for each in function.start())
    optimizer = METHODS[method].make(leaves, rate)
    losses: list[float] = []
    points, gradients = [], []
    diverged, stopped = None, ""
    deadline = time.monotonic() + SECONDS
    for step in range(steps + 1):
        optimizer.zero_grad()
        try:
            with torch.enable_grad():
                loss = function(*leaves)[0].sum()
                loss.backward()
        except RefusalError as refusal:
            stopped = refusal.message
            break
        losses.append(loss.item())
        points.append(_flat(leaves))
        gradients.append(_flat([torch.zeros_like(x) if x.grad is None else x.grad for x in leaves]))
        if _diverges(losses):
            diverged = step
            break
        if time.monotonic() > deadline:
            stopped = f"the time of {SECONDS:g} s was up"
            break
        if step < steps:
            optimizer.step()
    return Path(method, tuple(losses), tuple(points), tuple(gradients), diverged, stopped)


def _diverges(losses: list[float]) -> bool:
    now = losses[-1]
    if not math.isfinite(now):
        return True
    best = min(losses)
    natural = max(abs(losses[0]), losses[0] - best, 1e-3)
    return len(losses) > 1 and now > losses[-2] and now - best > DIVERGED * natural


def _flat(tensors: Iterable[torch.Tensor]) -> tuple[float, ...]:
    return tuple(number for each in tensors for number in each.detach().reshape(-1).tolist())
