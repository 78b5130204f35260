"""The built-in functions that a program can call: print, range, len, and numbers."""

from collections.abc import Callable, Mapping
from typing import Any

import torch

from core.autograd.errors import RefusalError
from core.autograd.graph.recorder import Recorder
from core.autograd.graph.trace import Note
from core.autograd.language.plain_numbers import as_text, bounded, rounded, short_text
from core.autograd.operations.signature import in_words, is_number


def _print(recorder: Recorder, values: list[Any], named: Mapping[str, Any], line: int) -> None:
    if named:
        raise RefusalError("`print` takes no named arguments here", "Join texts with an f-string.")
    left = recorder.limits.printed - sum(len(note.text) for note in recorder.trace.printed)
    try:
        text = short_text(" ".join(as_text(value, left) for value in values), left)
    except RefusalError:
        raise RefusalError(
            f"The program prints more than {recorder.limits.printed:,} characters", "Print less, or slice it."
        ) from None
    if len(recorder.trace.printed) >= 500:
        raise RefusalError("The program prints more than 500 times", "Use fewer turns of the loop.")
    recorder.trace.printed.append(Note(line, text))


def _range(recorder: Recorder, values: list[Any], named: Mapping[str, Any], line: int) -> range:
    if named or not 1 <= len(values) <= 3 or not all(isinstance(value, int) for value in values):
        raise RefusalError("`range` takes one to three whole numbers", "Write range(10).")
    if len(values) == 3 and values[2] == 0:
        raise RefusalError("The step of `range` cannot be 0", "Write range(0, 10, 2).")
    turns = range(*values)
    if len(turns) > recorder.limits.turns:
        raise RefusalError(
            f"`range` would give {len(turns):,} turns; at most {recorder.limits.turns:,} are allowed",
            "Use a smaller range.",
        )
    return turns


def _length(recorder: Recorder, values: list[Any], named: Mapping[str, Any], line: int) -> int:
    if named or len(values) != 1 or not isinstance(values[0], (list, tuple, str, range, torch.Tensor)):
        raise RefusalError("`len` takes one tensor, list or text", "Write len(x).")
    if isinstance(values[0], torch.Tensor) and values[0].dim() == 0:
        raise RefusalError("A scalar has no length", "len(x) is the first size of x.")
    return len(values[0])


def _number(kind: Callable[[Any], Any]) -> Callable[[Recorder, list[Any], Mapping[str, Any], int], Any]:
    """float(…), int(…), round(…), abs(…) of a number or of a tensor with one element."""

    def convert(recorder: Recorder, values: list[Any], named: Mapping[str, Any], line: int) -> Any:
        plain = [
            value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value
            for value in values
        ]
        if named or not 1 <= len(plain) <= 2 or not all(map(is_number, plain)):
            raise RefusalError(
                f"This takes a number; given was {', '.join(map(in_words, values))}", "Use x.sum(), then it."
            )
        try:
            return bounded(kind(*plain))
        except (TypeError, ValueError, OverflowError) as problem:
            raise RefusalError(f"This has no result: {problem}", "Give one finite number.") from None

    return convert


def _extreme(kind: Callable[[Any], Any]) -> Callable[[Recorder, list[Any], Mapping[str, Any], int], Any]:
    def choose(recorder: Recorder, values: list[Any], named: Mapping[str, Any], line: int) -> Any:
        items = values[0] if len(values) == 1 and isinstance(values[0], (list, tuple)) else values
        if named or not items or not all(map(is_number, items)):
            raise RefusalError(
                "This compares plain numbers", "For tensors use x.max(), x.min() or torch.maximum(a, b)."
            )
        return kind(items)

    return choose


def _manual_seed(recorder: Recorder, values: list[Any], named: Mapping[str, Any], line: int) -> None:
    if named or len(values) != 1 or not isinstance(values[0], int):
        raise RefusalError("`manual_seed` takes one whole number", "Write torch.manual_seed(0).")
    recorder.generator.manual_seed(values[0])


BUILTIN_CALLS: dict[str, Callable[[Recorder, list[Any], Mapping[str, Any], int], Any]] = {
    "print": _print,
    "range": _range,
    "len": _length,
    "float": _number(float),
    "int": _number(int),
    "abs": _number(abs),
    "round": _number(rounded),
    "min": _extreme(min),
    "max": _extreme(max),
    "manual_seed": _manual_seed,
}
