"""Blocks: inner layers whose result is joined with their input, or with one another's."""

from __future__ import annotations

import math

from torch import nn

from core.networks.fields import Field
from core.networks.kind import ZERO, BlockKind, Formula, Settings, Window, count, reads_all
from core.networks.modules import Concatenate, Product, Residual, Skip, Sum
from core.networks.sight import Sight
from core.networks.spec import LayerSpec, Shape, shape_text

Shapes = tuple[Shape, ...]
NO_STRIDE = 0


def projection_stride(x: Shape, y: Shape) -> int:
    """The stride of a 1×1 convolution that brings the maps of x to the size of y's; NO_STRIDE if none does.

    ⌊(H − 1)/s⌋ + 1 = H', for height and width alike.
    """
    if len(x) != 3 or len(y) != 3:
        return NO_STRIDE
    strides = range(1, max(x[1:]) + 1)
    fits = (s for s in strides if all((n - 1) // s + 1 == m for n, m in zip(x[1:], y[1:], strict=True)))
    return next(fits, NO_STRIDE)


def _residual_complaint(s: Settings, x: Shape, ys: Shapes) -> str:
    (y,) = ys
    if x == y or (len(x) == 1 and len(y) == 1) or projection_stride(x, y):
        return ""
    reason = (
        "one is flat and the other is not"
        if len(x) != len(y)
        else f"no whole stride of a 1 × 1 projection brings {x[1]} × {x[2]} to {y[1]} × {y[2]}"
    )
    return f"F(x) is {shape_text(y)} and x is {shape_text(x)}; they can't be added: {reason}."


def _residual_output(s: Settings, x: Shape, ys: Shapes) -> str:
    (y,) = ys
    if x == y:
        return f"F(x) + x, both {shape_text(x)}"
    if len(x) == 1:
        return f"F(x) + W·x: a projection brings x from {x[0]:,} to {y[0]:,} numbers"
    stride = projection_stride(x, y)
    return f"F(x) + W·x: a 1 × 1 projection with stride {stride} brings x from {shape_text(x)} to {shape_text(y)}"


def _projection_parameters(s: Settings, x: Shape, ys: Shapes) -> Formula:
    (y,) = ys
    if x == y:
        return ZERO
    weights = count(*((1, 1) if len(x) == 3 else ()), x[0], y[0])
    more = 2 * y[0] if s.norm else y[0]  # scale and shift of the normalisation, or a bias
    return Formula(f"{weights.text} + {f'2·{y[0]}' if s.norm else y[0]}", weights.value + more)


def _projection_macs(s: Settings, x: Shape, ys: Shapes) -> Formula:
    (y,) = ys
    return ZERO if x == y else count(*((1, 1) if len(x) == 3 else ()), x[0], *y)


def _residual(s: Settings, x: Shape, ys: Shapes, bodies: list[nn.Sequential]) -> nn.Module:
    return Residual(bodies[0], projection(s, x, ys[0]))


def projection(s: Settings, x: Shape, y: Shape) -> nn.Module:
    """What brings x to the shape of F(x), where that differs; else x itself."""
    if x == y:
        return nn.Identity()
    if len(x) == 1:
        linear = nn.Linear(x[0], y[0], bias=not s.norm)
        return nn.Sequential(linear, nn.BatchNorm1d(y[0])) if s.norm else linear
    conv = nn.Conv2d(x[0], y[0], kernel_size=1, stride=projection_stride(x, y), bias=not s.norm)
    return nn.Sequential(conv, nn.BatchNorm2d(y[0])) if s.norm else conv


def _projection_layers(s: Settings, x: Shape, ys: Shapes) -> tuple[LayerSpec, ...]:
    """What `projection` makes, as layers."""
    (y,) = ys
    if x == y:
        return ()
    if len(x) == 1:
        linear = LayerSpec("Linear", (("bias", not s.norm), ("out_features", y[0])))
        return (linear, LayerSpec("BatchNorm1d")) if s.norm else (linear,)
    stride = projection_stride(x, y)
    settings = {"bias": not s.norm, "kernel": 1, "out_channels": y[0], "stride": stride}
    conv = LayerSpec("Conv2d", tuple(settings.items()))
    return (conv, LayerSpec("BatchNorm2d")) if s.norm else (conv,)


def _sight_through_projection(s: Settings, x: Shape, ys: Shapes, sight: Sight) -> Sight:
    if x == ys[0]:
        return sight
    if len(x) == 1:
        return sight.reaching(*(reads_all(s, len(spans)) for spans in sight.axes))
    return sight.through(Window(1, projection_stride(x, ys[0])))


def _concatenable(shapes: Shapes, names: list[str]) -> str:
    sizes = {shape[1:] for shape in shapes}
    if len(sizes) == 1:
        return ""
    said = ", ".join(f"{name} is {shape_text(shape)}" for name, shape in zip(names, shapes, strict=True))
    return (
        f"{said}: concatenation puts channels side by side, so height and width must be the same everywhere."
    )


def _concatenated(shapes: Shapes) -> Shape:
    return (sum(shape[0] for shape in shapes), *shapes[0][1:])


def _skip_complaint(s: Settings, x: Shape, ys: Shapes) -> str:
    return _concatenable((*ys, x), ["F(x)", "x"])


def _channels(shapes: Shapes) -> str:
    word = "channels" if len(shapes[0]) == 3 else "features"
    return f"{' + '.join(str(shape[0]) for shape in shapes)} = {_concatenated(shapes)[0]} {word}"


def _fed(numbers: Shapes) -> list[str]:
    return [f"branch {i + 1}" for i in range(len(numbers))]


def _parallel_complaint(s: Settings, x: Shape, ys: Shapes) -> str:
    if s.join == "concatenate":
        return _concatenable(ys, _fed(ys))
    if len(set(ys)) == 1 or (s.join == "product" and _scaled(ys)):
        return ""
    said = ", ".join(f"{name} is {shape_text(y)}" for name, y in zip(_fed(ys), ys, strict=True))
    what = "added" if s.join == "sum" else "multiplied"
    return f"{said}: only equal shapes can be {what}."


def _scaled(ys: Shapes) -> bool:
    """Whether they are equal but for some that have a single value a channel."""
    full = max(ys, key=math.prod)
    return all(y == full or (len(full) == 3 and y == (full[0], 1, 1)) for y in ys)


def _parallel_output(s: Settings, x: Shape, ys: Shapes) -> Shape:
    return _concatenated(ys) if s.join == "concatenate" else max(ys, key=math.prod)


def _parallel_output_formula(s: Settings, x: Shape, ys: Shapes) -> str:
    if s.join == "concatenate":
        return f"{_channels(ys)}, side by side"
    sign = " + " if s.join == "sum" else " · "
    return f"{sign.join(f'F{i + 1}(x)' for i in range(len(ys)))}, each value with its like"


JOINS = {"concatenate": Concatenate, "sum": Sum, "product": Product}


def _parallel(s: Settings, x: Shape, ys: Shapes, bodies: list[nn.Sequential]) -> nn.Module:
    return JOINS[s.join]({f"branch{i + 1}": body for i, body in enumerate(bodies)})


def _free(s: Settings, x: Shape, ys: Shapes) -> Formula:
    return ZERO


BLOCKS = (
    BlockKind(
        name="Residual",
        stem="residual",
        group="Block",
        explanation="Adds its input to what its inner layers make of it, so that they need to learn the "
        "difference only and gradients have a way around them.",
        fields=(
            Field(
                "norm",
                "bool",
                False,
                "Whether batch norm follows the projection, which then has no bias.",
                rare=True,
            ),
        ),
        equation="y = F(x) + x",
        branches=(1, 1),
        branch_name=lambda i: "body",
        complaint=_residual_complaint,
        output=lambda s, x, ys: ys[0],
        output_formula=_residual_output,
        parameters=_projection_parameters,
        macs=_projection_macs,
        build=_residual,
        join=lambda s: "sum",
        around=_projection_layers,
        sight_of_x=_sight_through_projection,
    ),
    BlockKind(
        name="Skip",
        stem="skip",
        group="Block",
        explanation="Hands on its input unchanged beside what its inner layers make of it, as more channels "
        "(a dense connection).",
        equation="y = [F(x), x]",
        branches=(1, 1),
        branch_name=lambda i: "body",
        complaint=_skip_complaint,
        output=lambda s, x, ys: _concatenated((*ys, x)),
        output_formula=lambda s, x, ys: f"[F(x), x]: {_channels((*ys, x))}, side by side",
        parameters=_free,
        macs=_free,
        build=lambda s, x, ys, bodies: Skip(bodies[0]),
        join=lambda s: "concatenate",
        around=lambda s, x, ys: (),
        sight_of_x=lambda s, x, ys, sight: sight,
    ),
    BlockKind(
        name="Parallel",
        stem="parallel",
        group="Block",
        explanation="Sends its input through several branches at once and joins what they give "
        "(an Inception block); an empty branch hands its input on.",
        fields=(
            Field(
                "join",
                "choice",
                "concatenate",
                "How the branches' results become one.",
                words=tuple(JOINS),
            ),
        ),
        equation="y = [F₁(x), F₂(x), …]",
        branches=(1, 8),
        branch_name=lambda i: f"branch{i + 1}",
        complaint=_parallel_complaint,
        output=_parallel_output,
        output_formula=_parallel_output_formula,
        parameters=_free,
        macs=_free,
        build=_parallel,
        join=lambda s: s.join,
    ),
)
