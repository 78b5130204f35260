"""Activation maximisation: an image that excites a class or a channel most (Erhan and others, 2009).

With the regularisers of Olah, Mordvintsev and Schubert (Feature Visualization, Distill 2017): total variation,
the distance to grey, and jitter, without which the image is noise that only this network sees something in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.normalisation import Normalisation
from core.inspection.preserve import not_in_place, own_copy

MOST = 12  # images at once
RATE = 0.05  # Adam's, on the numbers behind a sigmoid
EVERY = 5  # steps between two looks


@dataclass(frozen=True)
class Wish:
    """What shall be excited, and how tame the image stays."""

    layer: str = ""  # whose channels; "" for the logits of the classes
    units: tuple[int, ...] = (0,)  # channels or classes, at most MOST: an image for each
    steps: int = 150
    smoothness: int = 100  # weight of the total variation, in per cent
    greyness: int = 20  # weight of the mean squared distance to mid-grey, in per cent
    jitter: int = 2  # pixels by which the image is shifted at random before each step, at most
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Excited:
    """The images after some steps."""

    step: int
    of: int  # steps in all
    pixels: Tensor  # uint8 (n, C, H, W)
    strengths: tuple[float, ...]  # of each unit for its image: the logit, or the mean over the channel's map
    begun: tuple[float, ...]  # the same for the noise at the beginning


def maximise(
    model: nn.Module, normalisation: Normalisation, shape: tuple[int, int, int], wish: Wish
) -> Iterator[Excited]:
    """Gradient ascent from grey noise, an image (C, H, W) of `shape` for each unit; every few steps a look.

    Any number of threads may do this for one model: each has a copy. Raises ValueError for units that the
    layer has not.
    """
    own = not_in_place(own_copy(model)).requires_grad_(False)
    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    strength = _strength(own, wish.layer, wish.units)
    mean, std = (
        torch.tensor(each, device=device).view(-1, 1, 1) for each in (normalisation.mean, normalisation.std)
    )
    draw = torch.Generator().manual_seed(wish.seed)
    behind = (0.3 * torch.randn(len(wish.units), *shape, generator=draw)).to(device).requires_grad_()
    optimizer = torch.optim.Adam([behind], lr=RATE)

    def strengths() -> tuple[float, ...]:
        with torch.no_grad():
            return tuple(strength((behind.sigmoid() - mean) / std).tolist())

    begun, scale = strengths(), _scale(strength, (behind.detach().sigmoid() - mean) / std)
    for step in range(1, wish.steps + 1):
        with torch.enable_grad():
            image = behind.sigmoid()  # 0–1, whatever the steps do
            moved = image
            if wish.jitter:
                offsets = torch.randint(-wish.jitter, wish.jitter + 1, (2,), generator=draw).tolist()
                moved = torch.roll(image, offsets, dims=(2, 3))
            contrast = ((image - 0.5) ** 2).mean((1, 2, 3))
            tame = (wish.smoothness * total_variation(image) + wish.greyness * contrast) / 100
            loss = (tame - strength((moved - mean) / std) / scale).sum()
            optimizer.zero_grad()
            loss.backward()
        optimizer.step()
        if step % EVERY == 0 or step == wish.steps:
            pixels = (behind.detach().sigmoid() * 255).round().to(torch.uint8).cpu()
            yield Excited(step, wish.steps, pixels, strengths(), begun)


def total_variation(images: Tensor) -> Tensor:
    """(N, C, H, W) → (N,): the mean absolute difference of neighbouring pixels, down plus right; H, W > 1."""
    down = (images[:, :, 1:] - images[:, :, :-1]).abs().mean((1, 2, 3))
    right = (images[..., 1:] - images[..., :-1]).abs().mean((1, 2, 3))
    return down + right


def _scale(strength: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """(n,): by how much each unit would change if every pixel moved by 1 along its gradient's sign.

    Divided by it, the units of any layer and network weigh alike against the regularisers; 1 for a unit that no
    pixel moves.
    """
    images = images.clone().requires_grad_()
    with torch.enable_grad():
        (slopes,) = torch.autograd.grad(strength(images).sum(), images)
    size = slopes.abs().sum((1, 2, 3))
    return torch.where(size > 0, size, 1.0)


def _strength(model: nn.Module, layer: str, units: Sequence[int]) -> Callable[[Tensor], Tensor]:
    """What the model gives for images (n, C, H, W), the n-th of them for the n-th unit → (n,)."""
    seen: list[Tensor] = []
    if layer:
        model.get_submodule(layer).register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    rows, columns = torch.arange(len(units)), torch.tensor(units)

    def strength(images: Tensor) -> Tensor:
        seen.clear()
        output = model(images)
        found = seen[0].flatten(2).mean(2) if layer and seen[0].ndim == 4 else seen[0] if layer else output
        if columns.max() >= found.shape[1] or columns.min() < 0:
            raise ValueError(
                f"There are {found.shape[1]} units here, so {max(units)} is none of them; the first is 0."
            )
        return found[rows, columns]  # (n, K) → (n,)

    return strength
