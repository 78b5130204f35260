"""A network as a block diagram from left to right: a box a layer, the branches of a block as parallel lanes."""

from __future__ import annotations

from functools import lru_cache

from core.figures.drawing import (
    GROUP_COLOURS,
    INPUT_COLOUR,
    LEGEND,
    Drawing,
    Mark,
    legend,
    rectangle,
    text,
    text_width,
)
from core.figures.flow import AROUND, Lane, Part, branching, sequence
from core.figures.network_joins import (
    around_words,
    block_kind,
    block_title,
    hover_title,
    join_part,
    row_title,
)
from core.networks.analysis import Analysis
from core.networks.kind import BlockKind
from core.networks.kinds import LAYER_KINDS
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, Place, Value, shape_text

HALF = 36.0  # half of a box's height
MARGIN = 10.0
LINES = (-19.0, -4.0, 12.0, 27.0)  # where a box's texts stand, from its middle

# what is said of a setting, and whether it is said where it has its default
WORDS: dict[str, tuple[str, bool]] = {
    "kernel": ("{0} × {0}", True),
    "size": ("to {0} × {0}", True),
    "scale": ("× {0}", True),
    "p": ("p = {0:g}", True),
    "negative_slope": ("slope {0:g}", True),
    "stride": ("stride {0}", False),
    "padding": ("padding {0}", False),
    "dilation": ("dilation {0}", False),
    "groups": ("{0} groups", False),
}


@lru_cache(maxsize=64)
def block_diagram(analysis: Analysis) -> Drawing:
    """A box a layer with its name, kind, key settings, output shape and parameters; signs where branches meet.

    What does not fit is red, and what stands behind it faint, for its shapes are not known.
    """
    part = _Boxes(analysis).whole()
    top, below = part.above + MARGIN, part.below + MARGIN / 2
    key, key_width = legend((LAYER_KINDS[row.kind].group for row in analysis.rows), top + below)
    shapes = "; ".join(row_title(row) for row in analysis.rows)
    described = f"{analysis.spec.name}: input {shape_text(analysis.input_shape)}; {shapes}"
    width = max(part.width + 2 * MARGIN, key_width)
    return Drawing(width, top + below + LEGEND, (*part.paint(MARGIN, top), *key), described)


class _Boxes:
    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.names = layer_names(analysis.spec)
        self.rows = {row.place: row for row in analysis.rows}
        self.problem = next((problem for problem in analysis.problems if problem.place), None)

    def whole(self) -> Part:
        shape = shape_text(self.analysis.input_shape)
        image = _box("input", ("input", "one image", shape, ""), INPUT_COLOUR, f"one image: {shape}")
        part = sequence([image, *self.parts(self.analysis.spec.layers, ())])
        assert part is not None
        return part

    def parts(self, layers: tuple[LayerSpec, ...], before: Place) -> list[Part]:
        places = [((*before, index), layer) for index, layer in enumerate(layers) if layer.enabled]
        return [self.part(place, layer) for place, layer in places]

    def part(self, place: Place, layer: LayerSpec) -> Part:
        row = self.rows.get(place)
        if block := block_kind(layer):
            return self.block(block, layer, place, row)
        name = self.names[place]
        words = f"{layer.kind} {_settings(layer)}".strip()
        colour = GROUP_COLOURS[LAYER_KINDS[layer.kind].group] if layer.kind in LAYER_KINDS else ""
        if row:
            learned = f"{row.parameters:,} parameters" if row.parameters else ""
            return _box(name, (name, words, shape_text(row.output_shape), learned), colour, hover_title(row))
        if self.problem and self.problem.place == place:
            return _box(name, (name, words, "does not fit", ""), colour, self.problem.sentence, "misfit")
        return _box(name, (name, words, "", ""), colour, f"{name}: its shape is not known yet", "faint")

    def block(self, kind: BlockKind, block: LayerSpec, place: Place, row: LayerRow | None) -> Part:
        lanes = [Lane(sequence(self.parts(branch, (*place, i)))) for i, branch in enumerate(block.branches)]
        straight = None
        if kind.around:
            words = around_words(kind, block, row) if row else ""
            lanes.insert(0, self.projection(row, words) if row and words else Lane(None, "x", AROUND))
            straight = 1
        name = self.names[place]
        wrong = bool(self.problem and self.problem.place == place)
        behind = shape_text(row.output_shape) if row else "does not fit" if wrong else ""
        look = "join" if row else "join misfit" if wrong else "join faint"
        join = join_part(
            block, name, row, behind, look, self.problem.sentence if self.problem and wrong else ""
        )
        frame = "frame" if row or wrong else "frame open"
        return branching(name, block_title(self.analysis, place, name), lanes, straight, join, frame)

    def projection(self, row: LayerRow, words: str) -> Lane:
        """What brings x to another shape on its way around; its parameters are the block's."""
        texts = ("W·x", words, shape_text(row.output_shape), f"{row.parameters:,} parameters")
        colour = GROUP_COLOURS["Dense" if len(row.input_shape) == 1 else "Convolution"]
        return Lane(_box(f"{row.name} projection", texts, colour, f"the projection of {row.name}"))


def _settings(layer: LayerSpec) -> str:
    """What there is to know of a layer's settings, in few words."""
    kind = LAYER_KINDS.get(layer.kind)
    given = dict(layer.settings)
    said: list[str] = []
    for field in kind.fields if kind else ():
        value: Value = given.get(field.name, field.default)
        form, always = WORDS.get(field.name, ("", False))
        if form and value is not None and (always or value != field.default):
            said.append(
                str(value) if isinstance(value, str) and field.name != "padding" else _say(form, value)
            )
    return ", ".join(said)


def _say(form: str, value: Value) -> str:
    try:
        return form.format(value)
    except ValueError:  # a wrong setting, whose type is another
        return str(value)


def _box(name: str, words: tuple[str, str, str, str], colour: str, title: str, look: str = "") -> Part:
    """A box with its four lines: name, kind and settings, output shape, parameters."""
    bold = (True, False, False, False)
    width = 24 + max(text_width(line, bold=heavy) for line, heavy in zip(words, bold, strict=True))

    def paint(x: float, y: float) -> list[Mark]:
        body = rectangle(x, y - HALF, width, 2 * HALF, f"body {look}".strip(), rx=6)
        marks = [Mark("rect", {**body.attributes, "data-layer": name}, title=title)]
        if colour:
            strip = "key faint" if look == "faint" else "key"
            marks.append(rectangle(x + 3, y - HALF + 5, 4, 2 * HALF - 10, strip, rx=2, fill=colour))
        classes = ("label", "detail", "wrong" if look == "misfit" else "shape", "detail")
        faint = " faint" if look == "faint" else ""
        marks += [
            text(x + 14, y + at, words_here, kind + faint)
            for words_here, kind, at in zip(words, classes, LINES, strict=True)
            if words_here
        ]
        return marks

    return Part(width, HALF, HALF, paint)
