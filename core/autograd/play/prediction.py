"""Gradients to be predicted: the film up to the moment before one arrives, and judging the answer."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from core.autograd.graph.trace import BackwardPass, BackwardStep, Event, Trace
from core.autograd.play.leaves import LARGEST

QUESTIONS = 40  # at most
RELATIVE = 0.01  # an element is right within 1 % …
ABSOLUTE = 0.005  # … or within this


@dataclass(frozen=True)
class Question:
    """One gradient of one backward pass: of a leaf, or of a tensor in between."""

    backward: int  # number of the pass
    value: int
    title: str  # "∂loss/∂w"
    rows: int
    columns: int
    leaf: bool


def questions(trace: Trace) -> tuple[Question, ...]:
    """The gradients small enough to be typed, leaves first; the one that backward starts with is given."""
    found = []
    for backward in trace.passes:
        root = trace.values[backward.root]
        wanted = sorted(backward.gradients, key=lambda number: not trace.values[number].is_leaf)
        for number in wanted:
            value, gradient = trace.values[number], backward.gradients[number]
            rows, columns = _sides(gradient)
            if number == backward.root or not 0 < gradient.numel() <= LARGEST**2:
                continue
            if max(rows, columns) > LARGEST or not bool(gradient.isfinite().all()):
                continue
            title = f"∂{root.title}/∂{value.title}"
            found.append(Question(backward.number, number, title, rows, columns, value.is_leaf))
    return tuple(found[:QUESTIONS])


def _sides(tensor: torch.Tensor) -> tuple[int, int]:
    """A vector is one row; more than two dimensions are stacked."""
    columns = tensor.shape[-1] if tensor.dim() else 1
    return (math.prod(tensor.shape[:-1]) if tensor.dim() > 1 else 1), columns


def answer(trace: Trace, question: Question) -> list[list[float]]:
    """The gradient itself, in rows and columns."""
    gradient = trace.passes[question.backward].gradients[question.value]
    rows: list[list[float]] = gradient.double().reshape(question.rows, question.columns).tolist()
    return rows


def derivation(trace: Trace, question: Question) -> tuple[BackwardStep, ...]:
    """The backward nodes that hand something to the gradient, in the engine's order."""
    return tuple(
        step
        for step in trace.passes[question.backward].steps
        if any(handed.value == question.value for handed in step.contributions)
    )


def judge(right: Sequence[Sequence[float]], typed: Sequence[Sequence[float | None]]) -> list[list[bool]]:
    """For each element whether what was typed is within 1 % or 0.005; an empty cell is wrong."""
    return [
        [
            guess is not None and abs(guess - exact) <= max(ABSOLUTE, RELATIVE * abs(exact))
            for exact, guess in zip(exact_row, typed_row, strict=True)
        ]
        for exact_row, typed_row in zip(right, typed, strict=True)
    ]


def read_number(text: str) -> float | None:
    """A number as people type it: 0.5, −3, 1/4, 1e-3; None if it is none."""
    words = text.strip().replace("−", "-").replace(",", ".")
    above, slash, below = words.partition("/")
    try:
        value = float(above) / float(below) if slash else float(words)
    except (ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def until(trace: Trace, question: Question) -> Trace:
    """All that happened before the first part of the asked gradient is handed on; `trace` is used up.

    Nothing that comes later is left in it: no step, value, print or `.grad` from which the answer could be
    read.
    """
    asked = trace.passes[question.backward]
    known = _steps_before(asked, question.value)
    events: list[Event] = trace.events[: trace.events.index(asked)]
    cut = replace(asked, steps=known, gradients=_arrived(asked, known))
    cut = replace(cut, engine={number: asked.engine.get(number, 0.0) for number in cut.gradients})
    operations = trace.operations[: asked.operations]
    # x.grad and what was made from it come after the backward pass that filled it
    last = max((number for applied in operations for number in applied.outputs), default=asked.root)
    values = trace.values[: max(last, asked.root) + 1]
    shortened = replace(
        trace,
        values=values,
        events=[*events, cut],
        operations=operations,
        passes=[*trace.passes[: question.backward], cut],
        printed=[],
        notes=[],
        names={name: value.number for value in values for name in value.names},
        error=None,
        failed=None,
    )
    _forget(trace)
    return shortened


def _steps_before(asked: BackwardPass, value: int) -> tuple[BackwardStep, ...]:
    steps = []
    for step in asked.steps:
        if any(handed.value == value for handed in step.contributions):
            break
        steps.append(step)
    return tuple(steps)


def _arrived(asked: BackwardPass, steps: Sequence[BackwardStep]) -> dict[int, torch.Tensor]:
    """The gradients that are whole after `steps`."""
    arrived = {asked.root} | {
        handed.value
        for step in steps
        for handed in step.contributions
        if handed.value is not None and handed.arrived == handed.expected
    }
    return {number: gradient for number, gradient in asked.gradients.items() if number in arrived}


def _forget(trace: Trace) -> None:
    """The tensors are shared with the shortened trace: their .grad holds what came at the end."""
    for value in trace.values:
        if value.tensor.is_leaf or value.tensor.retains_grad:
            value.tensor.grad = None
