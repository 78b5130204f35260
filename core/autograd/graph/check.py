"""Gradients checked by central differences in float64: (f(x + h) − f(x − h)) / 2h."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import torch

from core.autograd.graph.replay import Replay
from core.autograd.graph.trace import BackwardPass, Trace

STEP = 1e-5  # h, relative to |x| where that is above 1
TOLERANCE = 1e-4  # relative error below which float32 gradients agree with float64 differences
KINK = 1e-3  # relative difference of the two one-sided slopes from which on there is a kink
ELEMENTS = 36  # values with more elements are checked along random directions
DIRECTIONS = 4
NEARBY = 2  # directions where only the operations that a value enters are evaluated again
BUDGET = 4_000  # operations that may be evaluated from a value to the root, over all passes; about 30 ms
SECONDS = 0.5  # for all checks of a program: few large tensors can cost more than many small ones

By = Literal["element", "direction", "use"]


@dataclass(frozen=True)
class Check:
    """How well one gradient agrees with float64 central differences.

    `error` is the largest difference relative to the largest gradient element (or derivative along a
    direction). `by` says what was changed: the root as a function of each element, or along random directions
    ("direction"); or, where that would take too long, only the operations that the value enters, their
    results weighted with the gradients that arrived there ("use"). When all of a program's gradients agree in
    this way, the chain rule carries it to the root.
    """

    state: Literal["agrees", "differs", "kink", "skipped"]
    error: float
    by: By


SKIPPED = Check("skipped", 0.0, "direction")


def check_all(trace: Trace) -> list[dict[int, Check]]:
    """For each backward pass, the check of each value that a gradient arrived at."""
    checks, left, end = [], BUDGET, time.monotonic() + SECONDS
    for backward in trace.passes:
        found, spent = check_pass(trace, backward, left, end)
        checks.append(found)
        left -= spent
    return checks


@torch.no_grad()
def check_pass(
    trace: Trace, backward: BackwardPass, budget: int = BUDGET, end: float = math.inf
) -> tuple[dict[int, Check], int]:
    """Check the gradients of one pass; also how many operations `budget` was spent on.

    Leaves come first, then the values nearest to the root. From `end` on (of `time.monotonic`) nothing more
    is checked.
    """
    values = sorted(backward.gradients, key=lambda number: (not trace.values[number].is_leaf, -number))
    began = time.monotonic()
    if began > end:
        return dict.fromkeys(values, SKIPPED), 0
    replay = Replay(trace, backward)
    once = time.monotonic() - began  # seconds for one evaluation of the root, at most
    spent, checks = 0, {}
    whole = True  # as far as the budget reaches
    for number in values:
        left = end - time.monotonic()
        if left < 0:
            checks[number] = SKIPPED
            continue
        after = replay.after(number) if whole else []
        x = replay.data(number)
        affordable = min((budget - spent) // (len(after) + 1), left / max(once, 1e-6))
        by, directions = _directions(x, trace.values[number].is_leaf, affordable)
        whole = whole and by != "use"
        if whole:
            spent += (2 * len(directions) + 1) * (len(after) + 1)
        function = partial(replay.root, after, number) if whole else partial(replay.nearby, number)
        checks[number] = _check(function, x, backward.gradients[number], directions, by if whole else "use")
    return checks, spent


def _directions(x: torch.Tensor, leaf: bool, affordable: float) -> tuple[By, list[torch.Tensor]]:
    """Along what to change `x`, so that it is evaluated at most `affordable` times on the way to the root."""
    if leaf and x.numel() <= ELEMENTS and affordable > 2 * x.numel():
        return "element", list(torch.eye(x.numel(), dtype=torch.float64).reshape(x.numel(), *x.shape))
    if affordable > 2 * DIRECTIONS:
        return "direction", _random(x, DIRECTIONS)
    return "use", _random(x, NEARBY)


def _random(x: torch.Tensor, count: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    together = torch.randn((count, *x.shape), dtype=torch.float64, generator=generator)
    return list(together / max(x.numel(), 1) ** 0.5)


def _check(
    function: Callable[[torch.Tensor], float],
    x: torch.Tensor,
    gradient: torch.Tensor,
    directions: list[torch.Tensor],
    by: By,
) -> Check:
    size = max(1.0, float(x.abs().max())) if x.numel() else 1.0
    h = STEP * size
    centre = function(x)
    slopes, right, left = [], [], []
    for direction in directions:
        up, down = function(x + h * direction), function(x - h * direction)
        slopes.append((up - down) / (2 * h))
        right.append((up - centre) / h)
        left.append((centre - down) / h)
    ours = [float((gradient.double() * direction).sum()) for direction in directions]
    # float32 gradients that cancel to almost 0 carry rounding of the size of the output, not of their own
    floor = 0.1 * abs(centre) / size
    scale = max([abs(slope) for slope in slopes + ours] + [floor, 1e-9])
    error = max((abs(a - b) for a, b in zip(slopes, ours, strict=True)), default=0.0) / scale
    if error <= TOLERANCE:
        return Check("agrees", error, by)
    bent = max(abs(a - b) for a, b in zip(right, left, strict=True)) / scale
    return Check("kink" if bent > KINK else "differs", error, by)
