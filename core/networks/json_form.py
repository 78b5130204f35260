"""Networks as JSON text: written in full order, read with every doubt."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from core.networks.edit import checked_name
from core.networks.findings import MOST_LAYERS
from core.networks.kinds import layer, setting_errors
from core.networks.spec import LayerSpec, NetworkSpec, SpecError, Value

VERSION = 1
MOST_CHARACTERS = 100_000  # of the text; 200 layers with all settings take 30,000


def to_json(spec: NetworkSpec, indent: int | None = None) -> str:
    """The network as JSON; settings that have their default value are left out."""
    layers = []
    for one in spec.layers:
        record: dict[str, Value] = {"kind": one.kind, **dict(one.settings)}
        if not one.enabled:
            record["enabled"] = False
        layers.append(record)
    text = {"version": VERSION, "name": spec.name, "layers": layers}
    return json.dumps(text, indent=indent, separators=None if indent else (",", ":"), ensure_ascii=False)


def from_json(text: str) -> NetworkSpec:
    """The network that `text` describes; raises SpecError naming the place that is wrong."""
    if len(text) > MOST_CHARACTERS:
        raise SpecError(f"The text has {len(text):,} characters; a network has at most {MOST_CHARACTERS:,}.")
    try:
        record = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise SpecError(
            f"This is not JSON: line {error.lineno}, column {error.colno}: {error.msg}."
        ) from None
    except RecursionError:
        raise SpecError("This is not a network: its JSON is nested too deeply.") from None
    except SpecError:
        raise
    except ValueError:  # a number with more digits than Python reads
        raise SpecError("This is not a network: a number in it has thousands of digits.") from None
    return _network(record)


def _network(record: Any) -> NetworkSpec:
    if not isinstance(record, dict):
        raise SpecError(f"A network is an object with version, name and layers; this is {_shown(record)}.")
    _only(record, ("version", "name", "layers"))
    if type(record.get("version")) is not int or record["version"] != VERSION:
        raise SpecError(f"version: {_shown(record.get('version'))}, allowed {VERSION}.")
    name = record.get("name")
    if not isinstance(name, str):
        raise SpecError(f"name: {_shown(name)}, allowed a text.")
    layers = record.get("layers")
    if not isinstance(layers, list) or len(layers) > MOST_LAYERS:
        given = f"{len(layers)} layers" if isinstance(layers, list) else _shown(layers)
        raise SpecError(f"layers: {given}, allowed a list of at most {MOST_LAYERS} layers.")
    try:
        name = checked_name(name)
    except SpecError as error:
        raise SpecError(f"name: {error}") from None
    return NetworkSpec(name, tuple(_layer(one, f"layers[{i}]") for i, one in enumerate(layers)))


def _layer(record: Any, place: str) -> LayerSpec:
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        raise SpecError(f"{place}: {_shown(record)}, allowed an object with a kind.")
    settings = dict(record)
    kind, enabled = settings.pop("kind"), settings.pop("enabled", True)
    if not isinstance(enabled, bool):
        raise SpecError(f"{place}.enabled: {_shown(enabled)}, allowed true or false.")
    given = LayerSpec(kind, tuple(settings.items()), enabled=enabled)
    for field, message in setting_errors(given):
        raise SpecError(f"{place}.{_key(field or 'kind')}: {message}.")
    return LayerSpec(kind, layer(kind, **settings).settings, enabled=enabled)


def _only(record: dict[str, Any], allowed: tuple[str, ...]) -> None:
    for key in record:
        if key not in allowed:
            raise SpecError(f"{_key(key)}: unknown entry, allowed are {', '.join(allowed)}.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        twice = next(key for i, (key, _) in enumerate(pairs) if key in {k for k, _ in pairs[:i]})
        raise SpecError(f"{_key(twice)}: given twice in one object.")
    return record


def _refuse_constant(constant: str) -> NoReturn:
    raise SpecError(f"{constant} is not a number that a network can have.")


def _key(key: str) -> str:
    return key[:60] if key.isprintable() else ascii(key[:60])


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"{value!r:.60}"
