"""One layer as it stands in a network: shapes, costs, receptive field, and how each number comes about."""

from __future__ import annotations

from dataclasses import dataclass

from core.networks.kind import LayerKind, Settings, count
from core.networks.sight import Sight
from core.networks.spec import Place, Shape, shape_text

BYTES = 4  # of a float32


@dataclass(frozen=True)
class Formulas:
    """How each number of a row comes about, with this layer's values."""

    output: str
    parameters: str
    macs: str
    activation: str
    receptive_field: str


@dataclass(frozen=True)
class LayerRow:
    """One layer as it stands in this network; shapes and costs are of one image."""

    place: Place
    name: str  # conv1
    kind: str  # Conv2d
    input_shape: Shape
    output_shape: Shape
    parameters: int
    macs: int  # forward pass; bias additions are not counted; FLOPs are twice as many
    activation_bytes: int  # of the output, float32
    receptive_field: tuple[int, int]  # height and width in input pixels, of the unit that sees most
    formulas: Formulas


def see(kind: LayerKind, settings: Settings, sight: Sight) -> Sight:
    if kind.sees_all:
        return sight.through_all()
    return sight.through(kind.window(settings)) if kind.window else sight


def row(
    place: Place, name: str, kind: LayerKind, settings: Settings, shape: Shape, before: Sight, seen: Sight
) -> LayerRow:
    output = kind.output(settings, shape)
    parameters, macs = kind.parameters(settings, shape), kind.macs(settings, shape)
    activation = count(BYTES, *output)
    return LayerRow(
        place=place,
        name=name,
        kind=kind.name,
        input_shape=shape,
        output_shape=output,
        parameters=parameters.value,
        macs=macs.value,
        activation_bytes=activation.value,
        receptive_field=seen.extent,
        formulas=Formulas(
            output=kind.output_formula(settings, shape),
            parameters=str(parameters),
            macs=str(macs),
            activation=f"{activation} bytes",
            receptive_field=_sight_formula(kind, settings, before, seen),
        ),
    )


def _sight_formula(kind: LayerKind, settings: Settings, before: Sight, seen: Sight) -> str:
    extent = shape_text(seen.extent)
    if kind.sees_all:
        return f"each unit reads the whole layer before it: {extent}"
    if not kind.window:
        return f"as the layer before: {extent}"
    text = f"{before.side} + ({kind.window(settings).span} − 1)·{before.jump} = {seen.side}"
    cut = seen.extent != (seen.side, seen.side)
    return f"{text}, cut by the image's border to {extent}" if cut else text
