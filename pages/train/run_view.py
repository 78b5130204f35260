"""One run: its state and how to steer it, how far it is, its curves, and what to try when it went wrong."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.figures.palette import run_colour
from core.training.optimizers import OPTIMIZERS
from core.training.runs.database import StoreUnavailable
from core.training.runs.queue import turn_of
from core.training.runs.records import Run
from core.training.runs.states import ACTIONS, ACTIVE, ENDED, STATES, NotPossible
from core.training.runs.store import RunMissing
from pages.shared.glossary import meaning
from pages.shared.server import keeper, run_store
from pages.train import views
from pages.train.settings import RATE_KEY
from pages.train.words import duration, loss, percent, waiting

_Colour = Literal["gray", "blue", "orange", "green", "red"]
_BADGES: dict[str, tuple[str, _Colour]] = {  # state → (icon, colour)
    "queued": (":material/hourglass_empty:", "gray"),
    "running": (":material/play_arrow:", "blue"),
    "paused": (":material/pause:", "orange"),
    "completed": (":material/check:", "green"),
    "stopped": (":material/stop:", "gray"),
    "diverged": (":material/trending_up:", "red"),
    "interrupted": (":material/power_off:", "orange"),
    "failed": (":material/error:", "red"),
}
_ASKED = "train_asked"  # in the session: (run, its state, what was asked), until its state changes
_ASKING = {"pause": "Pausing", "resume": "Resuming", "stop": "Stopping"}
_REFUSAL = "train_refusal"  # in the session: why a button did nothing; a callback can't draw
_BUTTONS = {"pause": ":material/pause:", "resume": ":material/play_arrow:", "stop": ":material/stop:"}


def draw(run: Run, runs: Sequence[Run]) -> None:
    """The view of `run` among all `runs`."""
    if refusal := st.session_state.pop(_REFUSAL, None):
        st.toast(refusal, icon=":material/info:")
    _header(run)
    fraction, text = _progress(run, runs)
    st.progress(fraction, f"{_asked(run)}{text}")
    _numbers(run)
    views.draw(run, runs)
    _message(run)


def dot(number: int) -> str:
    """A disc in the run's colour, as SVG."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">'
        f'<circle cx="8" cy="8" r="7" fill="{run_colour(number)}"/></svg>'
    )


def _header(run: Run) -> None:
    icon, colour = _BADGES[run.state]
    title, buttons = st.columns([3, 2], vertical_alignment="center")
    with title, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.image(dot(run.number), width=16)
        st.markdown(f"**Run {run.number} · {_plain(run.name)}**", width="content")
        st.badge(run.state, icon=icon, color=colour, help=STATES[run.state].meaning)
        st.page_link(
            "pages/inspect/page.py",
            label="Inspect",
            icon=":material/search:",
            query_params={"run": run.id},
            disabled=run.state not in ENDED and run.epoch < 1,
            help="Confusion matrix, mistakes and attribution maps of this run; after its first epoch.",
        )
    with buttons, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for action, picture in _BUTTONS.items():
            kind = ACTIONS[action]
            st.button(
                action.capitalize(),
                icon=picture,
                key=f"train_{action}",
                disabled=run.state not in kind.told and run.state not in kind.moves,
                on_click=_ask,
                args=(run, action),
            )


def _ask(run: Run, action: str) -> None:
    try:
        run_store().command(run.id, action)
        st.session_state[_ASKED] = (run.id, run.state, _ASKING[action])
    except (NotPossible, RunMissing, StoreUnavailable) as refusal:  # another tab was quicker, say
        st.session_state[_REFUSAL] = str(refusal)


def _asked(run: Run) -> str:
    """What is on its way to the worker, so that a click is seen at once."""
    run_id, state, asking = st.session_state.get(_ASKED, ("", "", ""))
    if (run_id, state) == (run.id, run.state):
        return f"{asking} · "
    if run_id == run.id:
        del st.session_state[_ASKED]
    return ""


def _progress(run: Run, runs: Sequence[Run]) -> tuple[float, str]:
    """How much is done, and in words."""
    fraction = min(run.step / run.total_steps, 1.0) if run.total_steps else 0.0
    epochs = run.request.config.epochs
    if run.state == "queued":
        return fraction, waiting(turn_of(run, runs, keeper().at_once))
    if run.state in ACTIVE:
        parts = [f"Epoch {min(run.epoch + 1, epochs)} of {epochs}"]
        if run.total_steps:
            parts.append(f"step {run.step:,} of {run.total_steps:,}")
        if run.images_per_second:
            parts.append(f"{run.images_per_second:,.0f} images/s")
        if run.state == "running":
            parts.append(
                f"{duration(run.seconds_left)} left" if run.seconds_left is not None else "estimating"
            )
        return fraction, " · ".join(parts)
    done = f"{run.epoch} of {epochs} epochs, {run.step:,} steps in {duration(run.seconds)}"
    return fraction, f"{done} on {run.device}" if run.device else "Not started"


def _numbers(run: Run) -> None:
    cells = (
        ("Loss, running", loss(run.train_loss), "running training loss"),
        ("Loss, validation", loss(run.validation_loss), "evaluation loss"),
        ("Accuracy, running", percent(run.train_accuracy), "running training loss"),
        ("Accuracy, validation", percent(run.validation_accuracy), "validation split"),
        ("Accuracy, test", percent(run.test_accuracy), "test split"),
    )
    for column, (label, value, term) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(label, value, help=meaning(term))


def _message(run: Run) -> None:
    if run.state == "diverged":
        st.error(run.message, icon=":material/trending_up:")
        config = run.request.config
        lower = f"{min(config.learning_rate / 10, OPTIMIZERS[config.optimizer].learning_rate):g}"
        label = f"Set the learning rate to {lower}"
        if st.button(label, icon=":material/healing:", key="train_mend", on_click=_set_rate, args=(lower,)):
            st.rerun()  # the control is outside the fragment
    elif run.state == "failed":
        st.error(run.message, icon=":material/error:")
    elif run.state == "interrupted":
        st.warning(run.message, icon=":material/power_off:")
    elif run.message:
        st.info(run.message, icon=":material/info:")


def _set_rate(rate: str) -> None:
    st.session_state[RATE_KEY] = rate


def _plain(text: str) -> str:
    """A name that someone typed, without what Markdown would make of it."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|~$:<>" else c for c in text)
