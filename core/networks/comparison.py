"""Two networks side by side: which layers answer to which, what differs, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.networks.alignment import Node, align, tree
from core.networks.analysis import Analysis
from core.networks.fields import Field
from core.networks.kinds import LAYER_KINDS
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import NetworkSpec, Place, Value, walk

State = Literal["equal", "changed", "left", "right"]


@dataclass(frozen=True)
class Change:
    """One setting that differs, both values as words."""

    setting: str
    left: str
    right: str


@dataclass(frozen=True)
class Side:
    """A layer in one of the two networks."""

    name: str  # conv1
    kind: str
    place: Place
    row: LayerRow | None  # None: it lies behind a problem


@dataclass(frozen=True)
class Pair:
    """One line of the comparison: a layer of each network, or a layer that only one of them has."""

    left: Side | None
    right: Side | None
    depth: int  # in how many blocks it stands
    changes: tuple[Change, ...] = ()

    @property
    def state(self) -> State:
        """Equal, changed, or only on the left or the right; a block is equal if its own settings are."""
        if self.left and self.right:
            return "changed" if self.changes else "equal"
        return "left" if self.left else "right"


@dataclass(frozen=True)
class Quantity:
    """A number of both networks; None where there is none."""

    name: str
    left: int | None
    right: int | None

    @property
    def difference(self) -> int | None:
        """How much more the left one has."""
        return None if self.left is None or self.right is None else self.left - self.right

    @property
    def share(self) -> float | None:
        """The difference as a share of the right one's; None where that has nothing."""
        return self.difference / self.right if self.difference is not None and self.right else None


@dataclass(frozen=True)
class Comparison:
    """Two networks, layer by layer and as wholes."""

    left: Analysis
    right: Analysis
    pairs: tuple[Pair, ...]  # as a person reads them: a block before its inner layers
    changes: tuple[Change, ...]  # of what concerns the whole network
    quantities: tuple[Quantity, ...]  # of the layers up to a problem


def compare(left: Analysis, right: Analysis) -> Comparison:
    """Align the enabled layers of two networks, so that as little as possible differs."""
    ours, theirs = _sides(left), _sides(right)
    pairs = tuple(
        Pair(
            ours[a.place] if (a := line.left) else None,
            theirs[b.place] if (b := line.right) else None,
            line.depth,
            tuple(_changes(a, b)) if a and b else (),
        )
        for line in align(left.spec.layers, right.spec.layers)
    )
    return Comparison(left, right, pairs, tuple(_whole(left.spec, right.spec)), quantities(left, right))


def quantities(left: Analysis, right: Analysis) -> tuple[Quantity, ...]:
    """What both networks cost as wholes, up to a problem: of one image, memory in bytes, sight in pixels."""
    return (
        Quantity("layers", _leaves(tree(left.spec.layers)), _leaves(tree(right.spec.layers))),
        Quantity("parameters", left.parameters, right.parameters),
        Quantity("MACs", left.macs, right.macs),
        Quantity("activation memory", left.activation_bytes, right.activation_bytes),
        Quantity("receptive field", last_sight(left), last_sight(right)),
    )


def last_sight(analysis: Analysis) -> int | None:
    """The side of the receptive field of the last feature map with more than one pixel; None without one."""
    for row in reversed(analysis.rows):
        if len(row.output_shape) == 3 and row.output_shape[1:] != (1, 1):
            return max(row.receptive_field)
    return None


def _sides(analysis: Analysis) -> dict[Place, Side]:
    rows = {row.place: row for row in analysis.rows}
    names = layer_names(analysis.spec)
    return {
        place: Side(names[place], layer.kind, place, rows.get(place))
        for place, layer in walk(analysis.spec.layers)
    }


def _leaves(nodes: tuple[Node, ...]) -> int:
    return sum(sum(map(_leaves, node.branches)) if node.branches else 1 for node in nodes)


def _changes(a: Node, b: Node) -> Iterator[Change]:
    if a.kind != b.kind:
        yield Change("kind", a.kind, b.kind)
    ours, theirs = dict(a.settings), dict(b.settings)
    others = {field.name: field for field in LAYER_KINDS[b.kind].fields}
    for field in LAYER_KINDS[a.kind].fields:
        if other := others.get(field.name):
            left = ours.get(field.name, field.default)
            right = theirs.get(field.name, other.default)
            if left != right:
                yield Change(field.name, _word(field, left), _word(other, right))


def _word(field: Field, value: Value) -> str:
    if value is None:
        return f"as {field.follows}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _whole(left: NetworkSpec, right: NetworkSpec) -> Iterator[Change]:
    if left.weights != right.weights:
        yield Change("weights", left.weights, right.weights)
    if left.frozen != right.frozen:
        yield Change("trained", *("the head alone" if one.frozen else "all layers" for one in (left, right)))
