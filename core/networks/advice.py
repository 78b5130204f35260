"""Warnings that teach: the network can be trained, but something in it is not as it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.networks.edit import insert, layer_at, move, remove, replace_setting
from core.networks.kinds import LAYER_KINDS, layer, settings_of
from core.networks.mends import Fix
from core.networks.rows import LayerRow
from core.networks.spec import NetworkSpec, Place, Shape, shape_text
from core.networks.survey import survey

MOST = 0.9  # share of all parameters that one layer may have without a word


@dataclass(frozen=True)
class Advice:
    """What could be better, at which layer, why, and what would change it."""

    place: Place
    name: str  # of the layer
    sentence: str
    fixes: tuple[Fix, ...] = ()


Change = tuple[str, NetworkSpec]  # what a button says, and the network after it
Remark = tuple[LayerRow, str, tuple[Change, ...]]  # where, what, and what may be done about it


def advice(
    spec: NetworkSpec, input_shape: Shape, classes: int, rows: tuple[LayerRow, ...], whole: bool
) -> tuple[Advice, ...]:
    """All warnings about the rows there are; `whole` says that these are all of the network's.

    Changes that would make a problem are left out.
    """
    found = []
    for rule in RULES:
        for row, sentence, changes in rule(spec, rows, whole):
            fixes = tuple(
                Fix(label, changed)
                for label, changed in changes
                if not survey(changed, input_shape, classes)[1]
            )
            found.append(Advice(row.place, row.name, sentence, fixes))
    return tuple(sorted(found, key=lambda one: one.place))


def _sequences(rows: tuple[LayerRow, ...]) -> Iterator[list[LayerRow]]:
    """The rows of the network's own sequence, and of each branch."""
    sequences: dict[Place, list[LayerRow]] = {}
    for row in rows:
        sequences.setdefault(row.place[:-1], []).append(row)
    yield from sequences.values()


def _neighbours(
    rows: tuple[LayerRow, ...], first: tuple[str, ...], second: tuple[str, ...], between: tuple[str, ...]
) -> Iterator[tuple[LayerRow, LayerRow]]:
    """Pairs of one kind and then another in a sequence, with nothing but `between` standing between them."""
    for sequence in _sequences(rows):
        start: LayerRow | None = None
        for row in sequence:
            if start and row.kind in second:
                yield start, row
            if row.kind in first:
                start = row
            elif row.kind not in between:
                start = None


NORMS = ("BatchNorm2d", "BatchNorm1d")
ACTIVATIONS = tuple(name for name, kind in LAYER_KINDS.items() if kind.group == "Activation")
POOLINGS = tuple(name for name, kind in LAYER_KINDS.items() if kind.group == "Pooling")


def _two_linear(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    for first, second in _neighbours(rows, ("Linear",), ("Linear",), ("Dropout",)):
        (n,), (m,), (k,) = first.input_shape, first.output_shape, second.output_shape
        yield (
            second,
            f"{first.name} and {second.name} have no nonlinearity between them, so together they are one linear "
            f"layer: W₂(W₁x + b₁) + b₂ = (W₂W₁)x + …, a matrix of {k:,} × {n:,} = {n * k:,} weights of rank at "
            f"most {min(n, m, k):,}, written with {n * m + m * k:,}.",
            (
                (
                    f"Insert a ReLU after {first.name}",
                    insert(spec, _behind(first.place), layer("ReLU")),
                ),
                (f"Delete {first.name}", remove(spec, first.place)),
            ),
        )


def _behind(place: Place) -> Place:
    return (*place[:-1], place[-1] + 1)


def _pooled_to_nothing(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    """Windows over a single pixel: after the poolings before them nothing is left to slide over."""
    for sequence in _sequences(rows):
        shrinker: LayerRow | None = None
        for row in sequence:
            kind = LAYER_KINDS[row.kind]
            if row.kind in POOLINGS and row.input_shape[1:] != (1, 1) and row.output_shape[1:] == (1, 1):
                shrinker = row
            wide = "kernel" in {field.name for field in kind.fields}
            kernel = settings_of(layer_at(spec, row.place)).kernel if wide else 1
            if shrinker and row is not shrinker and kernel > 1 and row.input_shape[1:] == (1, 1):
                yield (
                    row,
                    f"{shrinker.name} pools {shape_text(shrinker.input_shape[1:])} down to a single pixel, so the "
                    f"{kernel} × {kernel} window of {row.name} holds 1 value and {kernel * kernel - 1} of padding: "
                    "there are no neighbours left to compare.",
                    (
                        (f"Delete {shrinker.name}", remove(spec, shrinker.place)),
                        (f"Delete {row.name}", remove(spec, row.place)),
                    ),
                )
                shrinker = None


def _dropout_before_norm(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    """Li and others, 2018, Understanding the disharmony between dropout and batch normalization."""
    pairs = _neighbours(rows, ("Dropout", "Dropout2d"), NORMS, (*ACTIVATIONS, *POOLINGS, "Flatten"))
    for dropout, norm in pairs:
        p = settings_of(layer_at(spec, dropout.place)).p
        if not p:
            continue
        yield (
            dropout,
            f"{dropout.name} stands before {norm.name}. In training dropout scales what it keeps by 1/(1 − {p:g}) = "
            f"{1 / (1 - p):.3g}, which raises the variance that {norm.name} records; in evaluation nothing is "
            "dropped, and the recorded variance is wrong.",
            (
                (
                    f"Move {dropout.name} behind {norm.name}",
                    move(spec, dropout.place, norm.place[-1] - dropout.place[-1]),
                ),
                (f"Delete {dropout.name}", remove(spec, dropout.place)),
            ),
        )


def _cancelled_bias(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    weighted = ("Conv2d", "SeparableConv2d", "Linear")
    for row, norm in _neighbours(rows, weighted, (*NORMS, "InstanceNorm2d"), ()):
        if not settings_of(layer_at(spec, row.place)).bias:
            continue
        over = "map" if norm.kind == "InstanceNorm2d" else "batch"
        yield (
            row,
            f"{norm.name} subtracts each channel's mean over the {over}, and with it the {row.output_shape[0]} biases "
            f"of {row.name}: they change nothing, and their gradient is zero.",
            (
                (
                    f"Leave the bias of {row.name} out",
                    replace_setting(spec, row.place, "bias", False),
                ),
            ),
        )


def _top_heavy(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    learning = [row for row in rows if row.parameters]
    if not whole or len(learning) < 2:
        return
    total = sum(row.parameters for row in learning)
    row = max(learning, key=lambda row: row.parameters)
    if row.parameters < MOST * total:
        return
    changes: list[Change] = []
    flat = next((r for r in rows if r.kind == "Flatten" and r.output_shape == row.input_shape), None)
    if row.kind == "Linear" and flat and len(flat.input_shape) == 3:
        features = flat.input_shape[0]
        changes += [
            (
                f"Average each map before {flat.name}: {features:,} inputs instead of {row.input_shape[0]:,}",
                insert(spec, flat.place, layer("GlobalAvgPool")),
            ),
            (
                f"Pool once more before {flat.name}",
                insert(spec, flat.place, layer("MaxPool2d")),
            ),
        ]
    yield (
        row,
        f"{row.name} holds {row.parameters:,} of {total:,} parameters, {row.parameters / total:.0%}: it can learn "
        "images by heart while the layers before it stay small.",
        tuple(changes),
    )


def _cut_logits(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    end = rows[-1] if whole and rows else None
    if end and end.kind in (*ACTIVATIONS, "Dropout") and len(end.place) == 1:
        kind = LAYER_KINDS[end.kind]
        harm = (
            "sets random scores to zero in training"
            if end.kind == "Dropout"
            else f"bends them ({kind.explanation[0].lower()}{kind.explanation[1:-1]})"
        )
        yield (
            end,
            f"{end.name} is the last layer: the logits should be free to take any value, and it {harm}.",
            ((f"Delete {end.name}", remove(spec, end.place)),),
        )


def _nothing_inside(spec: NetworkSpec, rows: tuple[LayerRow, ...], whole: bool) -> Iterator[Remark]:
    for row in rows:
        branches = layer_at(spec, row.place).branches
        if branches and not any(one.enabled for branch in branches for one in branch):
            yield row, f"{row.name} has no layers inside yet: F(x) = x.", ()


RULES: tuple[Callable[[NetworkSpec, tuple[LayerRow, ...], bool], Iterator[Remark]], ...] = (
    _two_linear,
    _pooled_to_nothing,
    _dropout_before_norm,
    _cancelled_bias,
    _top_heavy,
    _cut_logits,
    _nothing_inside,
)
