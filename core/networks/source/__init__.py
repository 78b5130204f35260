"""From spec to program text, in three dialects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from core.networks.analysis import Analysis, analyse
from core.networks.source import keras, lightning, names, pytorch
from core.networks.spec import NetworkSpec, Shape


@dataclass(frozen=True)
class Dialect:
    """A library in whose words a network can be written."""

    label: str
    write: Callable[[Analysis], str]
    ending: str  # of the file's name, before .py
    note: str  # one sentence

    def file_name(self, spec: NetworkSpec) -> str:
        """`lenet_keras.py`."""
        return names.file_name(spec.name, self.ending)


DIALECTS: dict[str, Dialect] = {
    "pytorch": Dialect(
        "PyTorch",
        pytorch.write,
        "",
        "The very layers that are built here, in their order: the same weights fit.",
    ),
    "lightning": Dialect(
        "Lightning",
        lightning.write,
        "_lightning",
        "The same layers in a module that knows its loss and optimizer; the Trainer has the loop.",
    ),
    "keras": Dialect(
        "Keras 3",
        keras.write,
        "_keras",
        "The same layers with channels last; runs on PyTorch, TensorFlow or JAX.",
    ),
}


@lru_cache(maxsize=64)  # a page asks for the same again with each rerun
def to_source(spec: NetworkSpec, input_shape: Shape, dialect: str = "pytorch", classes: int = 10) -> str:
    """The network as a program that runs on its own, up to the first problem, which a comment names.

    Raises ValueError for a dialect that is not in DIALECTS.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"unknown dialect {dialect!r}, allowed are {', '.join(DIALECTS)}")
    return DIALECTS[dialect].write(analyse(spec, input_shape, classes))
