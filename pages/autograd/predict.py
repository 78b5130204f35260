"""Predict: hide a gradient, let the student type it, then reveal it with its derivation."""

from typing import Any

import streamlit as st

from core.autograd.play.leaves import Changes
from core.autograd.play.prediction import (
    Question,
    judge,
    read_number,
)
from pages.autograd.program import markdown
from pages.autograd.questions import questions_of, solution_of
from pages.shared.glossary import meaning

_ASKED = "autograd_question"
_SCORE = "autograd_score"  # question's key → whether the first answer was right
_STATE = "autograd_answer"  # (question's key, verdict or None, revealed)


def asked(source: str, changes: Changes) -> Question | None:
    """The question whose answer must not be seen anywhere on the page now."""
    question = st.session_state.get(_ASKED)
    if question not in questions_of(source, changes) or revealed(source, changes, question):
        return None
    return question


def _choose_question(source: str, changes: Changes) -> Question | None:
    """Which gradient is asked; None when the program has none to ask."""
    offered = questions_of(source, changes)
    if not offered:
        st.session_state.pop(_ASKED, None)
        return None
    if st.session_state.get(_ASKED) not in offered:
        st.session_state[_ASKED] = offered[0]
    several = len({question.backward for question in offered}) > 1
    choice, after, _ = st.columns([3, 1.6, 6], vertical_alignment="bottom")
    question = choice.selectbox(
        "Predict this gradient", offered, key=_ASKED,
        format_func=lambda each: each.title + (f", backward pass {each.backward + 1}" if several else ""),
    )  # fmt: skip
    following = offered[(offered.index(question) + 1) % len(offered)]
    after.button("Another", icon=":material/shuffle:", on_click=_ask, args=(following,),
                 disabled=len(offered) == 1)  # fmt: skip
    return question


def _ask(question: Question) -> None:
    st.session_state[_ASKED] = question


def revealed(source: str, changes: Changes, question: Question) -> bool:
    """Whether the gradient may be seen."""
    state = st.session_state.get(_STATE)
    return state is not None and state[0] == (source, changes, question) and bool(state[2])


def show_predict(source: str, changes: Changes) -> None:
    """The question, the fields, the verdict, and after "Reveal" the derivation."""
    question = _choose_question(source, changes)
    if question is None:
        st.info(
            "There is no gradient to predict: nothing with requires_grad, up to 6×6, was reached by a call "
            "of `.backward()`.",
            icon=":material/info:",
        )
        return
    key = (source, changes, question)
    state = st.session_state.get(_STATE)
    verdict, open_ = (state[1], state[2]) if state is not None and state[0] == key else (None, False)
    fields, told = st.columns([5, 6], gap="medium")
    with fields:
        _show_fields(key, question, verdict)
        _show_score()
    with told:
        if not open_:
            st.caption(
                "The graph stops at the moment before this gradient begins to arrive: what you see there is "
                "what you need. A number is right within 1 % or 0.005; fractions such as 1/4 are fine.",
                help=meaning("VJP"),
            )
        else:
            _show_solution(source, changes, question)


def _show_fields(key: tuple[str, Changes, Question], question: Question, verdict: Any) -> None:
    with st.form("autograd_predict", border=False):
        st.markdown(f"**{markdown(f'`{question.title}`')}** =")
        for i in range(question.rows):
            columns = st.columns(max(question.columns, 3))
            for j in range(question.columns):
                mark = "" if verdict is None else (" ✓" if verdict[i][j] else " ✗")
                place = f"[{i}, {j}]" if question.rows > 1 else f"[{j}]"
                # the verdict stands in the label, for eyes and screen readers alike
                columns[j].text_input(
                    f"{place if question.rows * question.columns > 1 else 'number'}{mark}",
                    key=_field(key, i, j),
                    label_visibility="visible",
                )
        with st.container(horizontal=True):
            st.form_submit_button("Check", type="primary", on_click=_check, args=(key,))
            st.form_submit_button("Reveal", icon=":material/visibility:", on_click=_reveal, args=(key,))
    if verdict is not None:
        wrong = sum(not right for row in verdict for right in row)
        if wrong:
            st.warning(
                f"{wrong} of {question.rows * question.columns} not right yet.", icon=":material/close:"
            )
        else:
            st.success("Right.", icon=":material/check:")


def _field(key: tuple[str, Changes, Question], i: int, j: int) -> str:
    return f"autograd_guess_{abs(hash(key))}_{i}_{j}"


def _check(key: tuple[str, Changes, Question]) -> None:
    question = key[2]
    typed = [
        [read_number(st.session_state.get(_field(key, i, j)) or "") for j in range(question.columns)]
        for i in range(question.rows)
    ]
    verdict = judge(solution_of(*key).cells, typed)
    right = all(all(row) for row in verdict)
    seen = revealed(*key)
    if not seen:
        st.session_state.setdefault(_SCORE, {}).setdefault(key, right)
    st.session_state[_STATE] = (key, verdict, right or seen)


def _reveal(key: tuple[str, Changes, Question]) -> None:
    st.session_state.setdefault(_SCORE, {}).setdefault(key, False)
    state = st.session_state.get(_STATE)
    st.session_state[_STATE] = (key, state[1] if state is not None and state[0] == key else None, True)


def _show_score() -> None:
    score = st.session_state.get(_SCORE, {})
    if score:
        st.caption(f"This session: {sum(score.values())} of {len(score)} right at the first answer.")


def _show_solution(source: str, changes: Changes, question: Question) -> None:
    for kind, text in solution_of(source, changes, question).lines:
        if kind == "equation":
            st.latex(text)
        elif kind in ("formula", "numbers"):
            st.code(text, language=None)
        else:
            st.caption(markdown(text))
