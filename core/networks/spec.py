"""The one description of a network: a frozen tree of layer records, JSON in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = int | float | str | bool | None


@dataclass(frozen=True)
class LayerSpec:
    """One layer, or a block with inner layers, by the name of its kind and the settings that differ from defaults."""

    kind: str  # a key of LAYER_KINDS
    settings: tuple[tuple[str, Value], ...] = ()  # (field, value), sorted by field, so that equal layers compare equal
    branches: tuple[tuple[LayerSpec, ...], ...] = ()  # a block's inner layers, one tuple a branch; () for a plain layer
    enabled: bool = True  # a disabled layer stays in the list and is skipped by everything else


@dataclass(frozen=True)
class NetworkSpec:
    """A named sequence of layers; the input shape belongs to the data set and is given to whoever reads the spec."""

    name: str
    layers: tuple[LayerSpec, ...]
