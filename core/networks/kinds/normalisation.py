"""Normalisation and dropout: what keeps training steady."""

from torch import nn

from core.networks.fields import Field
from core.networks.kind import Arguments, Formula, LayerKind

NORMALISATIONS = (
    LayerKind(
        name="BatchNorm2d",
        stem="bn",
        group="Normalisation",
        explanation="Brings each channel to mean 0 and deviation 1 over the batch, then scales and shifts it "
        "by two learned numbers.",
        module=nn.BatchNorm2d,
        rank=3,
        arguments=lambda s, shape: Arguments((shape[0],)),
        parameters=lambda s, shape: Formula(f"2·{shape[0]}", 2 * shape[0]),
    ),
    LayerKind(
        name="Dropout",
        stem="dropout",
        group="Regularisation",
        explanation="Sets random values to zero while training, so that no unit can rely on another.",
        module=nn.Dropout,
        fields=(Field("p", "float", 0.5, "Share of the values set to zero in each training step.", 0, 0.95),),
        arguments=lambda s, shape: Arguments((), {"p": float(s.p)}),
    ),
)
