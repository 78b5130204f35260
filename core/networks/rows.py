"""One layer as it stands in a network: shapes, costs, receptive field, and how each number comes about."""

from __future__ import annotations

from dataclasses import dataclass

from core.networks.kind import BlockKind, LayerKind, Settings, count
from core.networks.kinds.window import unread
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
    """One layer as it stands in this network; shapes and costs are of one image.

    A block's row stands behind those of its inner layers, and counts only what joins them.
    """

    place: Place
    name: str  # conv1
    path: str  # of its module: residual1.body.conv1
    kind: str  # Conv2d
    input_shape: Shape
    output_shape: Shape
    parameters: int
    macs: int  # forward pass; bias additions are not counted; FLOPs are twice as many
    activation_bytes: int  # of the output, float32
    receptive_field: tuple[int, int]  # height and width in input pixels, of the unit that sees most
    formulas: Formulas
    branch_shapes: tuple[Shape, ...] = ()  # of a block: what leaves its branches
    unread: str = ""  # which pixels of its input a stride leaves out, in a sentence


def see(kind: LayerKind, settings: Settings, sight: Sight) -> Sight:
    """What the units of a layer see that reads a layer of this sight."""
    if kind.window:
        return sight.through(kind.window(settings))
    if kind.reach:
        height, width = (kind.reach(settings, len(spans)) for spans in sight.axes)
        return sight.reaching(height, width)
    return sight


def layer_row(
    place: Place,
    name: str,
    path: str,
    kind: LayerKind,
    settings: Settings,
    shape: Shape,
    before: Sight,
    seen: Sight,
) -> LayerRow:
    output = kind.output(settings, shape)
    parameters, macs = kind.parameters(settings, shape), kind.macs(settings, shape)
    activation = count(BYTES, *output)
    return LayerRow(
        place=place,
        name=name,
        path=path,
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
        unread=unread(kind.window(settings), shape) if kind.window else "",
    )


def block_row(
    place: Place,
    name: str,
    path: str,
    kind: BlockKind,
    settings: Settings,
    shape: Shape,
    outputs: tuple[Shape, ...],
    seen: Sight,
) -> LayerRow:
    output = kind.output(settings, shape, outputs)
    parameters, macs = kind.parameters(settings, shape, outputs), kind.macs(settings, shape, outputs)
    activation = count(BYTES, *output)
    return LayerRow(
        place=place,
        name=name,
        path=path,
        kind=kind.name,
        input_shape=shape,
        output_shape=output,
        parameters=parameters.value,
        macs=macs.value,
        activation_bytes=activation.value,
        receptive_field=seen.extent,
        formulas=Formulas(
            output=kind.output_formula(settings, shape, outputs),
            parameters=f"{parameters} in the projection" if parameters.value else "0: joining learns nothing",
            macs=f"{macs} in the projection" if macs.value else "0: joining multiplies nothing with weights",
            activation=f"{activation} bytes",
            receptive_field=f"all that one of the joined units sees: {shape_text(seen.extent)}",
        ),
        branch_shapes=outputs,
    )


def _sight_formula(kind: LayerKind, settings: Settings, before: Sight, seen: Sight) -> str:
    extent = shape_text(seen.extent)
    if kind.elementwise:
        return f"as the layer before: {extent}"
    if kind.window and seen.regular:
        text = f"{before.side} + ({kind.window(settings).span} − 1)·{before.jump} = {seen.side}"
        cut = seen.extent != (seen.side, seen.side)
        return f"{text}, cut by the image's border to {extent}" if cut else text
    if all(len(spans) == 1 for spans in seen.axes):
        return f"each unit reads the whole layer before it: {extent}"
    return f"all that the units in its window see, the image's borders considered: {extent}"
