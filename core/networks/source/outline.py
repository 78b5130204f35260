"""What of a network a program contains: layers, and blocks whose branches are joined, up to the first problem."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.networks.analysis import Analysis
from core.networks.edit import layer_at
from core.networks.kind import BlockKind, Settings
from core.networks.kinds import LAYER_KINDS, layer_kind, settings_of
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, NetworkSpec, Place, Shape

WIDTH = 100  # characters of a line
ROOM = 84  # … of which a joining expression may take so many
BATCH = 2  # images in a program's example: batch normalisation of 1 × 1 maps needs more than one


Joins = dict[str, tuple[str, str, str]]  # how a join begins, what stands between its values, how it ends


@dataclass(frozen=True)
class Layer:
    """A layer without inner layers, as it stands in a network."""

    name: str  # conv1
    kind: str
    settings: Settings
    input_shape: Shape
    output_shape: Shape


@dataclass(frozen=True)
class Block:
    """Branches that all read x, and the rule that makes one value of theirs."""

    name: str  # residual1
    join: str  # "sum", "concatenate" or "product"
    branches: tuple[Branch, ...]
    output_shape: Shape


@dataclass(frozen=True)
class Branch:
    """Layers and blocks one after another; without any it hands on what it gets."""

    name: str  # residual1, shortcut1, parallel1_branch2; of what the branch makes
    parts: tuple[Layer | Block, ...]


@dataclass(frozen=True)
class Outline:
    """A network as a program contains it."""

    spec: NetworkSpec
    input_shape: Shape
    trunk: Branch
    output_shape: Shape
    parameters: int
    problems: tuple[str, ...]  # a sentence each, with what is left out

    @property
    def branches(self) -> bool:
        """Whether it has blocks."""
        return any(isinstance(part, Block) for part in self.trunk.parts)

    @property
    def heading(self) -> str:
        """`LeNet: 431,080 parameters`."""
        return f"{self.spec.name}: {self.parameters:,} parameters"


def outline(analysis: Analysis) -> Outline:
    """All enabled layers before the first problem; a block that has one inside is left out as a whole."""
    spec = analysis.spec
    rows = {row.place: row for row in analysis.rows}
    trunk = _branch("x", spec, spec.layers, (), rows)
    written = [row for row in analysis.rows if row.place[:1] in rows]
    whole = [row for row in written if len(row.place) == 1]
    return Outline(
        spec,
        analysis.input_shape,
        trunk,
        whole[-1].output_shape if whole else analysis.input_shape,
        sum(row.parameters for row in written),
        tuple(
            _problem(analysis, problem.place, problem.name, problem.sentence) for problem in analysis.problems
        ),
    )


def _problem(analysis: Analysis, place: Place | None, name: str, sentence: str) -> str:
    if place is None:
        return sentence
    if analysis.row(place):  # it can be computed, but should not stand there
        return f"{name}: {sentence}"
    if len(place) == 1:
        return f"{name} and what follows are left out: {sentence}"
    return f"the block with {name} in it and what follows are left out: {sentence}"


def _branch(
    name: str, spec: NetworkSpec, layers: tuple[LayerSpec, ...], before: Place, rows: dict[Place, LayerRow]
) -> Branch:
    places = [(*before, index) for index in range(len(layers))]
    return Branch(name, tuple(_part(spec, rows[place], rows) for place in places if place in rows))


def _part(spec: NetworkSpec, row: LayerRow, rows: dict[Place, LayerRow]) -> Layer | Block:
    layer = layer_at(spec, row.place)
    kind, settings = LAYER_KINDS[layer.kind], settings_of(layer)
    if not isinstance(kind, BlockKind):
        return Layer(row.name, row.kind, settings, row.input_shape, row.output_shape)
    several = len(layer.branches) > 1
    branches = [
        _branch(
            f"{row.name}_{kind.branch_name(i)}" if several else row.name, spec, inner, (*row.place, i), rows
        )
        for i, inner in enumerate(layer.branches)
    ]
    if kind.around:
        around = kind.around(settings, row.input_shape, row.branch_shapes)
        branches.append(_around(row, around))
    return Block(row.name, kind.join(settings), tuple(branches), row.output_shape)


def _around(row: LayerRow, layers: Iterable[LayerSpec]) -> Branch:
    name = f"shortcut{row.name.removeprefix('residual')}"
    shape, parts = row.input_shape, []
    for layer in layers:
        settings = settings_of(layer)
        output = layer_kind(layer.kind).output(settings, shape)
        parts.append(Layer(name, layer.kind, settings, shape, output))
        shape = output
    return Branch(name, tuple(parts))


def comments(sentence: str, indent: str = "") -> Iterator[str]:
    """A sentence as lines of comment; nothing in it can end the comment."""
    text = "".join(c if c.isprintable() else " " for c in sentence)
    return iter(textwrap.wrap(text, WIDTH, initial_indent=f"{indent}# ", subsequent_indent=f"{indent}# "))


def joined(join: str, values: list[str], short: Joins, long: Joins) -> str:
    """The values made one, on one line if there is room, else on a line each."""
    for joins in (short, long):
        start, between, end = joins[join]
        text = f"{start}{between.join(values)}{end}"
        if len(text) <= ROOM:
            break
    return text
