"""The layers of a network as PyTorch text: how a module defines them, and how x goes through them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count, groupby

from torch import nn

from core.networks.calls import call
from core.networks.kind import Arguments
from core.networks.kinds import layer_kind
from core.networks.source.outline import Block, Branch, Joins, Layer, joined
from core.networks.spec import shape_text

ONE_LINE: Joins = {
    "sum": ("", " + ", ""),
    "product": ("", " * ", ""),
    "concatenate": ("torch.cat([", ", ", "], dim=1)"),
}
MANY_LINES: Joins = {
    "sum": ("(\n    ", "\n    + ", "\n)"),
    "product": ("(\n    ", "\n    * ", "\n)"),
    "concatenate": ("torch.cat(\n    [\n        ", ",\n        ", ",\n    ],\n    dim=1,\n)"),
}


@dataclass(frozen=True)
class Run:
    """Layers one after another that are one attribute of the module."""

    name: str  # stem, residual1, conv4
    layers: tuple[Layer, ...]

    @property
    def texts(self) -> list[tuple[str, str]]:
        """(call, comment) of each module; the comments say the layer's name and, at its last module, its shape."""
        texts = []
        for layer in self.layers:
            *first, last = calls(layer)
            texts += [(text, layer.name) for text in first]
            texts.append((last, f"{layer.name}: {shape_text(layer.output_shape)}"))
        return texts


def calls(layer: Layer) -> list[str]:
    """`nn.Conv2d(1, 20, kernel_size=5)`: named settings only where they differ from PyTorch's defaults."""
    kind = layer_kind(layer.kind)
    if kind.parts:
        return [_call(*part) for part in kind.parts(layer.settings, layer.input_shape)]
    return [_call(kind.module, kind.arguments(layer.settings, layer.input_shape))]


def _call(module: Callable[..., nn.Module], arguments: Arguments) -> str:
    defaults = _defaults(module)
    named = {name: value for name, value in arguments.named.items() if defaults[name] != value}
    return call(f"nn.{module.__name__}", *arguments.positional, **named)


@cache
def _defaults(module: Callable[..., nn.Module]) -> dict[str, object]:
    return {name: parameter.default for name, parameter in inspect.signature(module).parameters.items()}


def pieces(branch: Branch) -> list[Run | Block]:
    """The branch with its plain layers in runs, which have names."""
    groups = [list(group) for _, group in groupby(branch.parts, lambda part: isinstance(part, Block))]
    names = _run_names(branch, groups)
    found: list[Run | Block] = []
    for group in groups:
        layers = tuple(part for part in group if isinstance(part, Layer))
        found += [Run(next(names), layers)] if layers else [part for part in group if isinstance(part, Block)]
    return found


def _run_names(branch: Branch, groups: list[list[Layer | Block]]) -> Iterator[str]:
    """A single layer's own name; of several layers, where they stand: stem, features1, …, head."""
    numbers = count(1)
    for place, (first, *others) in enumerate(groups):
        if isinstance(first, Block):
            continue
        if len(groups) == 1:
            yield "layers" if branch.name == TRUNK else branch.name
        elif not others and len(calls(first)) == 1:
            yield first.name
        elif branch.name != TRUNK:
            yield f"{branch.name}_part{next(numbers)}"
        elif place in (0, len(groups) - 1):
            yield "stem" if place == 0 else "head"
        else:
            yield f"features{next(numbers)}"


TRUNK = "x"  # what the way through the whole network is called


def runs(branch: Branch) -> Iterator[Run]:
    """All runs, those in blocks too, in the order in which `core.networks.build` makes their modules."""
    for piece in pieces(branch):
        if isinstance(piece, Run):
            yield piece
        else:
            for inner in piece.branches:
                yield from runs(inner)


def sequential(run: Run, last: Iterable[str] = ()) -> list[str]:
    """`nn.Sequential(…)` with a line for each module, and `last` at its end."""
    return ["nn.Sequential(", *(f"    {text},  # {note}" for text, note in run.texts), *last, ")"]


def definitions(branch: Branch) -> list[str]:
    """`self.stem = nn.Sequential(…)`, and so on for all runs."""
    lines = []
    for run in runs(branch):
        texts = run.texts
        if len(texts) == 1:
            lines.append(f"self.{run.name} = {texts[0][0]}  # {texts[0][1]}")
        else:
            first, *others = sequential(run)
            lines += [f"self.{run.name} = {first}", *others]
    return lines


def flow(branch: Branch, source: str) -> tuple[list[str], str]:
    """The statements that make the branch's value from the variable `source`, and the expression for it.

    They assign to variables of the branch's own and of branches inside it, so `source` stays as it is (except in
    the trunk, where nothing needs it any more).
    """
    parts = pieces(branch)
    if not parts:
        return [], source
    if len(parts) == 1 and isinstance(parts[0], Run):
        return [], f"self.{parts[0].name}({source})"
    lines = []
    for part in parts:
        if isinstance(part, Run):
            value, note = f"self.{part.name}({source})", shape_text(part.layers[-1].output_shape)
        else:
            before, value = _join(part, source)
            lines += before
            note = f"{part.name}: {shape_text(part.output_shape)}"
        lines += f"{branch.name} = {value}  # {note}".splitlines()
        source = branch.name
    return lines, source


def _join(block: Block, source: str) -> tuple[list[str], str]:
    lines, values = [], []
    for branch in block.branches:
        before, value = flow(branch, source)
        lines += before
        values.append(value)
    return lines, values[0] if len(values) == 1 else joined(block.join, values, ONE_LINE, MANY_LINES)
