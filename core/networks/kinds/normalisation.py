"""Normalisation and dropout: what keeps training steady."""

import math
from collections.abc import Iterator
from math import gcd

from torch import nn

from core.networks.calls import call, differing
from core.networks.fields import Field
from core.networks.kind import Arguments, Complaint, Formula, LayerKind, Settings, count
from core.networks.spec import Shape


def scale_and_shift(s: Settings, shape: Shape) -> Formula:
    return Formula(f"2·{shape[0]}", 2 * shape[0])


def group_complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    if shape[0] % s.groups:
        fitting = gcd(shape[0], s.groups)
        yield Complaint(
            f"{s.groups} groups don't divide the {shape[0]} channels: "
            f"{shape[0]} mod {s.groups} = {shape[0] % s.groups}; each group needs as many channels as the others.",
            ((f"Set groups to {fitting}", {"groups": fitting}), ("Set groups to 1", {"groups": 1})),
        )
    elif math.prod(shape) == s.groups:
        yield Complaint(
            f"GroupNorm normalises each of its {s.groups} groups over its own values, and each has a single one: "
            "all would become zero.",
            (("Set groups to 1", {"groups": 1}),),
        )


def instance_complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    if math.prod(shape[1:]) == 1:
        yield Complaint(
            "InstanceNorm2d normalises each map over its own pixels, and these maps have a single one: "
            "all would become zero."
        )


def batch_arguments(s: Settings, shape: Shape) -> Arguments:
    return Arguments((shape[0],), {"eps": float(s.eps), "momentum": float(s.momentum)})


def batch_keras(s: Settings, shape: Shape) -> tuple[str, ...]:
    kept = round(1 - s.momentum, 9)  # of the running mean; Keras weighs the old value, PyTorch the new one
    return (call("layers.BatchNormalization", momentum=kept, epsilon=float(s.eps)),)


def layer_keras(s: Settings, shape: Shape) -> tuple[str, ...]:
    axes = "[1, 2, 3]" if len(shape) == 3 else "-1"
    return (f"layers.LayerNormalization(axis={axes}, epsilon={EPS})",)


def instance_keras(s: Settings, shape: Shape) -> tuple[str, ...]:
    affine = differing(s.affine, True)
    groups = shape[0]  # one a channel
    return (call("layers.GroupNormalization", groups, epsilon=EPS, center=affine, scale=affine),)


EPS = 1e-5  # in all of PyTorch's normalisations; Keras has 1e-3
BATCH_FIELDS = (
    Field("eps", "float", EPS, "Added to the variance, so that nothing is divided by zero.", 0, 1, rare=True),
    Field(
        "momentum",
        "float",
        0.1,
        "Weight of the newest batch in the running mean and variance that evaluation uses.",
        0,
        1,
        rare=True,
    ),
)
SHARE = Field("p", "float", 0.5, "Share of the values set to zero in each training step.", 0, 0.95)

NORMALISATIONS = (
    LayerKind(
        name="BatchNorm2d",
        stem="bn",
        group="Normalisation",
        explanation="Brings each channel to mean 0 and deviation 1 over the batch, then scales and shifts it "
        "by two learned numbers.",
        module=nn.BatchNorm2d,
        keras=batch_keras,
        rank=3,
        twin="BatchNorm1d",
        fields=BATCH_FIELDS,
        arguments=batch_arguments,
        parameters=scale_and_shift,
    ),
    LayerKind(
        name="BatchNorm1d",
        stem="bn",
        group="Normalisation",
        explanation="Brings each feature to mean 0 and deviation 1 over the batch, then scales and shifts it "
        "by two learned numbers.",
        module=nn.BatchNorm1d,
        keras=batch_keras,
        rank=1,
        twin="BatchNorm2d",
        fields=BATCH_FIELDS,
        arguments=batch_arguments,
        parameters=scale_and_shift,
    ),
    LayerKind(
        name="LayerNorm",
        stem="ln",
        group="Normalisation",
        explanation="Brings all values of one image to mean 0 and deviation 1, whatever the batch, then scales and "
        "shifts each by two learned numbers.",
        module=nn.LayerNorm,
        keras=layer_keras,
        arguments=lambda s, shape: Arguments((list(shape),)),
        parameters=lambda s, shape: count(2, *shape),
    ),
    LayerKind(
        name="GroupNorm",
        stem="gn",
        group="Normalisation",
        explanation="Brings each group of channels of one image to mean 0 and deviation 1, then scales and shifts "
        "each channel by two learned numbers.",
        module=nn.GroupNorm,
        keras=lambda s, shape: (call("layers.GroupNormalization", s.groups, epsilon=EPS),),
        fields=(Field("groups", "int", 4, "Into how many groups the channels are split.", 1, 4096),),
        rank=3,
        complaints=group_complaints,
        arguments=lambda s, shape: Arguments((s.groups, shape[0])),
        parameters=scale_and_shift,
    ),
    LayerKind(
        name="InstanceNorm2d",
        stem="in",
        group="Normalisation",
        explanation="Brings each map of each image to mean 0 and deviation 1 over its own pixels.",
        module=nn.InstanceNorm2d,
        keras=instance_keras,
        fields=(
            Field("affine", "bool", False, "Whether two learned numbers then scale and shift each channel."),
        ),
        rank=3,
        complaints=instance_complaints,
        arguments=lambda s, shape: Arguments((shape[0],), {"affine": s.affine}),
        parameters=lambda s, shape: scale_and_shift(s, shape) if s.affine else Formula("0", 0),
    ),
    LayerKind(
        name="Dropout",
        stem="dropout",
        group="Regularisation",
        explanation="Sets random values to zero while training, so that no unit can rely on another.",
        module=nn.Dropout,
        keras=lambda s, shape: (call("layers.Dropout", float(s.p)),),
        fields=(SHARE,),
        arguments=lambda s, shape: Arguments((), {"p": float(s.p)}),
    ),
    LayerKind(
        name="Dropout2d",
        stem="dropout",
        group="Regularisation",
        explanation="Sets whole random feature maps to zero while training; neighbouring pixels are too alike for "
        "single ones to matter.",
        module=nn.Dropout2d,
        keras=lambda s, shape: (call("layers.SpatialDropout2D", float(s.p)),),
        fields=(SHARE,),
        rank=3,
        twin="Dropout",
        arguments=lambda s, shape: Arguments((), {"p": float(s.p)}),
    ),
)
