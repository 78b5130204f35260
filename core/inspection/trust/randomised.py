"""The network with the weights of its upper layers drawn anew (Adebayo and others, 2018: Sanity Checks)."""

from collections.abc import Iterator

import torch
from torch import nn

from core.inspection.anatomy import Anatomy
from core.inspection.preserve import own_copy
from core.networks.initialisation import build_anew

MOST_STAGES = 8  # of networks with more layers only some are looked at, the last and the first among them


def layers_with_weights(anatomy: Anatomy) -> list[str]:
    """The names of convolutions and linear layers, in the order of the forward pass."""
    kinds = nn.Conv2d | nn.Linear
    return [layer.name for layer in anatomy.layers if issubclass(layer.module_type, kinds)]


def stages(anatomy: Anatomy) -> list[str]:
    """The layers down to which weights are drawn anew, one after another, from the output to the image."""
    names = layers_with_weights(anatomy)[::-1]
    if len(names) <= MOST_STAGES:
        return names
    places = torch.linspace(0, len(names) - 1, MOST_STAGES).round().long().tolist()
    return [names[place] for place in places]


def cascade(model: nn.Module, anatomy: Anatomy, seed: int = 0) -> Iterator[tuple[str, nn.Module]]:
    """For each of `stages`: a copy in which this layer and all behind it are as before training.

    What a layer gets depends on its place alone, so each network differs from the one before only in the
    layers that came to it. Batch norms begin anew, too. `model` stays as it is.
    """
    order = [layer.name for layer in anatomy.layers]
    for name in stages(anatomy):
        copy = own_copy(model)
        for place in range(order.index(name), len(order)):
            module = copy.get_submodule(order[place])
            if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                module.reset_parameters()  # 1 and 0, and the running statistics 0 and 1
            elif not list(module.children()):
                build_anew(module, torch.Generator().manual_seed(1000 * seed + place))
        yield name, copy
