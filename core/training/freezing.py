"""The first layer stops learning before the others, and each step after that is cheaper.

Early layers settle first, and their gradient is the dearest: on its way there it passes over the largest maps.
Source: Brock, Lim, Ritchie and Weston, FreezeOut, arXiv:1706.04983, 2017; here for the first layer alone.
"""

from __future__ import annotations

from torch import nn

from core.networks.spec import LayerSpec, NetworkSpec

ALWAYS = 1.0  # share of the run in which it learns
_KERNELS = ("Conv2d", "SeparableConv2d", "Linear")


def refusal(network: NetworkSpec) -> str:
    """Why the first layer of `network` can't be frozen on the way, a sentence that says what to do; "" if it can."""
    back = "under “The first layer”, let the share of the run in which it learns be 1"
    if network.frozen:
        return f"The first layer of a network whose head alone is trained never learns: {back}."
    if _count(network.layers) > 1:
        return ""
    return f"Behind the first layer this network has none that could go on learning: {back}, or add a Linear."


def first_layer(model: nn.Module) -> list[nn.Parameter]:
    """What `model` learns before its second convolution or Linear: the first one, and what normalises it.

    Nothing where there is no second one.
    """
    found: list[nn.Parameter] = []
    kernels = 0
    for module in model.modules():
        kernels += isinstance(module, nn.Conv2d | nn.Linear)
        if kernels > 1:
            return [parameter for parameter in found if parameter.requires_grad]
        found += module.parameters(recurse=False)
    return []


class FirstLayer:
    """The first layer of a model over one run: it learns until a share of the run is done."""

    def __init__(self, model: nn.Module, share: float) -> None:
        self._parameters = first_layer(model)
        self._share = share
        self.learns = True

    def is_due(self, progress: float) -> bool:
        """Whether it still learns and should no more, where the share `progress` of the run is done."""
        return self.learns and self._share < ALWAYS and progress >= self._share

    def freeze(self) -> None:
        """From the next step on it gets no gradient, and no optimizer moves it."""
        for parameter in self._parameters:
            parameter.requires_grad_(False)
        self.learns = False


def _count(layers: tuple[LayerSpec, ...]) -> int:
    """How many layers with kernels these and their inner ones are, without those that are switched off."""
    return sum(
        (layer.kind in _KERNELS) + sum(map(_count, layer.branches)) for layer in layers if layer.enabled
    )
