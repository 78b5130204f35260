"""New numbers in the text of a program."""

import ast

import torch

from core.autograd.errors import Span
from core.autograd.graph.trace import Applied, Trace
from core.autograd.play.leaves import LARGEST, Changes, Numbers, creation_of, plain


def write(trace: Trace, changes: Changes) -> str:
    """The program's text with the new numbers in it.

    `trace` is the program as it ran with them. Each creation becomes `torch.tensor(…)`. When a random tensor
    gets fixed numbers, those random ones after it would be drawn anew: they are written out too.
    """
    names = dict(changes)
    wanted: dict[int, Numbers] = {}
    drawn = False
    for value in trace.values:
        creation = creation_of(trace, value)
        if creation is None or not value.names:
            continue
        named = value.names[0] in names
        random = creation.operation.random or _inner_random(trace, creation)
        if named or (drawn and random and value.data.numel() <= LARGEST**2):
            wanted[creation.number] = names[value.names[0]] if named else plain(value.data)
            drawn = drawn or random
    source = trace.program.source
    for number in sorted(wanted, key=lambda each: _start(trace.operations[each].span), reverse=True):
        creation = trace.operations[number]
        source = _replaced(source, creation.span, _text(trace, creation, wanted[number]))
    return source


def _inner_random(trace: Trace, creation: Applied) -> bool:
    """nn.Parameter(torch.randn(…)) draws in its argument."""
    makers = [trace.values[number].operation for number in creation.inputs]
    return any(maker is not None and trace.operations[maker].operation.random for maker in makers)


def _text(trace: Trace, creation: Applied, numbers: Numbers) -> str:
    """The creation anew: the same module names, type and requires_grad, other numbers."""
    data = trace.values[creation.outputs[0]].data
    whole = not data.is_floating_point()
    words = _number_text(numbers, whole)
    usual = torch.int64 if whole else torch.float32
    if creation.operation.name == "Parameter":
        flag = "" if creation.arguments.get("requires_grad", True) else ", requires_grad=False"
        kind = "" if data.dtype == usual else f", dtype={data.dtype}"
        return f"{_called(trace, creation)}(torch.tensor({words}{kind}){flag})"
    module = _called(trace, creation).rpartition(".")[0] or "torch"
    settings = [] if data.dtype == usual else [f"dtype={data.dtype}"]
    settings += ["requires_grad=True"] if creation.arguments.get("requires_grad") else []
    return f"{module}.tensor({', '.join([words, *settings])})"


def _called(trace: Trace, creation: Applied) -> str:
    """What stands before the bracket: `torch.ones`, `nn.Parameter`."""
    call = ast.parse(_part(trace.program.source, creation.span).strip(), mode="eval").body
    return ast.unparse(call.func) if isinstance(call, ast.Call) else "torch.tensor"


def _number_text(numbers: Numbers, whole: bool) -> str:
    if isinstance(numbers, (list, tuple)):
        return "[" + ", ".join(_number_text(item, whole) for item in numbers) + "]"
    return str(int(numbers)) if whole else repr(float(numbers))


def _start(span: Span) -> tuple[int, int]:
    return span.line, span.column


def _offsets(source: str, span: Span) -> tuple[int, int]:
    lines = source.split("\n")
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line) + 1)
    return begins[span.line - 1] + span.column, begins[span.end_line - 1] + span.end_column


def _part(source: str, span: Span) -> str:
    start, end = _offsets(source, span)
    return source[start:end]


def _replaced(source: str, span: Span, text: str) -> str:
    start, end = _offsets(source, span)
    return source[:start] + text + source[end:]
