"""The program text, the example picker, and what the program said."""

import re

import streamlit as st

from pages.autograd.examples import Example, example_of, examples
from pages.autograd.result import Mistake, Result

PROGRAM = "program"  # also the name in the address
_EXAMPLE = "autograd_example"
_FIRST = "3(x + 2)² averaged"


def first_program() -> str:
    """What a newcomer sees."""
    return next(example.source for example in examples() if example.title == _FIRST)


def choose_program() -> str:
    """The example picker and the editor; returns the program."""
    # before the editor has run once, the program may stand in the address
    source = st.session_state.get(PROGRAM, st.query_params.get(PROGRAM, first_program()))
    st.session_state[_EXAMPLE] = example_of(source or "")
    st.selectbox(
        "Example",
        examples(),
        key=_EXAMPLE,
        format_func=lambda example: example.title,
        placeholder="Your own program; choose an example to replace it",
        on_change=_open_example,
    )
    text = st.text_area(
        "Program",
        first_program(),
        key=PROGRAM,
        height=236,
        bind="query-params",
        help="PyTorch as in a notebook. Ctrl+Enter, or a click outside, runs it. `torch`, `F` and `nn` "
        "are there "
        "without import.",
    )
    return text or ""


def _open_example() -> None:
    example: Example | None = st.session_state[_EXAMPLE]
    if example is not None:
        st.session_state[PROGRAM] = example.source


def show_mistake(mistake: Mistake) -> None:
    """Where it is, what it is, and what to try."""
    hint = f"\n\n:material/lightbulb: {markdown(mistake.hint)}" if mistake.hint else ""
    st.error(
        f"**Line {mistake.line}, column {mistake.column}.** {markdown(mistake.message)}.{hint}",
        icon=":material/error:",
    )
    st.code(mistake.place, language=None)


def show_words(source: str, result: Result) -> None:
    """What the program printed, each beside the line that did it, and what is worth knowing about lines."""
    if result.printed:
        st.caption("Printed")
        width = max(len(str(note.line)) for note in result.printed)
        program, lines = source.split("\n"), []
        for note in result.printed:
            beside = f"{program[note.line - 1].strip()}  →  "
            first, *rest = note.text.split("\n")
            lines.append(f"{note.line:>{width}} │ {beside}{first}")
            lines += [f"{'':>{width}} │ {'':>{len(beside)}}{line}" for line in rest]
        st.code("\n".join(lines), language=None)
    for note in result.notes:
        st.info(f"Line {note.line}: {markdown(note.text)}", icon=":material/info:")


def markdown(text: str) -> str:
    """Text with `code` as Markdown: whatever else has a meaning there is escaped."""
    parts = text.split("`")
    escaped = [
        f"`{part}`" if i % 2 and part else re.sub(r"([\\\[\]()*_~$:<>#!|])", r"\\\1", part)
        for i, part in enumerate(parts)
    ]
    return "".join(escaped)
