"""The loss over a rectangle of two numbers, with everything else in the program as it was."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from core.autograd.errors import RefusalError
from core.autograd.play.descent import Path
from core.autograd.play.function import ProgramFunction

POINTS = 41  # on each side
SECONDS = 1.0  # for a program that cannot be computed for all points at once
MARGIN = 0.15  # of the width, around the paths


@dataclass(frozen=True, eq=False)
class Landscape:
    """`losses[j][i]` is the loss at (xs[i], ys[j]); nan where it is not finite."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    losses: tuple[tuple[float, ...], ...]


def frame(paths: Sequence[Path]) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the paths need, diverging ones only near the start: ((left, right), (bottom, top))."""
    first = paths[0]
    natural = max(abs(first.losses[0]), first.losses[0] - min(first.losses), 1e-3)
    near = [
        point
        for path in paths
        for point, loss in zip(path.points, path.losses, strict=True)
        if path.diverged is None or loss <= first.losses[0] + 0.5 * natural
    ] or [first.points[0]]
    sides = []
    for axis in (0, 1):
        low, high = min(point[axis] for point in near), max(point[axis] for point in near)
        wide = max(high - low, 1.0, 0.5 * abs(first.points[0][axis]))
        middle = (low + high) / 2
        half = wide * (0.5 + MARGIN)
        sides.append((middle - half, middle + half))
    return sides[0], sides[1]


def landscape(function: ProgramFunction, box: tuple[tuple[float, float], tuple[float, float]]) -> Landscape:
    """The loss at 41 × 41 points of `box`; `function` has two inputs of one element and one output of one.

    Raises RefusalError where it cannot be computed, or would take more than a second.
    """
    one, two = function.start()
    xs = torch.linspace(*box[0], POINTS, dtype=one.dtype)
    ys = torch.linspace(*box[1], POINTS, dtype=two.dtype)
    down, across = torch.meshgrid(ys, xs, indexing="ij")  # (POINTS, POINTS)

    def loss(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return function(x.reshape(one.shape), y.reshape(two.shape))[0].sum()

    with torch.no_grad():
        losses = _at_once(loss, across.reshape(-1), down.reshape(-1))
    rows = losses.double().where(losses.isfinite(), torch.nan).reshape(POINTS, POINTS).tolist()
    return Landscape(tuple(xs.tolist()), tuple(ys.tolist()), tuple(tuple(row) for row in rows))


def _at_once(
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], xs: torch.Tensor, ys: torch.Tensor
) -> torch.Tensor:
    """All points in one call where PyTorch can batch the operations, else one after another."""
    try:
        return torch.func.vmap(loss)(xs, ys)
    except (RuntimeError, ValueError, NotImplementedError, RefusalError):
        deadline, losses = time.monotonic() + SECONDS, []
        for x, y in zip(xs, ys, strict=True):
            losses.append(loss(x, y))
            if time.monotonic() > deadline:
                raise RefusalError(
                    f"The contour map would take more than {SECONDS:g} s", "Use fewer operations."
                ) from None
        return torch.stack(losses)
