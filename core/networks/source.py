"""From spec to program text."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from core.networks.analysis import Analysis, LayerRow, analyse
from core.networks.edit import layer_at
from core.networks.kind import LayerKind
from core.networks.kinds import layer_kind, settings_of
from core.networks.spec import NetworkSpec, Shape, shape_text


def to_source(spec: NetworkSpec, input_shape: Shape, dialect: str = "pytorch", classes: int = 10) -> str:
    """The network as a program that runs on its own, up to the first problem, which a comment names.

    Raises ValueError for a dialect that is not in DIALECTS.
    """
    if dialect not in DIALECTS:
        raise ValueError(f"unknown dialect {dialect!r}, allowed are {', '.join(DIALECTS)}")
    return DIALECTS[dialect](analyse(spec, input_shape, classes))


def _pytorch(analysis: Analysis) -> str:
    lines = [
        f"    {_call(analysis.spec, row)},  # {row.name}: {shape_text(row.output_shape)}"
        for row in analysis.rows
    ]
    for problem in analysis.problems:
        where = f"{problem.name} and what follows are left out: " if problem.name else ""
        lines.append(f"    # {where}{problem.sentence}")
    name = "".join(c if c.isprintable() else " " for c in analysis.spec.name)
    batch = (2, *analysis.input_shape)  # batch normalisation of 1 × 1 maps needs more than one image
    result = "outputs" if analysis.problems else "logits"
    return "\n".join(
        (
            "import torch",
            "from torch import nn",
            "",
            f"# {name}: {analysis.parameters:,} parameters; one image is {shape_text(analysis.input_shape)}",
            "model = nn.Sequential(",
            *lines,
            ")",
            "",
            f"images = torch.zeros({', '.join(map(str, batch))})",
            f"{result} = model(images)  # {shape_text((batch[0], *analysis.output_shape))}",
            "",
        )
    )


def _call(spec: NetworkSpec, row: LayerRow) -> str:
    """`nn.Conv2d(1, 20, kernel_size=5)`: named settings only where they differ from PyTorch's defaults."""
    layer = layer_at(spec, row.place)
    kind = layer_kind(layer.kind)
    arguments = kind.arguments(settings_of(layer), row.input_shape)
    defaults = _defaults(kind)
    named = [f"{name}={value!r}" for name, value in arguments.named.items() if defaults[name] != value]
    return f"nn.{kind.module.__name__}({', '.join([*map(repr, arguments.positional), *named])})"


def _defaults(kind: LayerKind) -> dict[str, object]:
    signature = inspect.signature(kind.module)
    return {name: parameter.default for name, parameter in signature.parameters.items()}


DIALECTS: dict[str, Callable[[Analysis], str]] = {"pytorch": _pytorch}
