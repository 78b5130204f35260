"""Mends for a problem: every change that comes to mind is tried, and those that help are offered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.networks.edit import append, insert, move, remove, replace_setting
from core.networks.findings import Finding
from core.networks.kinds import LAYER_KINDS, layer, settings_of
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import NetworkSpec, Place, Shape, SpecError
from core.networks.survey import survey

MOST_FIXES = 4


@dataclass(frozen=True)
class Fix:
    """A change that mends a problem."""

    label: str
    spec: NetworkSpec


def mends(spec: NetworkSpec, input_shape: Shape, classes: int, finding: Finding) -> tuple[Fix, ...]:
    """Changes that remove this problem and make none before it; those that leave none at all come first."""
    rows, _ = survey(spec, input_shape, classes)
    left = _layers_left(spec, finding)
    fixes: list[Fix] = []
    partial: list[Fix] = []
    for label, changed in _candidates(spec, classes, finding, rows):
        if any(fix.spec == changed for fix in (*fixes, *partial)):
            continue
        after = survey(changed, input_shape, classes)[1]
        if after is None:
            fixes.append(Fix(label, changed))
        elif _layers_left(changed, after) < left:
            partial.append(Fix(label, changed))
    return (*fixes, *partial)[:MOST_FIXES]


def _layers_left(spec: NetworkSpec, finding: Finding) -> int:
    """Layers from the problem to the end: falls when a mend moves the first problem back."""
    return len(spec.layers) - finding.place[0] if finding.place else 0


def _candidates(
    spec: NetworkSpec, classes: int, finding: Finding, rows: tuple[LayerRow, ...]
) -> Iterator[tuple[str, NetworkSpec]]:
    if finding.place is None:
        yield from _for_the_end(spec, classes, rows)
    else:
        yield from _for_a_layer(spec, finding.place, finding, rows)


def _for_a_layer(
    spec: NetworkSpec, place: Place, finding: Finding, rows: tuple[LayerRow, ...]
) -> Iterator[tuple[str, NetworkSpec]]:
    names = layer_names(spec)
    name = names[place]
    for text, settings in finding.changes:
        changed = spec
        try:
            for setting, value in settings.items():
                changed = replace_setting(changed, place, setting, value)
        except SpecError:  # the value that would help is out of bounds
            continue
        yield text, changed
    here = spec.layers[place[0]]
    if here.kind in LAYER_KINDS:
        if LAYER_KINDS[here.kind].rank == 1:
            yield f"Insert a Flatten before {name}", insert(spec, place, layer("Flatten"))
        for field in LAYER_KINDS[here.kind].fields:
            if field.name.startswith("out_"):
                yield f"Set {field.name} to 64", replace_setting_if_allowed(spec, place, field.name, 64)
    flat = next((row for row in reversed(rows) if row.kind == "Flatten"), None)
    if flat:
        distance = flat.place[0] - place[0]
        yield f"Move {name} before {flat.name}", move(spec, place, distance)
    yield f"Delete {name}", remove(spec, place)
    if flat:
        yield f"Delete {flat.name}", remove(spec, flat.place)
    shrinking = next((row for row in reversed(rows) if len(row.output_shape) == 3 and _shrinks(row)), None)
    if shrinking:
        padded = _padded(spec, shrinking)
        if padded:
            yield f"Pad {shrinking.name} so that it keeps the size", padded
        yield f"Delete {shrinking.name}", remove(spec, shrinking.place)


def replace_setting_if_allowed(spec: NetworkSpec, place: Place, field: str, value: int) -> NetworkSpec:
    """The setting changed, or the same spec (which mends nothing) where another setting is out of bounds."""
    try:
        return replace_setting(spec, place, field, value)
    except SpecError:
        return spec


def _shrinks(row: LayerRow) -> bool:
    return row.output_shape[1:] != row.input_shape[1:]


def _padded(spec: NetworkSpec, row: LayerRow) -> NetworkSpec | None:
    """With the convolution padded to keep height and width, where its settings allow that."""
    here = spec.layers[row.place[0]]
    if here.kind != "Conv2d":
        return None
    s = settings_of(here)
    reach = s.dilation * (s.kernel - 1)
    if s.stride != 1 or reach % 2 or reach // 2 > 15:
        return None
    return replace_setting(spec, row.place, "padding", reach // 2)


def _for_the_end(
    spec: NetworkSpec, classes: int, rows: tuple[LayerRow, ...]
) -> Iterator[tuple[str, NetworkSpec]]:
    linear = next((row for row in reversed(rows) if row.kind == "Linear"), None)
    if linear:
        label = f"Set out_features of {linear.name} to {classes}"
        yield label, replace_setting(spec, linear.place, "out_features", classes)
    out = layer("Linear", out_features=classes)
    yield f"Add a Linear layer with {classes} outputs at the end", append(spec, out)
    yield (
        f"Add a Flatten and a Linear layer with {classes} outputs at the end",
        append(spec, layer("Flatten"), out),
    )
