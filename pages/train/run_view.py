"""One run: its state and how to steer it, how far it is, its views, and what to try when it went wrong."""

from typing import Literal

import streamlit as st

from core.figures.palette import run_colour
from core.training.config import RunRequest
from core.training.optimizers import OPTIMIZERS
from core.training.presets import PRESETS, preset_of
from core.training.runs.records import Run
from core.training.runs.states import ENDED, STATES
from pages.shared.markdown import plain
from pages.shared.server import run_store
from pages.train import again, live, status, steering, views
from pages.train.configuration import RATE_KEY
from pages.train.pace import Pace, pace_of
from pages.train.shown import CLICKED

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


def draw(run: Run, present: RunRequest | None, pace: Pace) -> None:
    """All about `run`: what a person can do with it, and a view of it, which is drawn anew at `pace`.

    `present` is what the controls say, None where that can't be used.
    """
    _header(run, present)
    # always a fragment, with a timer or without, so that what is in it stays mounted
    st.fragment(_moving, run_every=pace.moving)(run, pace)
    _message(run)


def _moving(drawn: Run, pace: Pace) -> None:
    """What changes from second to second of the run that was `drawn`; where more did, all is drawn anew."""
    runs = run_store().runs()
    run = next((run for run in runs if run.id == drawn.id), None)
    if run is None or status.stamp(run) != status.stamp(drawn) or CLICKED in st.session_state:
        st.rerun()
    if refusal := st.session_state.pop(steering.REFUSAL, None):
        st.toast(refusal, icon=":material/info:")
    view = views.choose()
    if pace != pace_of(runs, view):
        st.rerun()  # the timers are outside the fragment
    place = st.container()
    wanted = views.draw(view, run, runs)
    with place:
        live.draw(run, steering.asked(run), wanted)


def dot(number: int) -> str:
    """A disc in the run's colour, as SVG."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">'
        f'<circle cx="8" cy="8" r="7" fill="{run_colour(number)}"/></svg>'
    )


def _header(run: Run, present: RunRequest | None) -> None:
    icon, colour = _BADGES[run.state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.image(dot(run.number), width=16)
        st.markdown(f"**Run {run.number} · {plain(run.name)}**", width="content")
        st.badge(run.state, icon=icon, color=colour, help=STATES[run.state].meaning)
        st.page_link(
            "pages/inspect/page.py",
            label="Inspect",
            icon=":material/search:",
            query_params={"run": run.id},
            disabled=not status.can_be_inspected(run),
            help="Confusion matrix, mistakes and attribution maps of this run; after its first epoch.",
        )
    with st.container(horizontal=True, gap="xsmall"):
        steering.draw(run)
        again.draw(run, present)


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
    if run.state in ENDED and (name := preset_of(run.request)):
        preset = PRESETS[name]
        st.info(
            f"**{preset.label}: what to see.** {preset.to_see}\n\n**How to mend it.** {preset.mend}",
            icon=":material/science:",
        )


def _set_rate(rate: str) -> None:
    st.session_state[RATE_KEY] = rate
