"""The table of layer kinds: adding a kind means adding one record to one of these files."""

from core.networks.fields import Field
from core.networks.kind import LayerKind, Settings
from core.networks.kinds.activation import ACTIVATIONS
from core.networks.kinds.convolution import CONVOLUTIONS
from core.networks.kinds.dense import DENSE
from core.networks.kinds.normalisation import NORMALISATIONS
from core.networks.kinds.pooling import POOLINGS
from core.networks.spec import LayerSpec, SpecError, Value

LAYER_KINDS: dict[str, LayerKind] = {
    kind.name: kind for kind in (*CONVOLUTIONS, *ACTIVATIONS, *POOLINGS, *NORMALISATIONS, *DENSE)
}


def layer(kind: str, **settings: Value) -> LayerSpec:
    """A layer of the named kind; settings not given are the defaults. Raises SpecError if not allowed."""
    record = LayerSpec(kind, tuple(sorted(settings.items())))
    for field, message in setting_errors(record):
        raise SpecError(f"{kind}.{field}: {message}" if field else message)
    fields = {field.name: field for field in LAYER_KINDS[kind].fields}
    return LayerSpec(kind, tuple((name, v) for name, v in record.settings if v != fields[name].default))


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
    return errors
