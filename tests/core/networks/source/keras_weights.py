"""Our weights, in the order of axes that Keras has them, for a model of a generated Keras program."""

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from torch import Tensor, nn

from core.networks.modules import DepthwiseSeparable


class FlattenChannelsLast(nn.Module):
    """Lays maps out as Keras does: row by row, all channels of a pixel side by side."""

    def forward(self, x: Tensor) -> Tensor:
        return (x.permute(0, 2, 3, 1) if x.ndim == 4 else x).flatten(1)


def flatten_as_keras(model: nn.Module) -> nn.Module:
    """The model with another order of features behind its Flatten layers."""
    for name, child in list(model.named_children()):
        if isinstance(child, nn.Flatten):
            setattr(model, name, FlattenChannelsLast())
        else:
            flatten_as_keras(child)
    return model


def _convolution(conv: Any) -> list[Tensor]:
    return [conv.weight.permute(2, 3, 1, 0), *_bias(conv)]  # (C', C, k, k) → (k, k, C, C')


def _separable(block: Any) -> list[Tensor]:
    each = block.depthwise.weight.permute(2, 3, 0, 1)  # (C, 1, k, k) → (k, k, C, 1)
    return [each, *_convolution(block.pointwise)]


def _linear(linear: Any) -> list[Tensor]:
    return [linear.weight.T, *_bias(linear)]


def _batch_norm(norm: Any) -> list[Tensor]:
    return [norm.weight, norm.bias, norm.running_mean, norm.running_var]


def _norm(norm: Any) -> list[Tensor]:
    if norm.weight is None:
        return []
    return [one.permute(1, 2, 0) if one.ndim == 3 else one for one in (norm.weight, norm.bias)]


def _bias(module: Any) -> list[Tensor]:
    return [] if module.bias is None else [module.bias]


# class in torch → (class in Keras, its weights)
TWINS: dict[type[nn.Module], tuple[str, Callable[[Any], list[Tensor]]]] = {
    nn.Conv2d: ("Conv2D", _convolution),
    DepthwiseSeparable: ("SeparableConv2D", _separable),
    nn.Linear: ("Dense", _linear),
    nn.BatchNorm2d: ("BatchNormalization", _batch_norm),
    nn.BatchNorm1d: ("BatchNormalization", _batch_norm),
    nn.LayerNorm: ("LayerNormalization", _norm),
    nn.GroupNorm: ("GroupNormalization", _norm),
    nn.InstanceNorm2d: ("GroupNormalization", _norm),
}


def copy_weights(model: nn.Module, keras_model: Any) -> None:
    """Give the Keras model the weights and statistics of ours; fails where one has what the other lacks."""
    waiting: dict[str, list[list[Tensor]]] = defaultdict(list)
    for module in _outermost(model):
        name, weights = TWINS[type(module)]
        waiting[name].append(weights(module))
    for layer in sorted(keras_model.layers, key=lambda layer: _number(layer.name)):
        if type(layer).__name__ in {name for name, _ in TWINS.values()}:
            weights_of_layer = waiting[type(layer).__name__].pop(0)
            layer.set_weights([weight.detach().numpy() for weight in weights_of_layer])
    assert not any(waiting.values())


def _outermost(model: nn.Module) -> list[nn.Module]:
    """The modules that have a twin, in the order of definition, without those inside another such module."""
    if type(model) in TWINS:
        return [model]
    return [found for child in model.children() for found in _outermost(child)]


def _number(name: str) -> int:
    """Keras counts the layers of a class as they are made: conv2d, conv2d_1, …"""
    match = re.search(r"_(\d+)$", name)
    return int(match.group(1)) if match else 0
