"""What is known about a kind of layer: one record holds its settings, its mathematics and its PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from torch import nn

from core.networks.fields import Field
from core.networks.spec import Shape, Value


class Settings(SimpleNamespace):
    """A layer's settings with defaults filled in, as attributes: `s.kernel`."""


@dataclass(frozen=True)
class Formula:
    """A number with the calculation that gives it."""

    text: str  # the calculation with this case's numbers, such as "5·5·20·50 + 50"
    value: int

    def __str__(self) -> str:
        number = f"{self.value:,}"
        return number if self.text == number else f"{self.text} = {number}"


ZERO = Formula("0", 0)


@dataclass(frozen=True)
class Window:
    """The square patch of the input that one output unit reads."""

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """Pixels from the first to the last that the kernel touches."""
        return self.dilation * (self.kernel - 1) + 1

    def positions(self, size: int) -> Formula:
        """How many places the window has along an axis of `size` pixels; below 1 if it does not fit."""
        value = (size + 2 * self.padding - self.span) // self.stride + 1
        reach = str(self.kernel) if self.dilation == 1 else f"({self.dilation}·({self.kernel} − 1) + 1)"
        return Formula(f"⌊({size} + 2·{self.padding} − {reach})/{self.stride}⌋ + 1", value)


@dataclass(frozen=True)
class Complaint:
    """Why a layer can't take its input, and the changes of its own settings that may help."""

    sentence: str
    changes: tuple[tuple[str, dict[str, Value]], ...] = ()  # (label of the button, {field: value})


@dataclass(frozen=True)
class Arguments:
    """What the constructor is called with, both in the module that is built and in the source code."""

    positional: tuple[Value, ...] = ()
    # written in the code where they differ from PyTorch's default
    named: dict[str, Value] = field(default_factory=dict)


def _same_shape(s: Settings, shape: Shape) -> Shape:
    return shape


def _elementwise_formula(s: Settings, shape: Shape) -> str:
    return "the same as its input: each value by itself"


def _nothing(s: Settings, shape: Shape) -> Formula:
    return ZERO


def _no_complaint(s: Settings, shape: Shape) -> Iterator[Complaint]:
    return iter(())


def _no_arguments(s: Settings, shape: Shape) -> Arguments:
    return Arguments()


def count(*factors: int) -> Formula:
    """A product, written out: `4·20·24·24`."""
    return Formula("·".join(map(str, factors)), math.prod(factors))


@dataclass(frozen=True)
class LayerKind:
    """One kind of layer; every rule takes the settings and the shape of one image that comes in.

    The defaults are those of an elementwise layer without parameters, so that such a kind is four words.
    """

    name: str  # the key in LAYER_KINDS, and the title on the page
    stem: str  # of the layers' names: "conv" gives conv1, conv2 …
    group: str  # heading under which the page offers it
    explanation: str  # one sentence
    module: Callable[..., nn.Module]  # the class in torch.nn
    fields: tuple[Field, ...] = ()
    rank: int | None = None  # 3: needs channels × height × width; 1: needs a flat input; None: takes either
    arguments: Callable[[Settings, Shape], Arguments] = _no_arguments
    complaints: Callable[[Settings, Shape], Iterator[Complaint]] = _no_complaint  # none: it takes its input
    output: Callable[[Settings, Shape], Shape] = _same_shape
    output_formula: Callable[[Settings, Shape], str] = _elementwise_formula
    parameters: Callable[[Settings, Shape], Formula] = _nothing
    macs: Callable[[Settings, Shape], Formula] = _nothing  # forward, one image, without bias additions
    window: Callable[[Settings], Window] | None = None  # None: each output unit reads one input unit …
    sees_all: bool = False  # … or, if this is set, all of them

    def build(self, settings: Settings, shape: Shape) -> nn.Module:
        """The PyTorch module for an input of `shape`."""
        arguments = self.arguments(settings, shape)
        named: dict[str, Any] = dict(arguments.named)
        return self.module(*arguments.positional, **named)
