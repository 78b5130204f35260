"""Changes to a network; each gives a new spec and leaves the old one as it was."""

from collections.abc import Callable
from dataclasses import replace

from core.networks.kinds import field_of, layer, setting_errors
from core.networks.spec import LayerSpec, NetworkSpec, Place, SpecError, Value

Layers = tuple[LayerSpec, ...]


def _change(layers: Layers, place: Place, change: Callable[[Layers, int], Layers], last: int) -> Layers:
    """`change` applied to the sequence that holds `place`, inside a block or not."""
    index, *inner = place
    if not 0 <= index <= (last + len(layers) if not inner else len(layers) - 1):
        raise SpecError(f"There is no layer at place {index}; the places here are 0 to {len(layers) - 1}.")
    if not inner:
        return change(layers, index)
    branch, *rest = inner
    block = layers[index]
    if not rest or not 0 <= branch < len(block.branches):
        raise SpecError(
            f"The {block.kind} at place {index} has {len(block.branches)} branches, and no such place."
        )
    changed = _change(block.branches[branch], tuple(rest), change, last)
    branches = (*block.branches[:branch], changed, *block.branches[branch + 1 :])
    return (*layers[:index], replace(block, branches=branches), *layers[index + 1 :])


def _at(
    spec: NetworkSpec, place: Place, change: Callable[[Layers, int], Layers], last: int = -1
) -> NetworkSpec:
    return replace(spec, layers=_change(spec.layers, place, change, last))


def sequence_at(spec: NetworkSpec, place: Place) -> Layers:
    """The layers among which `place` stands: the network's own, or a branch of a block."""
    layers = spec.layers
    for index, branch in zip(place[:-1:2], place[1::2], strict=True):
        if not 0 <= index < len(layers) or not 0 <= branch < len(layers[index].branches):
            raise SpecError(f"There is no place {'.'.join(map(str, place))} in this network.")
        layers = layers[index].branches[branch]
    return layers


def layer_at(spec: NetworkSpec, place: Place) -> LayerSpec:
    """The layer at `place`; raises SpecError if there is none."""
    layers = sequence_at(spec, place)
    if not 0 <= place[-1] < len(layers):
        raise SpecError(f"There is no place {'.'.join(map(str, place))} in this network.")
    return layers[place[-1]]


def insert(spec: NetworkSpec, place: Place, *new: LayerSpec) -> NetworkSpec:
    """`new` before the layer at `place`; one place behind the last layer appends."""
    return _at(spec, place, lambda layers, i: (*layers[:i], *new, *layers[i:]), last=0)


def append(spec: NetworkSpec, *new: LayerSpec) -> NetworkSpec:
    """`new` at the end."""
    return replace(spec, layers=(*spec.layers, *new))


def remove(spec: NetworkSpec, place: Place) -> NetworkSpec:
    """Without the layer at `place`."""
    return _at(spec, place, lambda layers, i: (*layers[:i], *layers[i + 1 :]))


def duplicate(spec: NetworkSpec, place: Place) -> NetworkSpec:
    """The layer at `place` twice, one after the other."""
    return _at(spec, place, lambda layers, i: (*layers[: i + 1], *layers[i:]))


def move(spec: NetworkSpec, place: Place, by: int) -> NetworkSpec:
    """The layer at `place` moved by so many places within its sequence; it stops at the ends."""

    def shift(layers: Layers, i: int) -> Layers:
        rest = (*layers[:i], *layers[i + 1 :])
        to = min(max(i + by, 0), len(rest))
        return (*rest[:to], layers[i], *rest[to:])

    return _at(spec, place, shift)


def transfer(spec: NetworkSpec, place: Place, to: Place) -> NetworkSpec:
    """The layer at `place` moved before what now stands at `to`, in whichever sequence that is.

    Raises SpecError for a block that would be moved into itself.
    """
    moved = layer_at(spec, place)
    if to[: len(place)] == place and len(to) > len(place):
        raise SpecError(f"The {moved.kind} can't be moved into itself.")
    depth = len(place) - 1
    if len(to) > depth and to[:depth] == place[:depth] and to[depth] > place[depth]:
        to = (*to[:depth], to[depth] - 1, *to[depth + 1 :])  # what stands behind moves up
    return insert(remove(spec, place), to, moved)


def add_branch(spec: NetworkSpec, place: Place) -> NetworkSpec:
    """One more, empty, branch for the block at `place`; raises SpecError if it has as many as it may."""
    return _with_branches(spec, place, (*layer_at(spec, place).branches, ()))


def remove_branch(spec: NetworkSpec, place: Place, branch: int) -> NetworkSpec:
    """The block at `place` without one branch; raises SpecError if it needs all that it has."""
    branches = layer_at(spec, place).branches
    if not 0 <= branch < len(branches):
        raise SpecError(f"There is no branch {branch}; the block has {len(branches)}.")
    return _with_branches(spec, place, (*branches[:branch], *branches[branch + 1 :]))


def _with_branches(spec: NetworkSpec, place: Place, branches: tuple[Layers, ...]) -> NetworkSpec:
    changed = replace(layer_at(spec, place), branches=branches)
    for field, message in setting_errors(changed):
        raise SpecError(f"{changed.kind}.{field}: {message}.")
    return replace_layer(spec, place, changed)


def replace_setting(spec: NetworkSpec, place: Place, field: str, value: Value) -> NetworkSpec:
    """One setting changed; raises SpecError if the kind has no such field or the value is not allowed."""

    def changed(old: LayerSpec) -> LayerSpec:
        field_of(old.kind, field)
        settings = layer(old.kind, *old.branches, **{**dict(old.settings), field: value}).settings
        return replace(old, settings=settings)

    return _at(spec, place, lambda layers, i: (*layers[:i], changed(layers[i]), *layers[i + 1 :]))


def replace_layer(spec: NetworkSpec, place: Place, new: LayerSpec) -> NetworkSpec:
    """Another layer in the place of this one."""
    return _at(spec, place, lambda layers, i: (*layers[:i], new, *layers[i + 1 :]))


def enable(spec: NetworkSpec, place: Place, enabled: bool) -> NetworkSpec:
    """The layer at `place` switched on or off."""
    return _at(
        spec, place, lambda layers, i: (*layers[:i], replace(layers[i], enabled=enabled), *layers[i + 1 :])
    )


def rename(spec: NetworkSpec, name: str) -> NetworkSpec:
    """The same layers under another name; raises SpecError if it is no name."""
    return replace(spec, name=checked_name(name))


MOST_CHARACTERS = 60  # of a network's name


def checked_name(name: str) -> str:
    """`name` without spaces around it; raises SpecError if it can't be a network's name."""
    name = name.strip()
    if not name or len(name) > MOST_CHARACTERS or not name.isprintable():
        raise SpecError(
            f"A network's name is one line of 1 to {MOST_CHARACTERS} characters; given was {name[:80]!r}."
        )
    return name
