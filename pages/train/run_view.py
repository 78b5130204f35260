"""One run: its state and how to steer it, how far it is, its views, and what to try when it went wrong."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from core.figures.palette import run_colour
from core.training.config import RunRequest
from core.training.optimizers import OPTIMIZERS
from core.training.presets import PRESETS, preset_of
from core.training.runs.queue import turn_of
from core.training.runs.records import Run
from core.training.runs.states import ACTIVE, ENDED, STATES
from pages.shared.glossary import meaning
from pages.shared.markdown import plain
from pages.shared.server import keeper, run_store
from pages.train import again, steering, views
from pages.train.configuration import RATE_KEY
from pages.train.pace import Pace, pace_of
from pages.train.shown import CLICKED
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


def draw(run: Run, present: RunRequest | None, pace: Pace) -> None:
    """The view of `run`, of which the curves and numbers move at `pace`.

    `present` is what the controls say, None where that can't be used.
    """
    _header(run, present)
    # always a fragment, so that the charts stay mounted
    st.fragment(_moving, run_every=pace.moving)(run, pace)
    _message(run)


def _moving(drawn: Run, pace: Pace) -> None:
    """What changes from second to second of the run that was `drawn`; where more did, all is drawn anew."""
    runs = run_store().runs()
    run = next((run for run in runs if run.id == drawn.id), None)
    if run is None or _fixed(run) != _fixed(drawn) or pace != pace_of(runs) or CLICKED in st.session_state:
        st.rerun()
    if refusal := st.session_state.pop(steering.REFUSAL, None):
        st.toast(refusal, icon=":material/info:")
    fraction, text = _progress(run, runs)
    st.progress(fraction, f"{steering.asked(run)}{text}")
    _numbers(run)
    views.draw(run, runs)


def _fixed(run: Run) -> tuple[object, ...]:
    """What stands around the moving part says no more than this of a run."""
    return run.state, run.attempt, run.name, run.message, _can_be_inspected(run)


def _can_be_inspected(run: Run) -> bool:
    return run.state in ENDED or run.epoch >= 1


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
            disabled=not _can_be_inspected(run),
            help="Confusion matrix, mistakes and attribution maps of this run; after its first epoch.",
        )
    with st.container(horizontal=True, gap="xsmall"):
        steering.draw(run)
        again.draw(run, present)


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
    if run.state in ENDED and (name := preset_of(run.request)):
        preset = PRESETS[name]
        st.info(
            f"**{preset.label}: what to see.** {preset.to_see}\n\n**How to mend it.** {preset.mend}",
            icon=":material/science:",
        )


def _set_rate(rate: str) -> None:
    st.session_state[RATE_KEY] = rate
