"""Descend: gradient descent on the program's leaves, with three optimizers side by side."""

import pandas as pd
import streamlit as st

from core.autograd.play.descent import METHODS
from core.autograd.play.leaves import Changes
from core.figures.autograd.descent import loss_chart, loss_table, map_chart, map_table
from core.figures.autograd.numbers import number
from pages.autograd.descents import Descent, Ground, descent_of, ground_of
from pages.autograd.program import markdown
from pages.shared.glossary import meaning

RATES = tuple(
    round(digit * 10.0**power, 4) for power in (-3, -2, -1, 0) for digit in (1, 1.5, 2, 3, 5, 7)
)  # 0.001 … 7
SHOWN = 6  # elements of the leaves in the table


def show_descend(source: str, changes: Changes) -> None:
    """Controls left, the loss and the map beside them."""
    ground = ground_of(source, changes)
    if ground.reason:
        st.info(markdown(ground.reason), icon=":material/info:")
        return
    controls, curve, picture = st.columns([2.6, 4, 4.6], gap="medium")
    with controls:
        names, rate, steps, methods = _controls(ground)
        now = st.slider("Step", 0, steps, steps, key=f"autograd_step_{steps}", help=meaning("step"))
    if not names or not methods:
        curve.info("Choose at least one leaf and one optimizer.")
        return
    found = descent_of(source, changes, names, rate, steps, methods)
    if not found.paths:
        curve.warning(markdown(f"Nothing to descend: {found.refusal}."))
        return
    with curve:
        st.vega_lite_chart(loss_table(found.paths, now), loss_chart(), key="autograd_loss", width="stretch")
        _show_ends(found, ground)
    with picture:
        if found.land is not None:
            chart = map_chart(*found.elements)
            st.vega_lite_chart(map_table(found.land, found.paths, now), chart, key="autograd_map",
                               width="content")  # fmt: skip
            st.caption(
                f"Lines of equal {markdown(f'`{ground.loss}`')}. Arrows point against the gradient, where "
                "the loss falls fastest: at each step of gradient descent, at the chosen step of the others."
            )
        else:
            _show_numbers(found, now)
            st.caption("With exactly two scalar leaves chosen, the path is drawn over a contour map here.")
    if found.land is not None:
        _show_numbers(found, now)
    words = "The operations are those of this run, replayed by PyTorch with new numbers"
    st.caption(words + ("; an `if` is not decided anew." if ground.choice else "."))


def _controls(ground: Ground) -> tuple[tuple[str, ...], float, int, tuple[str, ...]]:
    names = st.pills(
        "Leaves", ground.leaves, selection_mode="multi", default=ground.leaves,
        key="autograd_descend_" + "_".join(ground.leaves), help=meaning("leaf"),
    )  # fmt: skip
    rate = st.select_slider(
        "Learning rate", RATES, 0.1, key="autograd_rate", format_func=lambda each: f"{each:g}",
        persist_state="session", help=meaning("learning rate"),
    )  # fmt: skip
    steps = st.select_slider(
        "Steps", (5, 10, 20, 30, 50, 100, 200), 30, key="autograd_steps", persist_state="session"
    )
    rules = "  \n".join(f"**{each.title}**: {each.rule}" for each in METHODS.values())
    methods = st.pills(
        "Optimizers", list(METHODS), selection_mode="multi", default=list(METHODS), key="autograd_methods",
        format_func=lambda key: METHODS[key].short, persist_state="session", help=rules,
    )  # fmt: skip
    return (
        tuple(name for name in ground.leaves if name in names),
        float(rate),
        int(steps),
        tuple(key for key in METHODS if key in methods),
    )


def _show_ends(found: Descent, ground: Ground) -> None:
    """How each optimizer fared; a rate that is too high is named at its step."""
    for path in found.paths:
        title, first, last = METHODS[path.method].title, path.losses[0], path.losses[-1]
        if path.diverged is not None:
            st.warning(
                f"**{title} diverges at step {path.diverged}:** the loss is {number(last)}, it began at "
                f"{number(first)}. The learning rate is too high for this slope: each step overshoots.",
                icon=":material/trending_up:",
            )
        elif path.stopped:
            st.warning(markdown(f"{title} stopped after step {len(path.losses) - 1}: {path.stopped}."))
    fine = [path for path in found.paths if path.diverged is None and not path.stopped]
    ends = ", ".join(f"{METHODS[p.method].title} {number(p.losses[-1])}" for p in fine)
    if ends:
        st.caption(f"`{ground.loss}` begins at {number(found.paths[0].losses[0])}; at the end: {ends}.")


def _show_numbers(found: Descent, now: int) -> None:
    """Each optimizer at the chosen step, and the next step of plain descent with its numbers."""
    rows = []
    for path in found.paths:
        at = min(now, len(path.losses) - 1)
        row = {"optimizer": METHODS[path.method].title, "step": at, "loss": number(path.losses[at])}
        for name, x, slope in list(zip(found.elements, path.points[at], path.gradients[at], strict=True))[
            :SHOWN
        ]:
            row |= {name: number(x), f"gradient of {name}": number(slope)}
        rows.append(row)
    st.dataframe(pd.DataFrame(rows), hide_index=True, key="autograd_descent_numbers")
    if len(found.elements) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(found.elements)} elements.")
