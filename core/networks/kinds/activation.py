"""Activations: the nonlinearity, each a module of its own (attribution methods depend on that)."""

from torch import nn

from core.networks.kind import LayerKind

ACTIVATIONS = (
    LayerKind(
        name="ReLU",
        stem="relu",
        group="Activation",
        explanation="Keeps positive values and sets negative ones to zero.",
        module=nn.ReLU,
    ),
    LayerKind(
        name="Tanh",
        stem="tanh",
        group="Activation",
        explanation="Squeezes every value into −1 to 1.",
        module=nn.Tanh,
    ),
    LayerKind(
        name="Sigmoid",
        stem="sigmoid",
        group="Activation",
        explanation="Squeezes every value into 0 to 1.",
        module=nn.Sigmoid,
    ),
)
