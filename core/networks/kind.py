"""What is known about a kind of layer: one record holds its settings, its mathematics and its PyTorch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from torch import nn

from core.networks.fields import Field
from core.networks.spec import LayerSpec, Shape, Value

if TYPE_CHECKING:
    from core.networks.sight import Sight


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


Reach = tuple[tuple[int, ...], ...]  # along one axis: the input units that each output unit reads


@dataclass(frozen=True)
class Window:
    """The square patch of the input that one output unit reads."""

    kernel: int
    stride: int = 1
    padding: int = 0  # before the first row and column, and behind the last …
    dilation: int = 1
    extra: int = 0  # … where so much more may stand: even kernels with padding "same" need one

    @property
    def span(self) -> int:
        """Pixels from the first to the last that the kernel touches."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def keeps_size(self) -> bool:
        """Whether its padding is what keeps height and width: "same"."""
        return self.stride == 1 and 2 * self.padding + self.extra == self.span - 1

    def padded(self, size: int) -> int:
        """An axis of `size` pixels with its padding."""
        return size + 2 * self.padding + self.extra

    def positions(self, size: int) -> Formula:
        """How many places the window has along an axis of `size` pixels; below 1 if it does not fit."""
        value = (self.padded(size) - self.span) // self.stride + 1
        reach = str(self.kernel) if self.dilation == 1 else f"({self.dilation}·({self.kernel} − 1) + 1)"
        padding = f"({self.padding} + {self.padding + self.extra})" if self.extra else f"2·{self.padding}"
        return Formula(f"⌊({size} + {padding} − {reach})/{self.stride}⌋ + 1", value)

    def dropped(self, size: int) -> int:
        """Pixels at the far border that no window reads, because the stride does not come out even."""
        left = (self.padded(size) - self.span) % self.stride
        return max(0, left - self.padding - self.extra)

    def reach(self, size: int) -> Reach:
        """The pixels that the window reads at each of its places; none where it lies on padding alone."""
        return _reach(self, size)


@lru_cache(maxsize=4096)
def _reach(window: Window, size: int) -> Reach:
    firsts = (unit * window.stride - window.padding for unit in range(window.positions(size).value))
    return tuple(
        tuple(i for i in range(first, first + window.span, window.dilation) if 0 <= i < size)
        for first in firsts
    )


@dataclass(frozen=True)
class Complaint:
    """Why a layer can't take its input, and the changes of its own settings that may help."""

    sentence: str
    changes: tuple[tuple[str, dict[str, Value]], ...] = ()  # (label of the button, {field: value})


@dataclass(frozen=True)
class Arguments:
    """What the constructor is called with, both in the module that is built and in the source code."""

    positional: tuple[Value | list[int], ...] = ()
    # written in the code where they differ from PyTorch's default
    named: dict[str, Value] = field(default_factory=dict)


Part = tuple[Callable[..., nn.Module], Arguments]  # a class in torch.nn, and what it is called with


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


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What layers and blocks have in common."""

    name: str  # the key in LAYER_KINDS, and the title on the page
    stem: str  # of the layers' names: "conv" gives conv1, conv2 …
    group: str  # heading under which the page offers it
    explanation: str  # one sentence
    fields: tuple[Field, ...] = ()
    note: str = ""  # a second sentence, where there is something to beware of


@dataclass(frozen=True, kw_only=True)
class LayerKind(Kind):
    """One kind of layer; every rule takes the settings and the shape of one image that comes in.

    The defaults are those of an elementwise layer without parameters, so that such a kind is four words.
    """

    module: Callable[..., nn.Module]  # the class in torch.nn
    keras: Callable[[Settings, Shape], tuple[str, ...]]  # the calls in Keras 3, one after another
    rank: int | None = None  # 3: needs channels × height × width; 1: needs a flat input; None: takes either
    twin: str = ""  # the kind that does the same for the other rank
    arguments: Callable[[Settings, Shape], Arguments] = _no_arguments
    # what it is written as in a program, where torch.nn has no such module
    parts: Callable[[Settings, Shape], tuple[Part, ...]] | None = None
    complaints: Callable[[Settings, Shape], Iterator[Complaint]] = _no_complaint  # none: it takes its input
    output: Callable[[Settings, Shape], Shape] = _same_shape
    output_formula: Callable[[Settings, Shape], str] = _elementwise_formula
    parameters: Callable[[Settings, Shape], Formula] = _nothing
    macs: Callable[[Settings, Shape], Formula] = _nothing  # forward, one image, without bias additions
    window: Callable[[Settings], Window] | None = None  # the patch that slides over the input …
    reach: Callable[[Settings, int], Reach] | None = None  # … or what the units along an axis read instead

    @property
    def elementwise(self) -> bool:
        """Whether each output unit reads one input unit."""
        return self.window is None and self.reach is None

    def build(self, settings: Settings, shape: Shape) -> nn.Module:
        """The PyTorch module for an input of `shape`."""
        arguments = self.arguments(settings, shape)
        named: dict[str, Any] = dict(arguments.named)
        return self.module(*arguments.positional, **named)


def reads_all(_settings: Settings, size: int) -> Reach:
    """The reach of a layer whose single unit along an axis reads the whole axis."""
    return (tuple(range(size)),)


@dataclass(frozen=True, kw_only=True)
class BlockKind(Kind):
    """One kind of block: branches of inner layers that all read x, and a rule that joins what they give.

    Every rule takes the settings, the shape of x, and the shapes that leave the branches.
    """

    equation: str  # y = F(x) + x
    branches: tuple[int, int]  # how many it has: the fewest and the most
    branch_name: Callable[[int], str]  # of branch 0, 1, …, as a child of the module
    complaint: Callable[[Settings, Shape, tuple[Shape, ...]], str]  # why they can't be joined; "" if they can
    output: Callable[[Settings, Shape, tuple[Shape, ...]], Shape]
    output_formula: Callable[[Settings, Shape, tuple[Shape, ...]], str]
    parameters: Callable[[Settings, Shape, tuple[Shape, ...]], Formula]  # of the join alone
    macs: Callable[[Settings, Shape, tuple[Shape, ...]], Formula]  # of the join alone
    build: Callable[[Settings, Shape, tuple[Shape, ...], list[nn.Sequential]], nn.Module]
    join: Callable[[Settings], str]  # the branches' values are: a key of JOINS (kinds/blocks.py)
    # the layers through which x itself reaches the join, often none; None: it does not
    around: Callable[[Settings, Shape, tuple[Shape, ...]], tuple[LayerSpec, ...]] | None = None
    sight_of_x: Callable[[Settings, Shape, tuple[Shape, ...], Sight], Sight] | None = (
        None  # where x is joined
    )
