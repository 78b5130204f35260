"""Measure how gradients flow through a network and how its units work, on the batch of one step."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.training.evaluation import evaluating

BOUNDS: dict[type[nn.Module], tuple[float, float]] = {nn.Sigmoid: (0.0, 1.0), nn.Tanh: (-1.0, 1.0)}
NEAR = 0.01  # an output within this share of the way to a bound is saturated
CAN_DIE: tuple[type[nn.Module], ...] = (nn.ReLU,)  # activations with a side on which nothing flows back


@dataclass(frozen=True)
class Gradients:
    """What one step did to each layer with weights."""

    layers: list[str]
    norms: list[float]  # ‖gradient‖, L2
    update_ratios: list[float]  # ‖step‖ / ‖weights before it‖


@dataclass(frozen=True)
class Activations:
    """What each activation gave for a batch."""

    layers: list[str]
    dead: list[float | None]  # share of the units that gave 0 for every image
    saturated: list[float | None]  # share of the outputs near a bound


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


def gradients(model: nn.Module, before: dict[str, list[Tensor]]) -> Gradients:
    """What the step did that has just been taken from the weights `before` (of `copies`)."""
    norms, ratios = [], []
    for name, own in learned(model).items():
        norms.append(_norm([p.grad for p in own if p.grad is not None]))
        step = [p.detach() - old for p, old in zip(own, before[name], strict=True)]
        size = _norm(before[name])
        ratios.append(_norm(step) / size if size else float("nan"))
    return Gradients(list(before), norms, ratios)


def activations(model: nn.Module, images: Tensor) -> Activations:
    """How the activations of `model` respond to images (N, C, H, W), in eval mode; the model is left as it was."""
    seen: dict[str, tuple[float | None, float | None]] = {}
    hooks = []
    for name, module in model.named_modules():
        if type(module) in (*CAN_DIE, *BOUNDS):

            def look(module: nn.Module, _inputs: object, output: Tensor, name: str = name) -> None:
                seen[name] = (_dead(module, output), _saturated(module, output))

            hooks.append(module.register_forward_hook(look))
    try:
        with evaluating(model), torch.no_grad():
            model(images)
    finally:
        for hook in hooks:
            hook.remove()
    return Activations(list(seen), [dead for dead, _ in seen.values()], [full for _, full in seen.values()])


def _norm(tensors: list[Tensor]) -> float:
    """The L2 norm of all numbers in `tensors`."""
    return torch.stack([t.float().norm() for t in tensors]).norm().item() if tensors else 0.0


def _dead(module: nn.Module, output: Tensor) -> float | None:
    """A unit is a channel of a feature map, or one number of a flat output."""
    if type(module) not in CAN_DIE:
        return None
    units = output.transpose(0, 1).flatten(1)  # (N, units, …) → (units, N · …)
    return (units <= 0).all(dim=1).float().mean().item()


def _saturated(module: nn.Module, output: Tensor) -> float | None:
    if type(module) not in BOUNDS:
        return None
    low, high = BOUNDS[type(module)]
    margin = NEAR * (high - low)
    return ((output < low + margin) | (output > high - margin)).float().mean().item()
