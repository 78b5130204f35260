"""Forward or reverse: how many passes each mode needs for the Jacobian, and the Jacobian itself."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st
import torch

from core.autograd.errors import RefusalError
from core.autograd.language.interpreter import run
from core.autograd.play.function import element_names
from core.autograd.play.jacobian import LARGEST, Jacobian, Passes, jacobian, passes_of
from core.autograd.play.leaves import Changes
from core.figures.autograd.numbers import number
from pages.autograd.program import markdown
from pages.shared.glossary import meaning


@dataclass(frozen=True)
class Modes:
    passes: Passes
    inputs: tuple[str, ...]  # "x (3)"
    outputs: tuple[str, ...]
    columns: tuple[str, ...] = ()  # "x[0]"
    rows: tuple[str, ...] = ()
    jacobian: Jacobian | None = None
    refusal: str = ""


@st.cache_data(max_entries=64, show_spinner=False)
def modes_of(source: str, changes: Changes) -> Modes | None:
    """The passes of this program, and its Jacobian where it is small; None without inputs or outputs."""
    trace = run(source, leaves=dict(changes))
    passes = passes_of(trace)
    if passes is None:
        return None

    def named(numbers: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(f"{trace.values[n].title} ({trace.values[n].data.numel()})" for n in numbers)

    inputs, outputs = named(passes.inputs), named(passes.outputs)
    if not passes.small:
        return Modes(passes, inputs, outputs)
    columns, rows = element_names(trace, passes.inputs), element_names(trace, passes.outputs)
    try:
        return Modes(passes, inputs, outputs, columns, rows, jacobian(trace, passes))
    except RefusalError as refusal:
        return Modes(passes, inputs, outputs, refusal=refusal.message)


def show_modes(source: str, changes: Changes) -> None:
    """The count left, the Jacobian by both modes right."""
    modes = modes_of(source, changes)
    if modes is None:
        st.info(
            "There is no Jacobian: it needs a leaf with requires_grad and a tensor that is computed from it.",
            icon=":material/info:",
        )
        return
    count, matrices = st.columns([4, 7], gap="medium")
    with count:
        _show_count(modes)
    with matrices:
        if modes.jacobian is not None:
            _show_jacobian(modes.jacobian, modes)
        elif modes.refusal:
            st.warning(markdown(f"The Jacobian cannot be computed: {modes.refusal}."))
        else:
            st.caption(f"The Jacobian is shown up to {LARGEST}×{LARGEST}.")


def _show_count(modes: Modes) -> None:
    n, m = modes.passes.input_elements, modes.passes.output_elements
    inputs = ", ".join(f"`{name}`" for name in modes.inputs)
    outputs = ", ".join(f"`{name}`" for name in modes.outputs)
    st.markdown(f"Inputs: {markdown(inputs)}  \nOutputs: {markdown(outputs)}")
    reverse, forward = st.columns(2)
    reverse.metric("Reverse-mode passes", f"{m:,}", help=f"{meaning('VJP')} One for each output element.")
    forward.metric("Forward-mode passes", f"{n:,}", help=f"{meaning('JVP')} One for each input element.")
    st.markdown(_lesson(n, m))


def _lesson(n: int, m: int) -> str:
    """Which mode suits this case, and what it means for training."""
    if m == 1 and n > 1:
        return (
            f"One number depends on {n:,} others, so one backward pass gives the whole gradient, where "
            f"forward mode would run the program {n:,} times. A network with a million parameters and one "
            "loss is the same case: hence `backward()`."
        )
    if m == n:
        return (
            f"As many inputs as outputs ({n:,}): both modes need {n:,} pass{'es' if n > 1 else ''}. Reverse "
            "mode pays when the outputs are few, as for one loss of many parameters, where a single pass "
            "gives the whole gradient."
        )
    if m < n:
        return (
            f"Fewer outputs ({m:,}) than inputs ({n:,}): reverse mode needs fewer passes. With one loss and "
            "many parameters it needs a single one: hence `backward()`."
        )
    return (
        f"More outputs ({m:,}) than inputs ({n:,}): here forward mode needs fewer passes. Training is the "
        "other way round: one loss of many parameters, for which reverse mode needs a single pass."
    )


def _show_jacobian(found: Jacobian, modes: Modes) -> None:
    rows, columns = found.rows.shape
    by_rows, by_columns = st.columns(2) if columns <= 3 else (st.container(), st.container())
    with by_rows:
        st.markdown(f"**Rows as VJPs:** {rows} backward pass{'es' if rows > 1 else ''}, each from one output")
        _show_matrix(found.rows, modes)
    with by_columns:
        st.markdown(
            f"**Columns as JVPs:** {columns} forward pass{'es' if columns > 1 else ''}, each along one input"
        )
        _show_matrix(found.columns, modes)
    good = found.error < 1e-5
    icon = ":green[:material/verified:]" if good else ":red[:material/report:]"
    st.caption(f"{icon} Computed twice; largest relative difference {number(found.error)}.")
    if found.by == "double backward":
        st.caption(
            "An operation here has no forward-mode rule in PyTorch, so the columns come from reverse mode "
            "twice: uᵀJ is linear in u, and its derivative along v is Jv."
        )


def _show_matrix(matrix: torch.Tensor, modes: Modes) -> None:
    """One row for each output element, one column for each input element."""
    texts = [[number(each) for each in row] for row in matrix.tolist()]
    outputs = [f"∂ {name}" for name in modes.rows]
    columns = [f"/ ∂ {name}" for name in modes.columns]
    st.dataframe(pd.DataFrame(texts, index=_unlike(outputs), columns=_unlike(columns)), width="content")


def _unlike(names: list[str]) -> list[str]:
    """Two tensors may have one name; a table's labels must differ."""
    return [name + "′" * names[:i].count(name) for i, name in enumerate(names)]
