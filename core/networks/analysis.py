"""What flows through a network, what it costs and where it does not fit; computed from the spec alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from core.networks.advice import Advice, advice
from core.networks.machine import MEMORY
from core.networks.mends import Fix, mends
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import NetworkSpec, Place, Shape
from core.networks.survey import survey


@dataclass(frozen=True)
class Problem:
    """What is wrong, at which layer, and what would mend it."""

    place: Place | None  # None: the network as a whole, seen at its end
    name: str  # of the layer; "" for the network as a whole
    sentence: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """A row for each enabled layer up to the first problem; a block's row stands behind its inner layers'."""

    spec: NetworkSpec
    input_shape: Shape
    classes: int
    rows: tuple[LayerRow, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Advice, ...] = ()  # it can be trained, but something in it is not as it should be

    @property
    def output_shape(self) -> Shape:
        """What leaves the last row."""
        return self.rows[-1].output_shape if self.rows else self.input_shape

    @property
    def parameters(self) -> int:
        """Learned numbers in all rows."""
        return sum(row.parameters for row in self.rows)

    @property
    def macs(self) -> int:
        """Multiply-adds of one image's forward pass through all rows."""
        return sum(row.macs for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """Memory of all rows' outputs for one image."""
        return sum(row.activation_bytes for row in self.rows)

    @property
    def head(self) -> LayerRow | None:
        """The last Linear, which alone is trained where the network is frozen."""
        return next((row for row in reversed(self.rows) if row.kind == "Linear"), None)

    @property
    def trained_parameters(self) -> int:
        """Learned numbers that training changes: all, or the head's where the network is frozen."""
        if not self.spec.frozen:
            return self.parameters
        return self.head.parameters if self.head else 0

    def row(self, place: Place) -> LayerRow | None:
        """The row of the layer at `place`, or None if it is disabled or lies behind a problem."""
        return next((row for row in self.rows if row.place == place), None)

    def within(self, place: Place) -> tuple[LayerRow, ...]:
        """The row of the block at `place`, and those of all layers inside it."""
        return tuple(row for row in self.rows if row.place[: len(place)] == place)


@lru_cache(maxsize=256)  # of records that nobody can change
def analyse(spec: NetworkSpec, input_shape: Shape, classes: int = 10, memory: int = MEMORY) -> Analysis:
    """The rows, costs, problems and warnings of `spec` for images of `input_shape` (C, H, W).

    `classes` is how many numbers must leave it, `memory` the bytes that its training may need.
    """
    rows, finding = survey(spec, input_shape, classes, memory)
    problems: tuple[Problem, ...] = ()
    if finding:
        name = layer_names(spec)[finding.place] if finding.place else ""
        fixes = mends(spec, input_shape, classes, finding, memory)
        problems = (Problem(finding.place, name, finding.sentence, fixes),)
    warnings = advice(spec, input_shape, classes, rows, finding is None)
    return Analysis(spec, input_shape, classes, rows, problems, warnings)
