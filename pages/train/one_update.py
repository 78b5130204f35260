"""The optimizer's update of one chosen weight: its formula, this weight's numbers in it, and the check."""

import streamlit as st

from core.training.observations import StepUnderMagnifier, WeightUpdate
from core.training.optimizers import OPTIMIZERS, OptimizerKind
from core.training.runs.records import Run
from core.training.update_in_numbers import Worked, number, work
from pages.shared.glossary import meaning


def draw(run: Run, step: StepUnderMagnifier) -> None:
    """Choose a parameter and one of its weights; see how it was moved."""
    kind = OPTIMIZERS[run.request.config.optimizer]
    st.markdown(f"**One weight's update** by {kind.label}", help=meaning("optimizer"))
    st.latex(kind.formula)
    choice, numbers = st.columns([1, 2.2], gap="medium")
    with choice:
        update = _choose(step)
    if update is None:
        choice.caption("No weight got a gradient in this step.")
        return
    worked = work(kind.rules, kind.memory, update, step.learning_rate, step.weight_decay)
    with choice:
        st.dataframe(_values(kind, step, update), hide_index=True, key="magnifier_values")
    with numbers:
        st.latex(in_numbers(worked))
        _check(worked)


def _choose(step: StepUnderMagnifier) -> WeightUpdate | None:
    names = [name for name in step.parameters if step.updates(name)]
    if not names:
        return None
    name = st.selectbox("Parameter", names, key="magnifier_parameter", help=meaning("parameter"))
    updates = {str(update.index): update for update in step.updates(name)}
    place = st.selectbox(
        "Weight",
        list(updates),
        format_func=lambda place: f"{name}{place}" if place in updates else place,
        key="magnifier_weight",
        help="Those with the largest gradients of this parameter, the largest first.",
    )
    return updates.get(place) or next(iter(updates.values()))


def _values(kind: OptimizerKind, step: StepUnderMagnifier, update: WeightUpdate) -> dict[str, list[str]]:
    """What is known of the weight before and after the step."""
    rows = [
        ("w, the weight", f"{update.before:.7g}", f"{update.after:.7g}"),
        ("g, its gradient", f"{update.gradient:.5g}", ""),
        ("η, learning rate", f"{step.learning_rate:g}", ""),
    ]
    if step.weight_decay:
        rows.append(("λ, weight decay", f"{step.weight_decay:g}", ""))
    for name, letter in kind.memory.items():
        before = f"{update.kept_before[name]:.5g}" if name in update.kept_before else "nothing yet: 0"
        after = f"{update.kept[name]:.5g}" if name in update.kept else "—"
        rows.append((f"{letter}, remembered", before, after))
    return {title: [row[place] for row in rows] for place, title in enumerate(("", "before", "after"))}


def in_numbers(worked: Worked) -> str:
    """All lines as LaTeX: the rule, the numbers in it, and what comes out."""
    lines = [
        rf"{line.gives} &\leftarrow {line.formula} \\ &= {line.numbers} = {number(line.value)}"
        for line in worked.lines
    ]
    return r"\begin{aligned}" + r" \\[4pt] ".join(lines) + r"\end{aligned}"


def _check(worked: Worked) -> None:
    """Whether training did what the rule says."""
    told = ", ".join(
        f"${check.letter}$ is {check.computed:.7g} here and {check.trained:.7g} in training"
        for check in worked.checks
    )
    if worked.agrees:
        st.markdown(
            f":green[:material/check_circle:] **They agree.** {told}.",
            help="Here in 53 significant bits, in training in the 24 of a float32: the last digits may differ.",
        )
    else:
        st.error(f"They do not agree. {told}.", icon=":material/error:")
