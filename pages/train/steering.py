"""Steer a run while it is under way: play, pause, one step, one epoch, stop; other settings from now on."""

import streamlit as st

from core.training.config import RANGES
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.states import ACTIONS, ACTIVE, NotPossible
from core.training.runs.store import RunMissing
from pages.shared.glossary import meaning
from pages.shared.server import run_store

REFUSAL = "train_refusal"  # in the session: why a button did nothing; a callback can't draw
_ASKED = "train_asked"  # in the session: (run, its state, what was asked), until its state changes
_BUTTONS = {  # action → icon, what it does, and what is said until the worker answers
    "resume": (":material/play_arrow:", "Go on", "Resuming"),
    "pause": (":material/pause:", "Pause after this step", "Pausing"),
    "step": (":material/skip_next:", "One step, then pause: see it under “One step”", "Taking a step"),
    "epoch": (":material/fast_forward:", "To the end of this epoch, then pause", "Training one epoch"),
    "stop": (":material/stop:", "Stop and keep what was learned: it is tested and saved", "Stopping"),
}
_SETTINGS = {  # action with a value → its label and its term in the glossary
    "learning_rate": ("Learning rate", "learning rate"),
    "weight_decay": ("Weight decay", "weight decay"),
    "batch_size": ("Batch size", "batch"),
}


def draw(run: Run) -> None:
    """The buttons, disabled where they make no sense."""
    for action, (icon, explanation, _) in _BUTTONS.items():
        kind = ACTIONS[action]
        st.button(
            action.capitalize(),
            icon=icon,
            key=f"train_{action}",
            help=explanation,
            disabled=run.state not in kind.told and run.state not in kind.moves,
            on_click=ask,
            args=(run, action),
        )
    change = st.popover(
        "Steer",
        icon=":material/tune:",
        help="Change its settings while it runs",
        disabled=run.state not in ACTIVE,
    )
    with change:
        st.caption("From the next step on. The curves mark it.")
        for action, (label, term) in _SETTINGS.items():
            _setting(run, action, label, term)


def asked(run: Run) -> str:
    """What is on its way to the worker, so that a click is seen at once."""
    run_id, state, asking = st.session_state.get(_ASKED, ("", "", ""))
    if (run_id, state) == (run.id, run.state):
        return f"{asking} · "
    if run_id == run.id:
        del st.session_state[_ASKED]
    return ""


def ask(run: Run, action: str) -> None:
    """Ask something of a run, as a callback; what is refused is said when the page is drawn again."""
    try:
        run_store().command(run.id, action)
        if action != "step" or run.state == "running":  # a step of a paused run leaves it paused
            st.session_state[_ASKED] = (run.id, run.state, _BUTTONS[action][2])
    except (NotPossible, RunMissing, StoreUnavailable) as refusal:  # another tab was quicker, say
        st.session_state[REFUSAL] = str(refusal)


def _setting(run: Run, action: str, label: str, term: str) -> None:
    key = f"steer_{action}_{run.id}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            label,
            f"{getattr(run.request.config, action):g}",
            key=key,
            help=f"{meaning(term)} Allowed is {RANGES[action].allowed}.",
        )
        st.button("Change", key=f"{key}_change", on_click=_change, args=(run, action, label, key))


def _change(run: Run, action: str, label: str, key: str) -> None:
    text = st.session_state[key]
    try:
        value = float(text)
    except ValueError:
        st.session_state[REFUSAL] = f"The {label.lower()} “{text}” is not a number."
        return
    try:
        run_store().command(run.id, action, value)
    except (ValueError, RunMissing, StoreUnavailable) as refusal:
        st.session_state[REFUSAL] = str(refusal)
