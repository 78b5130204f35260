"""What a program gives, as plain data, computed once for each text."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.autograd.errors import ProgramError
from core.autograd.graph.check import check_all
from core.autograd.graph.trace import Note
from core.autograd.language.interpreter import run
from core.autograd.play.leaves import Changes
from core.figures.autograd.film import film
from core.figures.autograd.summary import check_summary
from core.figures.autograd.table import rows
from core.figures.autograd.torchviz import Drawing, torchviz_drawing


@dataclass(frozen=True)
class Mistake:
    """The error that ended the program: where, what, and what to try."""

    line: int
    column: int
    message: str
    hint: str
    place: str  # the line, and carets under the place

    @classmethod
    def of(cls, error: ProgramError) -> "Mistake":
        return cls(error.line, error.column, error.message, error.hint, error.caret_lines(width=48))


@dataclass(frozen=True)
class Result:
    film: dict[str, Any]
    rows: list[dict[str, Any]]
    printed: tuple[Note, ...]
    notes: tuple[Note, ...]
    check: tuple[bool, str] | None
    mistake: Mistake | None


@st.cache_data(max_entries=64, show_spinner=False)
def result_of(source: str, changes: Changes = ()) -> Result:
    """Run `source` with `changes` of its leaves, step its backward passes and check its gradients."""
    trace = run(source, leaves=dict(changes))
    checks = check_all(trace)
    error = trace.error
    return Result(
        film(trace, checks),
        rows(trace),
        tuple(trace.printed),
        tuple(trace.notes),
        check_summary(trace, checks),
        None if error is None else Mistake.of(error),
    )


@st.cache_data(max_entries=16, show_spinner=False)
def drawing_of(source: str, changes: Changes = ()) -> Drawing:
    """What torchviz draws of `source`."""
    return torchviz_drawing(source, dict(changes))
