"""The table of layer kinds: adding a kind means adding one record to one of these files."""

from collections.abc import Sequence
from dataclasses import replace

from core.networks.fields import Field
from core.networks.kind import BlockKind, LayerKind, Settings
from core.networks.kinds.activation import ACTIVATIONS
from core.networks.kinds.blocks import BLOCKS
from core.networks.kinds.convolution import CONVOLUTIONS
from core.networks.kinds.dense import DENSE
from core.networks.kinds.normalisation import NORMALISATIONS
from core.networks.kinds.pooling import POOLINGS
from core.networks.spec import LayerSpec, SpecError, Value

LAYER_KINDS: dict[str, LayerKind | BlockKind] = {
    kind.name: kind for kind in (*CONVOLUTIONS, *ACTIVATIONS, *POOLINGS, *NORMALISATIONS, *DENSE, *BLOCKS)
}


def layer(kind: str, *branches: Sequence[LayerSpec], **settings: Value) -> LayerSpec:
    """A layer of the named kind, or a block with its branches; settings not given are the defaults.

    Raises SpecError if a setting or the number of branches is not allowed.
    """
    record = LayerSpec(kind, tuple(sorted(settings.items())), tuple(map(tuple, branches)))
    for field, message in setting_errors(record):
        raise SpecError(f"{kind}.{field}: {message}" if field else message)
    fields = {field.name: field for field in LAYER_KINDS[kind].fields}
    changed = tuple((name, value) for name, value in record.settings if value != fields[name].default)
    return replace(record, settings=changed)


def layer_kind(name: str) -> LayerKind:
    """The kind of a layer without inner layers; raises SpecError for a block."""
    kind = LAYER_KINDS[name]
    if isinstance(kind, BlockKind):
        raise SpecError(f"{name} is a block, not a layer.")
    return kind


def settings_of(layer: LayerSpec) -> Settings:
    """All settings of a layer, defaults included."""
    values = {field.name: field.default for field in LAYER_KINDS[layer.kind].fields}
    return Settings(**{**values, **dict(layer.settings)})


def field_of(kind: str, name: str) -> Field:
    """The field of that name; raises SpecError if the kind has none."""
    for field in LAYER_KINDS[kind].fields:
        if field.name == name:
            return field
    names = ", ".join(field.name for field in LAYER_KINDS[kind].fields) or "none"
    raise SpecError(f"{kind} has no setting {name!r}; its settings are: {names}.")


def setting_errors(layer: LayerSpec) -> list[tuple[str, str]]:
    """(field, what is wrong) for each setting not allowed; the field is "" if the kind is unknown."""
    if layer.kind not in LAYER_KINDS:
        return [("", f"unknown layer kind {layer.kind!r:.60}, allowed are {', '.join(LAYER_KINDS)}")]
    fields = {field.name: field for field in LAYER_KINDS[layer.kind].fields}
    errors = []
    for name, value in layer.settings:
        if name not in fields:
            errors.append((name, f"unknown setting, allowed are {', '.join(fields) or 'none'}"))
        elif not fields[name].accepts(value):
            errors.append((name, f"{value!r:.60}, allowed {fields[name].allowed}"))
    kind = LAYER_KINDS[layer.kind]
    fewest, most = kind.branches if isinstance(kind, BlockKind) else (0, 0)
    if not fewest <= len(layer.branches) <= most:
        allowed = f"{fewest} to {most}" if fewest < most else str(fewest)
        errors.append(("branches", f"{len(layer.branches)} branches, allowed {allowed}"))
    return errors
