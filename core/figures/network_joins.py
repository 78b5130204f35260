"""Where a block's branches meet, as both diagrams of a network draw it: a sign in a circle, or a concatenation."""

from __future__ import annotations

from core.figures.drawing import Mark, text, text_width
from core.figures.flow import Part
from core.networks.analysis import Analysis
from core.networks.block_words import equation
from core.networks.kind import BlockKind
from core.networks.kinds import LAYER_KINDS, setting_errors, settings_of
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, Place, shape_text

_SIGNS = {"sum": "M-5 0H5M0 -5V5", "product": "M-4 -4L4 4M-4 4L4 -4"}
_RADIUS = 10.0
_PILL = 16.0  # half of a concatenation's height


def row_title(row: LayerRow) -> str:
    """A layer in one line: its shapes and how many numbers it learns."""
    change = f"{shape_text(row.input_shape)} → {shape_text(row.output_shape)}"
    learned = f"{row.parameters:,} parameters" if row.parameters else "no parameters"
    return f"{row.name} ({row.kind}): {change}; {learned}"


def hover_title(row: LayerRow) -> str:
    """What the pointer shows over a layer: the layer, and how its numbers come about."""
    said = (
        ("output", row.formulas.output),
        ("parameters", row.formulas.parameters),
        ("MACs", row.formulas.macs),
    )
    return "\n".join([row_title(row), *(f"{word}: {formula}" for word, formula in said)])


def block_kind(block: LayerSpec) -> BlockKind | None:
    """The kind of a block whose settings are allowed; None for anything else."""
    kind = LAYER_KINDS.get(block.kind)
    return kind if isinstance(kind, BlockKind) and not setting_errors(block) else None


def block_title(analysis: Analysis, place: Place, name: str) -> str:
    """A block's name and what it computes."""
    return f"{name}: {equation(analysis, place, short=True)}"


def channel_sum(block: LayerSpec, kind: BlockKind, row: LayerRow) -> str:
    """`8 + 32 = 40` of a concatenation, in the order of the channels; "" of another join."""
    if kind.join(settings_of(block)) != "concatenate":
        return ""
    shapes = [*row.branch_shapes, *([row.input_shape] if kind.around else [])]
    return f"{' + '.join(str(shape[0]) for shape in shapes)} = {row.output_shape[0]}"


def join_part(
    block: LayerSpec,
    name: str,
    row: LayerRow | None,
    behind: str = "",
    look: str = "join",
    sentence: str = "",
) -> Part:
    """The node in which the branches meet; `behind` stands above the line that leaves it."""
    kind = block_kind(block)
    assert kind is not None
    how = kind.join(settings_of(block))
    title = hover_title(row) if row else sentence or name
    written = channel_sum(block, kind, row) if row else ""
    half = _RADIUS
    width = 2 * half
    if how == "concatenate":
        half = _PILL
        width = max(text_width("concat", bold=True), text_width(written)) + 16
    after = text_width(behind) + 12 if behind else 0.0

    def paint(x: float, y: float) -> list[Mark]:
        centre = x + width / 2
        marks = [
            Mark(
                "rect",
                {
                    "class": look,
                    "x": round(x, 1),
                    "y": round(y - half, 1),
                    "width": round(width, 1),
                    "height": 2 * half,
                    "rx": 8 if how == "concatenate" else _RADIUS,
                    "data-layer": name,
                },
                title=title,
            )
        ]
        if how in _SIGNS:
            moved = f"translate({centre:.1f} {y:.1f})"
            marks.append(Mark("path", {"class": "sign", "d": _SIGNS[how], "transform": moved}))
        else:
            marks.append(text(centre, y - 1 if written else y + 4, "concat", "join-word centred"))
            if written:
                marks.append(text(centre, y + 12, written, "join-sum centred"))
        written_as = "wrong" if "misfit" in look else "shape"
        return [*marks, text(x + width + 6, y - 5, behind, written_as)] if behind else marks

    return Part(width + after, half, half, paint, trail=after)


def around_words(kind: BlockKind, block: LayerSpec, row: LayerRow) -> str:
    """What x goes through on its way around, `W: 1 × 1, stride 2`; "" where it stays as it is."""
    layers = kind.around(settings_of(block), row.input_shape, row.branch_shapes) if kind.around else ()
    if not layers:
        return ""
    settings = dict(layers[0].settings)
    words = "1 × 1" if layers[0].kind == "Conv2d" else "Linear"
    if settings.get("stride", 1) != 1:
        words += f", stride {settings['stride']}"
    return words + (", batch norm" if len(layers) > 1 else "")
