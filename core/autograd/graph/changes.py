"""Operations that change a tensor in place: what becomes of it, of its views, and of its version counter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.call import Call
from core.autograd.graph.trace import Applied, Reference, Value
from core.autograd.graph.views import changed_through, is_followed, path_to, seen_again, share

if TYPE_CHECKING:
    from core.autograd.graph.recorder import Recorder


def change(recorder: Recorder, call: Call) -> Any:
    """Run an operation that changes its first argument, and record what that does."""
    first = next(iter(call.given))
    target = call.given[first]
    if id(target) in recorder.gradient_tensors:
        return _change_gradient(recorder, target, call)
    values = recorder.trace.values
    path = path_to(recorder.trace, values[recorder.value_of(target, call.span)])
    base = values[path[0].inputs[0]].tensor if path else target
    _keep_older(recorder, base, path, call.span)
    if id(base) in recorder.gradient_tensors:
        return _change_gradient(recorder, base, call)
    version = target._version
    arguments, inputs = recorder.references({**call.given, first: base}, call.span)
    result = recorder.compute(call)
    if path:
        view = call.shown.get(first, first)
        through = changed_through(recorder.trace, path, call.operation, view)
        shown = {**call.shown, first: values[inputs[0]].title}
        recorder.write_down(replace(call, operation=through, shown=shown), arguments, inputs, [base])
        return result
    recorder.write_down(call, arguments, inputs, [base])
    if base.grad_fn is not None:
        _note_version(recorder, base, version, call)
    return result


def _change_gradient(recorder: Recorder, gradient: torch.Tensor, call: Call) -> Any:
    """Change a leaf's .grad, or a part of it."""
    result = recorder.compute(call)
    _, leaf, _ = recorder.gradient_tensors[id(gradient)]
    recorder.change_gradient(leaf, gradient.detach().clone(), call.span, call.text)
    return result


def _keep_older(recorder: Recorder, base: torch.Tensor, path: Sequence[Applied], span: Span) -> None:
    """Before `base` is changed, by way of its view along `path`: keep what older values looked like."""
    values = recorder.trace.values
    if any(applied.operation.name == "detach" for applied in path) and base.requires_grad:
        title = values[recorder.value_of(base, span)].title
        raise RefusalError(
            f"This shares its memory with `{title}` (detach() does not copy): both would change, and "
            f"autograd would not know that `{title}` did",
            "Work on a copy: .detach().clone().",
        )
    views = [each for each in values if each.tensor is not base and each.current and share(each.tensor, base)]
    storage = base.untyped_storage().data_ptr()
    for value in values:
        if value.data.untyped_storage().data_ptr() == storage:
            value.data = value.data.clone()
    recorder.changed.update(id(view.tensor) for view in views)


def see_again(recorder: Recorder, older: Value, span: Span) -> int | None:
    """Record that a view is used again after its base has changed; None where autograd lost it."""
    path = path_to(recorder.trace, older)
    if not path or not is_followed(older.tensor):
        return None
    number = recorder.value_of(recorder.trace.values[path[0].inputs[0]].tensor, span)
    arguments: dict[str, Any] = {"input": Reference(number)}
    shown = {"input": recorder.trace.values[number].title}
    inputs = [number]
    if len(path) == 1:
        arguments = {**path[0].arguments, next(iter(path[0].arguments)): Reference(number)}
        shown = {**path[0].shown, **shown}
        inputs += path[0].inputs[1:]
    call = Call(seen_again(recorder.trace, path), {}, shown, span, older.text)
    recorder.write_down(call, arguments, inputs, [older.tensor])
    return recorder.by_tensor[id(older.tensor)]


def _note_version(recorder: Recorder, changed: torch.Tensor, before: int, call: Call) -> None:
    """Say once in a program what a change in place does to the version counter."""
    if any("version counter" in note.text for note in recorder.trace.notes):
        return
    title = recorder.trace.values[recorder.by_tensor[id(changed)]].title
    recorder.note(
        call.span.line,
        f"`{call.text}` changes `{title}` in place: its version counter, `{title}._version`, goes from "
        f"{before} to {changed._version}. Backward compares it with the version of what it has saved.",
    )
