"""What a block does, in equations with this block's numbers, beside what the other way of joining would do."""

from collections.abc import Callable
from dataclasses import dataclass

from core.networks.analysis import Analysis
from core.networks.edit import layer_at
from core.networks.kinds import settings_of
from core.networks.next_layer import weights_of_the_next
from core.networks.rows import LayerRow
from core.networks.spec import Place, Shape, shape_text


@dataclass(frozen=True)
class Point:
    """One thing to know about a block."""

    title: str
    equation: str
    sentence: str


def block_words(analysis: Analysis, place: Place) -> tuple[Point, ...]:
    """The points about the block at `place`; () while its shapes are not known."""
    row = analysis.row(place)
    return _WORDS[row.kind](analysis, row) if row else ()


def equation(analysis: Analysis, place: Place, short: bool = False) -> str:
    """What the block at `place` computes: y = F(x) + x; with a projection where there is one.

    `short` leaves the (x) of several branches away.
    """
    block = layer_at(analysis.spec, place)
    row = analysis.row(place)
    if block.kind == "Residual":
        return "y = F(x) + W·x" if row and row.parameters else "y = F(x) + x"
    if block.kind == "Skip":
        return "y = [F(x), x]"
    made = _several(len(block.branches))
    if short:
        made = [name.removesuffix("(x)") for name in made]
    join = settings_of(block).join
    return f"y = [{', '.join(made)}]" if join == "concatenate" else f"y = {_SIGNS[join].join(made)}"


_SIGNS = {"sum": " + ", "product": " · "}


def _several(count: int) -> list[str]:
    """F₁(x), F₂(x), …; at most four are written out."""
    names = [f"F{chr(0x2080 + i)}(x)" for i in range(1, count + 1)]
    return names if count <= 4 else [*names[:2], "…", names[-1]]


def _residual(analysis: Analysis, row: LayerRow) -> tuple[Point, ...]:
    x, (y,) = row.input_shape, row.branch_shapes
    if row.parameters:
        here = Point(
            "Here",
            f"y = F(x) + W·x: {shape_text(y)} + {shape_text(y)}",
            f"F(x) has another shape than x, so a projection W with {row.parameters:,} parameters brings x from "
            f"{shape_text(x)} to {shape_text(y)} first. The sum mixes both for good.",
        )
        back = Point(
            "Backward",
            "∂y/∂x = ∂F/∂x + W",
            "The gradient has a way around the inner layers, though through one linear layer.",
        )
    else:
        here = Point(
            "Here",
            f"y = F(x) + x: {shape_text(x)} + {shape_text(x)}",
            f"Adds {_thing(x)} by {_thing(x)}: {x[0]:,} {_thing(x)}s stay {x[0]:,}, and the sum mixes both for "
            "good. The inner layers need to learn the difference y − x only; it costs no parameter.",
        )
        back = Point(
            "Backward",
            "∂y/∂x = ∂F/∂x + 1",
            "However small ∂F/∂x becomes, the gradient arrives undiminished through the 1.",
        )
    return (here, back, _instead_concatenated(analysis, row))


def _instead_concatenated(analysis: Analysis, row: LayerRow) -> Point:
    x, (y,) = row.input_shape, row.branch_shapes
    title = "A skip by concatenation instead"
    if x[1:] != y[1:]:
        return Point(
            title,
            "y = [F(x), x]",
            f"Not possible here: F(x) is {shape_text(y)} and x is {shape_text(x)}, and side by side they need the same "
            "height and width.",
        )
    wide = y[0] + x[0]
    return Point(
        title,
        f"y = [F(x), x]: {y[0]:,} + {x[0]:,} = {wide:,} {_thing(x)}s",
        f"Would put them side by side: x goes on unchanged, and the next layer learns how to mix them. "
        f"{weights_of_the_next(analysis, row, wide, y[0])}",
    )


def _skip(analysis: Analysis, row: LayerRow) -> tuple[Point, ...]:
    x, (y,), wide = row.input_shape, row.branch_shapes, row.output_shape[0]
    instead = (
        f"Would add {_thing(x)} by {_thing(x)}: {x[0]:,} stay {x[0]:,}, and the sum mixes both for good."
        if x == y
        else f"Needs equal shapes: a projection W would bring x from {shape_text(x)} to {shape_text(y)}; {y[0]:,} "
        f"{_thing(x)}s would come out, and the sum mixes both for good."
    )
    return (
        Point(
            "Here",
            f"y = [F(x), x]: {y[0]:,} + {x[0]:,} = {wide:,} {_thing(x)}s",
            f"Puts them side by side: x goes on unchanged, and the next layer learns how to mix them. "
            f"{weights_of_the_next(analysis, row, wide, y[0])}",
        ),
        Point(
            "Backward",
            f"∂L/∂x = ∂L/∂y[:{y[0]}] · ∂F/∂x + ∂L/∂y[{y[0]}:]",
            f"The last {x[0]:,} {_thing(x)}s of y are x itself, so their gradient arrives as it is.",
        ),
        Point(
            "A residual connection instead",
            "y = F(x) + x, ∂y/∂x = ∂F/∂x + 1" if x == y else "y = F(x) + W·x, ∂y/∂x = ∂F/∂x + W",
            instead,
        ),
    )


def _parallel(analysis: Analysis, row: LayerRow) -> tuple[Point, ...]:
    join = settings_of(layer_at(analysis.spec, row.place)).join
    ys, wide = row.branch_shapes, row.output_shape[0]
    sizes = [f"{y[0]:,}" for y in ys]
    if join == "concatenate":
        here = Point(
            "Here",
            f"{equation(analysis, row.place)}: {' + '.join(sizes)} = {wide:,} {_thing(ys[0])}s",
            "Each branch looks at the same x in its own way; what they find stands side by side, and the next layer "
            f"learns how to mix it. {weights_of_the_next(analysis, row, wide, max(y[0] for y in ys))}",
        )
        back = Point(
            "Backward",
            "∂L/∂x = Σ ∂L/∂yᵢ · ∂Fᵢ/∂x",
            "Each branch gets the gradient of its own part of y; at x they add up.",
        )
        other = Point(
            "A sum instead",
            equation_of_sum(len(ys)),
            "Would need equal shapes and mix the branches for good: which of them found something is no longer "
            "to be told. With an empty branch a sum is a residual connection, and a concatenation a skip.",
        )
    elif join == "sum":
        here = Point(
            "Here",
            f"{equation(analysis, row.place)}: {' + '.join(map(shape_text, ys))}",
            f"Adds the branches value by value: {wide:,} {_thing(ys[0])}s stay {wide:,}, and the sum mixes them for "
            "good. With an empty branch this is a residual connection.",
        )
        back = Point(
            "Backward",
            "∂L/∂x = ∂L/∂y · Σ ∂Fᵢ/∂x",
            "Each branch gets the whole gradient of y; at x they add up.",
        )
        total = sum(y[0] for y in ys)
        other = Point(
            "A concatenation instead",
            f"y = [{', '.join(_several(len(ys)))}]: {' + '.join(sizes)} = {total:,} {_thing(ys[0])}s",
            "Would keep them apart, and the next layer would learn how to mix them. "
            f"{weights_of_the_next(analysis, row, total, wide)}",
        )
    else:
        here = Point(
            "Here",
            f"{equation(analysis, row.place)}: {' · '.join(map(shape_text, ys))}",
            "Multiplies the branches value by value; a branch with a single value a channel turns each whole map up or "
            "down, as a gate does.",
        )
        back = Point(
            "Backward",
            "∂y/∂F₁ = F₂(x), ∂y/∂F₂ = F₁(x)" if len(ys) == 2 else "∂y/∂F₁ = F₂(x) · F₃(x) · …",
            "Where a gate is near 0, hardly any gradient passes the branch that it closes.",
        )
        other = Point(
            "A sum instead",
            equation_of_sum(len(ys)),
            "Would let each branch have its say whatever the others do; a product lets one silence the other.",
        )
    return (here, back, other)


def equation_of_sum(count: int) -> str:
    """y = F₁(x) + F₂(x)."""
    return f"y = {' + '.join(_several(count))}"


_WORDS: dict[str, Callable[[Analysis, LayerRow], tuple[Point, ...]]] = {
    "Residual": _residual,
    "Skip": _skip,
    "Parallel": _parallel,
}


def _thing(shape: Shape) -> str:
    return "channel" if len(shape) == 3 else "feature"
