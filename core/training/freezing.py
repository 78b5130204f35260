"""The first layer, or the first few in turn, stop learning before the others, and each step after that is cheaper.

Early layers settle first, and their gradient is the dearest: on its way there it passes over the largest maps.
Source: Brock, Lim, Ritchie and Weston, FreezeOut, arXiv:1706.04983, 2017; its linear schedule, with one learning
rate for all that still learn.
"""

from __future__ import annotations

from torch import nn

from core.networks.spec import LayerSpec, NetworkSpec

ALWAYS = 1.0  # share of the run in which it learns
IN_VAIN = (
    "More layers can stop only once the first one has stopped: under “The first layer”, let the share of the run in "
    "which it learns be less than 1, or the number of layers that stop be 1."
)
_KERNELS = ("Conv2d", "SeparableConv2d", "Linear")


def refusal(network: NetworkSpec, first: float, stopping: int) -> str:
    """Why the layers of `network` can't be frozen as asked, a sentence that says what to do; "" if they can."""
    if first == ALWAYS:
        return IN_VAIN if stopping > 1 else ""
    back = "under “The first layer”, let the share of the run in which it learns be 1"
    if network.frozen:
        return f"The first layer of a network whose head alone is trained never learns: {back}."
    if _count(network.layers) > 1:
        return ""
    return f"Behind the first layer this network has none that could go on learning: {back}, or add a Linear."


def learning_layers(model: nn.Module) -> list[list[nn.Parameter]]:
    """What each convolution and Linear of `model` learns, in its order, with what normalises it."""
    layers: list[list[nn.Parameter]] = [[]]
    kernels = 0
    for module in model.modules():
        kernels += isinstance(module, nn.Conv2d | nn.Linear)
        if kernels > len(layers):
            layers.append([])
        layers[-1] += [parameter for parameter in module.parameters(recurse=False) if parameter.requires_grad]
    return layers


def ends(first: float, stopping: int, layers: int) -> list[float]:
    """The shares of the run after which the first `stopping` of so many `layers` stop; the last one never does.

    The first one stops after the share `first`, the others after it, evenly up to the end of the run.
    """
    stopping = min(stopping, layers - 1)
    return [first + (1 - first) * place / stopping for place in range(stopping)]


class Freezing:
    """Which layers of a model have stopped learning in one run, and when the next one is to."""

    def __init__(self, model: nn.Module, first: float, stopping: int) -> None:
        """The first layer learns for the share `first` of the run; so many are `stopping` in all."""
        self._layers = learning_layers(model)
        self._ends = ends(first, stopping, len(self._layers)) if first < ALWAYS else []
        self.frozen = 0  # layers

    def due(self, progress: float) -> int:
        """How many layers are not to learn any more, where the share `progress` of the run is done."""
        return sum(progress >= end for end in self._ends)

    def freeze(self, count: int) -> None:
        """From the next step on the first `count` layers get no gradient, and no optimizer moves them."""
        for parameters in self._layers[:count]:
            for parameter in parameters:
                parameter.requires_grad_(False)
        self.frozen = count


def _count(layers: tuple[LayerSpec, ...]) -> int:
    """How many layers with kernels these and their inner ones are, without those that are switched off."""
    return sum(
        (layer.kind in _KERNELS) + sum(map(_count, layer.branches)) for layer in layers if layer.enabled
    )
