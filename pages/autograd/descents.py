"""Descents of a program's loss, computed once for each text and choice."""

import ast
from dataclasses import dataclass

import streamlit as st

from core.autograd.errors import RefusalError
from core.autograd.graph.trace import Trace
from core.autograd.language.interpreter import run
from core.autograd.play.descent import Path, descend
from core.autograd.play.function import ProgramFunction, element_names, final_scalar, leaves_below
from core.autograd.play.landscape import Landscape, frame, landscape
from core.autograd.play.leaves import Changes


@dataclass(frozen=True)
class Ground:
    """What can be descended: the loss, and the leaves that it depends on."""

    loss: str
    leaves: tuple[str, ...]
    choice: bool  # the program chooses its way by a value
    reason: str = ""  # why nothing can be


@dataclass(frozen=True)
class Descent:
    paths: tuple[Path, ...]
    land: Landscape | None
    elements: tuple[str, ...]  # "w[0, 1]", one for each number of a point
    refusal: str = ""


@st.cache_data(max_entries=64, show_spinner=False)
def ground_of(source: str, changes: Changes) -> Ground:
    """Whether there is one loss, and what it depends on."""
    trace = run(source, leaves=dict(changes))
    loss = final_scalar(trace)
    if loss is None:
        reason = (
            "There is no loss: no single number that depends on a leaf with requires_grad. Reduce the "
            "result, for example with `.sum()` or `.mean()`."
        )
        return Ground("", (), False, reason)
    leaves = [trace.values[n] for n in leaves_below(trace, [loss.number])]
    leaves = [leaf for leaf in leaves if leaf.data.is_floating_point()]
    if not leaves or loss.is_leaf:
        return Ground(loss.title, (), False, f"`{loss.title}` depends on no leaf with requires_grad.")
    return Ground(loss.title, tuple(dict.fromkeys(leaf.title for leaf in leaves)), _decides(trace))


def _decides(trace: Trace) -> bool:
    """Whether the program has an `if`, which another run might decide otherwise."""
    nodes = (node for statement in trace.program.statements for node in ast.walk(statement))
    return any(isinstance(node, (ast.If, ast.IfExp)) for node in nodes)


@st.cache_data(max_entries=64, show_spinner=False)
def descent_of(
    source: str, changes: Changes, names: tuple[str, ...], rate: float, steps: int, methods: tuple[str, ...]
) -> Descent:
    """The path of each optimizer, and the contour map where exactly two numbers change."""
    trace = run(source, leaves=dict(changes))
    loss = final_scalar(trace)
    if loss is None:
        return Descent((), None, ())
    inputs = tuple(n for n in leaves_below(trace, [loss.number]) if trace.values[n].title in names)
    function = ProgramFunction(trace, inputs, (loss.number,))
    elements = element_names(trace, inputs)
    paths = tuple(descend(function, method, rate, steps) for method in methods)
    if any(not path.losses for path in paths):
        return Descent((), None, elements, paths[0].stopped)
    scalars = len(inputs) == 2 and all(trace.values[n].data.numel() == 1 for n in inputs)
    try:
        return Descent(paths, landscape(function, frame(paths)) if scalars else None, elements)
    except RefusalError as refusal:
        return Descent(paths, None, elements, refusal.message)
