"""The one description of a network: a frozen tree of layer records, JSON in and out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

Value = int | float | str | bool | None
Shape = tuple[int, ...]  # of one image, without the batch: (C, H, W), or (features,) once flat
Place = tuple[
    int, ...
]  # where a layer stands: (index,); in a block (index, branch, index), and so on inwards


class SpecError(ValueError):
    """A network that can't be read or built; says where, what was given and what is allowed."""


@dataclass(frozen=True)
class LayerSpec:
    """One layer, or a block with inner layers: its kind, and the settings that differ from defaults."""

    kind: str  # a key of LAYER_KINDS
    settings: tuple[
        tuple[str, Value], ...
    ] = ()  # (field, value), sorted by field, so that equal layers compare equal
    branches: tuple[
        tuple[LayerSpec, ...], ...
    ] = ()  # a block's inner layers, one tuple a branch; () for a plain layer
    enabled: bool = True  # a disabled layer stays in the list and is skipped by everything else


@dataclass(frozen=True)
class NetworkSpec:
    """A named sequence of layers and how its weights begin; the input shape belongs to the data set."""

    name: str
    layers: tuple[LayerSpec, ...]
    weights: str = "default"  # how they begin: a key of INITIALISATIONS, or of PRETRAINED
    frozen: bool = False  # only the last Linear (the head) is trained, all before it stays as it begins


def walk(layers: tuple[LayerSpec, ...], before: Place = ()) -> Iterator[tuple[Place, LayerSpec]]:
    """Each layer with its place, a block before its inner layers, disabled ones included."""
    for index, layer in enumerate(layers):
        place = (*before, index)
        yield place, layer
        for number, branch in enumerate(layer.branches):
            yield from walk(branch, (*place, number))


def shape_text(shape: Shape) -> str:
    """A shape as people write it: `20 × 24 × 24`."""
    return " × ".join(f"{n:,}" for n in shape)
