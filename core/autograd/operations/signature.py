"""Which arguments an operation takes: a signature is a short text such as `input: tensor, dim: dims?`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.limits import LIMITS

DTYPES: dict[str, torch.dtype] = {
    "float32": torch.float32,
    "float": torch.float32,
    "float64": torch.float64,
    "double": torch.float64,
    "int64": torch.int64,
    "long": torch.int64,
    "int32": torch.int32,
    "int": torch.int32,
    "bool": torch.bool,
}


def is_number(value: Any) -> bool:
    return isinstance(value, (bool, int, float))


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LIMITS.size


def is_wholes(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and len(value) <= LIMITS.dimensions and all(map(is_whole, value))


def is_tensors(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and all(isinstance(item, torch.Tensor) for item in value)


@dataclass(frozen=True)
class Kind:
    """One kind of argument: how it is recognised, and its name in an error message."""

    accepts: Callable[[Any], bool]
    words: str


_SMALL = f"(up to {LIMITS.size:,})"
KINDS: dict[str, Kind] = {
    "tensor": Kind(lambda v: isinstance(v, torch.Tensor), "a tensor"),
    "operand": Kind(lambda v: isinstance(v, torch.Tensor) or is_number(v), "a tensor or a number"),
    "number": Kind(is_number, "a number"),
    "whole": Kind(is_whole, f"a whole number {_SMALL}"),
    "dim or tensor": Kind(
        lambda v: is_whole(v) or isinstance(v, torch.Tensor),
        "a dimension (a whole number) or a second tensor",
    ),
    "dims": Kind(
        lambda v: is_whole(v) or is_wholes(v), "a dimension (a whole number) or a tuple of dimensions"
    ),
    "sizes": Kind(is_wholes, f"whole numbers {_SMALL}, at most {LIMITS.dimensions} of them"),
    "pair": Kind(lambda v: is_whole(v) or (is_wholes(v) and len(v) <= 2), "a whole number or a pair of them"),
    "flag": Kind(lambda v: isinstance(v, bool), "True or False"),
    "text": Kind(lambda v: isinstance(v, str), "a text in quotes"),
    "tensors": Kind(is_tensors, "a list of tensors, as in [a, b]"),
    "tensor or tensors": Kind(
        lambda v: isinstance(v, torch.Tensor) or is_tensors(v), "a tensor, or a list of tensors"
    ),
    "dtype": Kind(lambda v: isinstance(v, torch.dtype), "a type, such as torch.float64"),
    "data": Kind(
        lambda v: is_number(v) or isinstance(v, (list, tuple, torch.Tensor)), "numbers, or lists of numbers"
    ),
    "index": Kind(lambda v: True, "an index"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter: its name, its kind, and how it may be given."""

    name: str
    kind: str
    optional: bool = False
    nullable: bool = False  # None is allowed
    gathers: bool = False  # takes all positional arguments that are left, as `*size`


@dataclass(frozen=True)
class Signature:
    """The parameters of an operation, in order."""

    parameters: tuple[Parameter, ...]

    @classmethod
    def parse(cls, text: str) -> "Signature":
        """Read `name: kind` (required), `name: kind=` (optional), `name: kind?` (optional or None), `*name:
        kind`."""
        parameters = []
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, kind = (word.strip() for word in part.split(":"))
            bare = kind.rstrip("?=")
            if bare not in KINDS:
                raise ValueError(f"unknown kind of argument {bare!r} in {text!r}")
            parameters.append(
                Parameter(name.lstrip("*"), bare, kind != bare, kind.endswith("?"), name.startswith("*"))
            )
        return cls(tuple(parameters))

    def __str__(self) -> str:
        return ", ".join(
            f"*{p.name}" if p.gathers else f"{p.name}=…" if p.optional else p.name for p in self.parameters
        )

    def bind(self, name: str, positional: list[Any], named: dict[str, Any]) -> dict[str, Any]:
        """Arguments by parameter name, checked for their kind; raises RefusalError in words."""
        given: dict[str, Any] = {}
        rest = list(positional)
        for parameter in self.parameters:
            if parameter.gathers and rest:
                # view(2, 3) and view((2, 3)) mean the same
                single = len(rest) == 1 and isinstance(rest[0], (tuple, list))
                given[parameter.name] = tuple(rest[0]) if single else tuple(rest)
                rest = []
            elif rest:
                given[parameter.name] = rest.pop(0)
        if rest:
            most = len(self.parameters)
            raise RefusalError(
                f"`{name}` takes at most {most} argument{'s' * (most != 1)}, and {len(positional)} were "
                f"given",
                f"It is written {name}({self}).",
            )
        known = {parameter.name for parameter in self.parameters}
        for key, value in named.items():
            if key not in known:
                raise RefusalError(
                    f"`{name}` has no argument called `{key}`", f"It is written {name}({self})."
                )
            if key in given:
                raise RefusalError(f"`{name}` was given `{key}` twice", f"It is written {name}({self}).")
            given[key] = value
        for parameter in self.parameters:
            self._check(name, parameter, given)
        return given

    def _check(self, name: str, parameter: Parameter, given: dict[str, Any]) -> None:
        if parameter.name not in given:
            if not parameter.optional:
                raise RefusalError(f"`{name}` needs `{parameter.name}`", f"It is written {name}({self}).")
            return
        value = given[parameter.name]
        if value is None and parameter.nullable:
            return
        if not KINDS[parameter.kind].accepts(value):
            raise RefusalError(
                f"`{parameter.name}` of `{name}` must be {KINDS[parameter.kind].words}; it is "
                f"{in_words(value)}",
                f"It is written {name}({self}).",
            )


def in_words(value: Any, deep: bool = True) -> str:
    """What a value is, for an error message; lists inside lists by their length only."""
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {shape_text(value.shape)}"
    if isinstance(value, str):
        return f"the text {value[:30]!r}"
    if value is None or isinstance(value, (bool, int, float)):
        return f"{value}"
    if isinstance(value, (list, tuple)):
        if not deep:
            return f"{type(value).__name__} of {len(value)}"
        shown = ", ".join(in_words(item, deep=False) for item in value[:4])
        return f"{type(value).__name__} of {len(value)}: [{shown}{', …' if len(value) > 4 else ''}]"
    return f"of type {type(value).__name__}"


def shape_text(shape: torch.Size | tuple[int, ...]) -> str:
    """(2, 3), (3,) or ()."""
    return str(tuple(shape))
