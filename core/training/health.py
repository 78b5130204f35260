"""Measure how gradients flow through a network and how its units work, on the batch of one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from core.training.evaluation import evaluating

BOUNDS: dict[type[nn.Module], tuple[float, float]] = {
    nn.Sigmoid: (0.0, 1.0),
    nn.Hardsigmoid: (0.0, 1.0),
    nn.Tanh: (-1.0, 1.0),
}
LOOKED_AT = 64  # images of a batch: of a larger one a forward pass more would be felt
NEAR = 0.01  # an output within this share of the way to a bound is saturated: there the slope is near 0
CAN_DIE: tuple[type[nn.Module], ...] = (nn.ReLU, nn.Hardswish)  # 0 with slope 0 on a whole side
LOOKED_INTO: tuple[type[nn.Module], ...] = (*CAN_DIE, *BOUNDS)


@dataclass(frozen=True)
class Gradients:
    """What one step did to each layer with weights."""

    layers: list[str]
    norms: list[float]  # ‖gradient‖, L2
    update_ratios: list[float]  # ‖step‖ / ‖weights before it‖; NaN where all weights were 0


@dataclass(frozen=True)
class Activations:
    """What each activation gave for a batch."""

    layers: list[str]
    dead: list[float | None]  # share of the units that gave 0 for every image
    saturated: list[float | None]  # share of the outputs near a bound
    images: int  # that they were shown


def learned(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """The layers with weights that are learned: name in the module → its own parameters."""
    layers = {}
    for name, module in model.named_modules():
        own = [parameter for parameter in module.parameters(recurse=False) if parameter.requires_grad]
        if own:
            layers[name or type(module).__name__] = own
    return layers


def copies(model: nn.Module) -> dict[str, list[Tensor]]:
    """The weights of `learned`, as they are now."""
    return {name: [p.detach().clone() for p in own] for name, own in learned(model).items()}


@torch.no_grad()
def gradients(model: nn.Module, before: dict[str, list[Tensor]]) -> Gradients:
    """What the step did that has just been taken from the weights `before` (of `copies`).

    The gradients are those that the optimizer got: with penalties, and clipped.
    """
    rows = []
    for name, own in learned(model).items():
        steps = [p - old for p, old in zip(own, before[name], strict=True)]
        given = [torch.zeros_like(p) if p.grad is None else p.grad for p in own]
        rows += [_norm(given), _norm(steps), _norm(before[name])]
    # (3 · layers) → (layers, 3), in one move: on a GPU Python waits once
    numbers = torch.stack(rows).view(-1, 3).tolist() if rows else []
    ratios = [step / weights if weights else float("nan") for _, step, weights in numbers]
    return Gradients(list(before), [norm for norm, _, _ in numbers], ratios)


def activations(model: nn.Module, images: Tensor) -> Activations:
    """How the activations of `model` respond to the first `LOOKED_AT` images of (N, C, H, W).

    The model is left as it was. Nothing is dropped, and batch normalisation uses the statistics of these images,
    much as in the step itself: the running ones are far off in the first steps.
    """
    images = images[:LOOKED_AT]
    seen: dict[str, tuple[Tensor | None, Tensor | None]] = {}

    def look(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        def hook(module: nn.Module, _inputs: object, output: Tensor) -> None:
            seen[name] = (_dead(module, output), _saturated(module, output))

        return hook

    hooks = [
        module.register_forward_hook(look(name))
        for name, module in model.named_modules()
        if isinstance(module, LOOKED_INTO)
    ]
    if not hooks:
        return Activations([], [], [], len(images))
    try:
        with _on_this_batch(model), torch.no_grad():
            buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
            torch.func.functional_call(model, buffers, images)
    finally:
        for hook in hooks:
            hook.remove()
    dead, saturated = zip(*seen.values(), strict=True)
    return Activations(list(seen), _numbers(dead), _numbers(saturated), len(images))


@contextmanager
def _on_this_batch(model: nn.Module) -> Iterator[None]:
    """Eval mode, but for the batch normalisation that is in train mode."""
    training = [module for module in model.modules() if isinstance(module, _BatchNorm) and module.training]
    with evaluating(model):
        for module in training:
            module.training = True
        yield


def _norm(tensors: list[Tensor]) -> Tensor:
    """The L2 norm of all numbers in `tensors`."""
    return nn.utils.get_total_norm(tensors)


def _dead(module: nn.Module, output: Tensor) -> Tensor | None:
    """A unit is a channel of a feature map, or one number of a flat output."""
    if not isinstance(module, CAN_DIE):
        return None
    units = output.transpose(0, 1).flatten(1)  # (N, units, …) → (units, N · …)
    return (units == 0).all(dim=1).float().mean()


def _saturated(module: nn.Module, output: Tensor) -> Tensor | None:
    if type(module) not in BOUNDS:
        return None
    low, high = BOUNDS[type(module)]
    margin = NEAR * (high - low)
    return ((output < low + margin) | (output > high - margin)).float().mean()


def _numbers(shares: tuple[Tensor | None, ...]) -> list[float | None]:
    return [None if share is None else share.item() for share in shares]
