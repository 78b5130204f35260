"""Mends for a problem: every change that comes to mind is tried, and those that help are offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.networks.edit import (
    append,
    insert,
    layer_at,
    move,
    remove,
    replace_layer,
    replace_setting,
)
from core.networks.findings import Finding
from core.networks.kind import LayerKind
from core.networks.kinds import LAYER_KINDS, layer, settings_of
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import NetworkSpec, Place, Shape, SpecError, walk
from core.networks.survey import survey

MOST_FIXES = 4
Candidates = Iterator[tuple[str, NetworkSpec]]


@dataclass(frozen=True)
class Fix:
    """A change that mends a problem."""

    label: str
    spec: NetworkSpec


def mends(
    spec: NetworkSpec, input_shape: Shape, classes: int, finding: Finding, memory: int
) -> tuple[Fix, ...]:
    """Changes that leave no problem; where no single one does that, those that leave only problems behind it."""
    rows, _ = survey(spec, input_shape, classes, memory)
    left = _layers_left(spec, rows, finding)
    fixes: list[Fix] = []
    partial: list[Fix] = []
    for label, changed in _candidates(spec, classes, finding, rows):
        if changed == spec or any(fix.spec == changed for fix in (*fixes, *partial)):
            continue
        after_rows, after = survey(changed, input_shape, classes, memory)
        if after is None:
            fixes.append(Fix(label, changed))
            if len(fixes) == MOST_FIXES:  # the rest would not be shown
                break
        elif _layers_left(changed, after_rows, after) < left:
            partial.append(Fix(label, changed))
    return tuple(fixes or partial[:MOST_FIXES])


def _layers_left(spec: NetworkSpec, rows: tuple[LayerRow, ...], finding: Finding) -> int:
    """Layers from the problem to the end: falls when a mend moves the first problem back."""
    if finding.place is None:
        return 0
    return sum(layer.enabled for _, layer in walk(spec.layers)) - len(rows) + (finding.place == _last(rows))


def _last(rows: tuple[LayerRow, ...]) -> Place | None:
    return rows[-1].place if rows else None


def _candidates(spec: NetworkSpec, classes: int, finding: Finding, rows: tuple[LayerRow, ...]) -> Candidates:
    if finding.place is None:
        yield from _for_the_end(spec, classes, rows)
    elif finding.of_block:
        yield from _for_a_join(spec, finding.place, rows)
    else:
        yield from _for_a_layer(spec, finding.place, finding, rows)


def _for_a_layer(spec: NetworkSpec, place: Place, finding: Finding, rows: tuple[LayerRow, ...]) -> Candidates:
    name = layer_names(spec)[place]
    here = layer_at(spec, place)
    for text, settings in finding.changes:
        changed = spec
        try:
            for setting, value in settings.items():
                changed = replace_setting(changed, place, setting, value)
        except SpecError:  # the value that would help is out of bounds
            continue
        yield text, changed
    kind = LAYER_KINDS.get(here.kind)
    if isinstance(kind, LayerKind):
        yield from _for_its_rank(spec, place, name, kind)
    before = [row for row in rows if row.place[:-1] == place[:-1]]  # in the same sequence
    flat = next((row for row in reversed(before) if row.kind == "Flatten"), None)
    if flat and isinstance(kind, LayerKind) and kind.rank == 3:
        yield f"Move {name} before {flat.name}", move(spec, place, flat.place[-1] - place[-1])
    yield f"Delete {name}", remove(spec, place)
    if flat:
        yield f"Delete {flat.name}", remove(spec, flat.place)
    shrinking = next((row for row in reversed(rows) if _shrinks(row)), None)
    if shrinking:
        padded = _padded(spec, shrinking)
        if padded:
            yield f"Pad {shrinking.name} so that it keeps the size", padded
        yield f"Delete {shrinking.name}", remove(spec, shrinking.place)


def _for_its_rank(spec: NetworkSpec, place: Place, name: str, kind: LayerKind) -> Candidates:
    if kind.rank == 1:
        yield f"Insert a Flatten before {name}", insert(spec, place, layer("Flatten"))
    if kind.twin:
        here = layer_at(spec, place)
        settings = here.settings if LAYER_KINDS[kind.twin].fields == kind.fields else ()
        yield (
            f"Use {kind.twin} instead",
            replace_layer(spec, place, replace(here, kind=kind.twin, settings=settings)),
        )
    for field in kind.fields:
        if field.name.startswith("out_"):
            yield f"Set {field.name} to 64", replace_setting_if_allowed(spec, place, field.name, 64)


def _for_a_join(spec: NetworkSpec, place: Place, rows: tuple[LayerRow, ...]) -> Candidates:
    """Branches that give shapes which don't go together: keep sizes, give up layers, or join otherwise."""
    name, here = layer_names(spec)[place], layer_at(spec, place)
    inner = [row for row in rows if row.place[: len(place)] == place]
    shrinking = [row for row in inner if _shrinks(row)]
    kept = spec
    padded: list[str] = []
    for row in shrinking:
        after = _padded(kept, row) or _gentle(kept, row)
        if after:
            kept, padded = after, [*padded, row.name]
    if padded:
        yield f"Pad {_and(padded)} so that {'it keeps' if len(padded) == 1 else 'they keep'} the size", kept
    channels = _equal_channels(spec, place, inner)
    if channels:
        yield channels
        equal = _equal_channels(kept, place, inner)
        if padded and equal:
            yield f"Pad {_and(padded)}, and {equal[0][0].lower()}{equal[0][1:]}", equal[1]
    if here.kind == "Parallel" and settings_of(here).join != "concatenate":
        yield "Join by concatenation", replace_setting(spec, place, "join", "concatenate")
    outside = [row for row in inner if row.kind == "Flatten"]
    for row in [*outside, *reversed(shrinking)]:
        yield f"Delete {row.name}", remove(spec, row.place)
    if len(shrinking) > 1:
        without = spec
        for row in reversed(shrinking):  # the last first: the places before it stay
            without = remove(without, row.place)
        yield f"Delete {_and([row.name for row in shrinking])}", without
    for index, branch in enumerate(here.branches):
        if len(here.branches) > 1 and branch:
            fewer = (*here.branches[:index], *here.branches[index + 1 :])
            yield f"Delete branch {index + 1}", replace_layer(spec, place, replace(here, branches=fewer))
    yield f"Delete {name}", remove(spec, place)


def _equal_channels(spec: NetworkSpec, place: Place, inner: list[LayerRow]) -> tuple[str, NetworkSpec] | None:
    """All branches end with as many channels as the first, where a convolution or linear layer can do that."""
    branches: dict[int, list[LayerRow]] = {}
    for row in inner:
        branches.setdefault(row.place[len(place)], []).append(row)
    wanted, changed = 0, []
    for number in sorted(branches):
        ends = [
            (row, field.name)
            for row in branches[number]
            for field in LAYER_KINDS[row.kind].fields
            if field.name.startswith("out_") and len(row.place) == len(place) + 2
        ]
        if not ends:
            continue
        row, field = ends[-1]
        wanted = wanted or row.output_shape[0]
        if row.output_shape[0] != wanted:
            changed.append(row.name)
            spec = replace_setting_if_allowed(spec, row.place, field, wanted)
    return (f"Give {_and(changed)} {wanted} outputs", spec) if changed else None


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def replace_setting_if_allowed(spec: NetworkSpec, place: Place, field: str, value: int) -> NetworkSpec:
    """The setting changed, or the same spec (which mends nothing) where another setting is out of bounds."""
    try:
        return replace_setting(spec, place, field, value)
    except SpecError:
        return spec


def _shrinks(row: LayerRow) -> bool:
    """Whether a layer, not a block, hands on smaller maps than it got."""
    return (
        isinstance(LAYER_KINDS[row.kind], LayerKind)
        and len(row.output_shape) == 3
        and row.output_shape[1:] != row.input_shape[1:]
    )


def _padded(spec: NetworkSpec, row: LayerRow) -> NetworkSpec | None:
    """With the convolution padded to keep height and width, where its settings allow that."""
    here = layer_at(spec, row.place)
    if LAYER_KINDS[here.kind].group != "Convolution":
        return None
    s = settings_of(here)
    reach = s.dilation * (s.kernel - 1)
    if s.stride != 1 or reach % 2 or reach // 2 > 15:
        return None
    return replace_setting(spec, row.place, "padding", reach // 2)


def _gentle(spec: NetworkSpec, row: LayerRow) -> NetworkSpec | None:
    """With the pooling made one of stride 1 that keeps height and width, where its kernel is odd or 2."""
    here = layer_at(spec, row.place)
    if here.kind not in ("MaxPool2d", "AvgPool2d"):
        return None
    kernel = settings_of(here).kernel
    kernel = kernel if kernel % 2 else kernel + 1
    settings = {"kernel": kernel, "stride": 1, "padding": kernel // 2}
    return replace_layer(spec, row.place, replace(layer(here.kind, **settings), enabled=here.enabled))


def _for_the_end(spec: NetworkSpec, classes: int, rows: tuple[LayerRow, ...]) -> Candidates:
    linear = next((row for row in reversed(rows) if row.kind == "Linear" and len(row.place) == 1), None)
    if linear:
        label = f"Set out_features of {linear.name} to {classes}"
        yield label, replace_setting(spec, linear.place, "out_features", classes)
    out = layer("Linear", out_features=classes)
    yield f"Add a Linear layer with {classes} outputs at the end", append(spec, out)
    yield (
        f"Add a Flatten and a Linear layer with {classes} outputs at the end",
        append(spec, layer("Flatten"), out),
    )
