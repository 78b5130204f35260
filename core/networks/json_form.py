"""Networks as JSON text: written in full order, read with every doubt."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from core.networks.edit import checked_name
from core.networks.findings import MOST_DEPTH, MOST_LAYERS
from core.networks.kinds import layer, setting_errors
from core.networks.spec import LayerSpec, NetworkSpec, SpecError, walk
from core.networks.weights import WEIGHTS

VERSION = 2  # 1 knew neither blocks nor where the weights come from
MOST_CHARACTERS = 100_000  # of the text; 400 layers with all settings take 60,000
DEFAULT = NetworkSpec("", ())


def to_json(spec: NetworkSpec, indent: int | None = None) -> str:
    """The network as JSON; settings that have their default value are left out."""
    record: dict[str, Any] = {"version": VERSION, "name": spec.name}
    if spec.weights != DEFAULT.weights:
        record["weights"] = spec.weights
    if spec.frozen:
        record["frozen"] = True
    record["layers"] = [_record(layer) for layer in spec.layers]
    return json.dumps(record, indent=indent, separators=None if indent else (",", ":"), ensure_ascii=False)


def _record(layer: LayerSpec) -> dict[str, Any]:
    record: dict[str, Any] = {"kind": layer.kind, **dict(layer.settings)}
    if layer.branches:
        record["branches"] = [[_record(inner) for inner in branch] for branch in layer.branches]
    if not layer.enabled:
        record["enabled"] = False
    return record


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
    version = record.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise SpecError(f"version: {_shown(version)}, allowed 1 to {VERSION}.")
    for old in range(version, VERSION):
        record = MIGRATIONS[old](record)
    _only(record, ("version", "name", "weights", "frozen", "layers"))
    name = record.get("name")
    if not isinstance(name, str):
        raise SpecError(f"name: {_shown(name)}, allowed a text.")
    try:
        name = checked_name(name)
    except SpecError as error:
        raise SpecError(f"name: {error}") from None
    weights, frozen = record.get("weights", DEFAULT.weights), record.get("frozen", DEFAULT.frozen)
    if not isinstance(weights, str) or weights not in WEIGHTS:
        raise SpecError(f"weights: {_shown(weights)}, allowed are {', '.join(WEIGHTS)}.")
    if not isinstance(frozen, bool):
        raise SpecError(f"frozen: {_shown(frozen)}, allowed true or false.")
    layers = _sequence(record.get("layers"), "layers", 0)
    network = NetworkSpec(name, layers, weights, frozen)
    if sum(1 for _ in walk(network.layers)) > MOST_LAYERS:
        raise SpecError(f"layers: more than {MOST_LAYERS} with those inside blocks.")
    return network


def _from_version_1(record: dict[str, Any]) -> dict[str, Any]:
    """Version 1 was a plain list of layers that began with PyTorch's own weights."""
    _only(record, ("version", "name", "layers"))
    return {**record, "version": 2, "weights": DEFAULT.weights, "frozen": DEFAULT.frozen}


MIGRATIONS = {1: _from_version_1}  # a version → the change that makes the next one of it


def _sequence(layers: Any, place: str, depth: int) -> tuple[LayerSpec, ...]:
    if not isinstance(layers, list) or len(layers) > MOST_LAYERS:
        given = f"{len(layers)} layers" if isinstance(layers, list) else _shown(layers)
        raise SpecError(f"{place}: {given}, allowed a list of at most {MOST_LAYERS} layers.")
    if depth > MOST_DEPTH:
        raise SpecError(f"{place}: nested too deeply; blocks may stand in blocks up to {MOST_DEPTH} deep.")
    return tuple(_layer(one, f"{place}[{i}]", depth) for i, one in enumerate(layers))


def _layer(record: Any, place: str, depth: int) -> LayerSpec:
    if not isinstance(record, dict) or not isinstance(record.get("kind"), str):
        raise SpecError(f"{place}: {_shown(record)}, allowed an object with a kind.")
    settings = dict(record)
    kind, enabled = settings.pop("kind"), settings.pop("enabled", True)
    if not isinstance(enabled, bool):
        raise SpecError(f"{place}.enabled: {_shown(enabled)}, allowed true or false.")
    branches = settings.pop("branches", [])
    if not isinstance(branches, list):
        raise SpecError(f"{place}.branches: {_shown(branches)}, allowed a list of lists of layers.")
    inner = tuple(_sequence(b, f"{place}.branches[{i}]", depth + 1) for i, b in enumerate(branches))
    given = LayerSpec(kind, tuple(settings.items()), inner, enabled)
    for field, message in setting_errors(given):
        raise SpecError(f"{place}.{_key(field or 'kind')}: {message}.")
    return LayerSpec(kind, layer(kind, *inner, **settings).settings, inner, enabled)


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
