"""Gradients to be predicted and their solutions, computed once for each text."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run
from core.autograd.play.leaves import Changes
from core.autograd.play.prediction import Question, answer, derivation, questions, until
from core.figures.autograd.derivation import derivation_blocks
from core.figures.autograd.film import film


@dataclass(frozen=True)
class Solution:
    """The gradient, and the rule of each operation that contributes to it."""

    cells: tuple[tuple[float, ...], ...]
    lines: tuple[tuple[str, str], ...]  # what it is ("formula", "equation" …), and its text


@st.cache_data(max_entries=64, show_spinner=False)
def questions_of(source: str, changes: Changes) -> tuple[Question, ...]:
    return questions(run(source, leaves=dict(changes)))


@st.cache_data(max_entries=64, show_spinner=False)
def hidden_film(source: str, changes: Changes, question: Question) -> dict[str, Any]:
    """The film up to the moment before the first part of the gradient is handed on."""
    trace = until(run(source, leaves=dict(changes)), question)
    return film(trace, check_all(trace))


@st.cache_data(max_entries=64, show_spinner=False)
def solution_of(source: str, changes: Changes, question: Question) -> Solution:
    trace = run(source, leaves=dict(changes))
    lines = derivation_blocks(trace, derivation(trace, question), question.value)
    return Solution(tuple(map(tuple, answer(trace, question))), tuple(lines))
