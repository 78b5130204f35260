"""Flatten and the fully connected layer."""

import math
from collections.abc import Iterator

from torch import nn

from core.networks.calls import call, differing
from core.networks.fields import Field
from core.networks.kind import Arguments, Complaint, Formula, LayerKind, Settings, count, reads_all
from core.networks.spec import Shape


def complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    if s.in_features not in (None, shape[0]):
        yield Complaint(
            f"in_features is {s.in_features:,}, but the layer before gives {shape[0]:,} numbers.",
            ((f"Set in_features to {shape[0]:,}, following the layer before", {"in_features": None}),),
        )


def parameters(s: Settings, shape: Shape) -> Formula:
    weights = count(shape[0], s.out_features)
    if not s.bias:
        return weights
    return Formula(f"{weights.text} + {s.out_features}", weights.value + s.out_features)


DENSE = (
    LayerKind(
        name="Flatten",
        stem="flatten",
        group="Dense",
        explanation="Lays all feature maps out as one row of numbers, which a Linear layer can take.",
        module=nn.Flatten,
        keras=lambda s, shape: ("layers.Flatten()",),
        output=lambda s, shape: (math.prod(shape),),
        output_formula=lambda s, shape: str(count(*shape)),
    ),
    LayerKind(
        name="Linear",
        stem="linear",
        group="Dense",
        explanation="Each output is a learned weighted sum of all inputs.",
        module=nn.Linear,
        keras=lambda s, shape: (call("layers.Dense", s.out_features, use_bias=differing(s.bias, True)),),
        fields=(
            Field("out_features", "int", 10, "How many numbers come out.", 1, 65_536),
            Field("bias", "bool", True, "Whether each output adds a learned constant.", rare=True),
            Field(
                "in_features",
                "int",
                None,
                "Numbers that come in; PyTorch wants this number.",
                1,
                1_000_000_000,
                rare=True,
                follows="the layer before",
            ),
        ),
        rank=1,
        arguments=lambda s, shape: Arguments((shape[0], s.out_features), {"bias": s.bias}),
        complaints=complaints,
        output=lambda s, shape: (s.out_features,),
        output_formula=lambda s, shape: f"out_features = {s.out_features}",
        parameters=parameters,
        macs=lambda s, shape: count(shape[0], s.out_features),
        reach=reads_all,
    ),
)
