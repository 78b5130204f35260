"""Train again: with the same first weights, with new ones, or from a checkpoint with other settings."""

from dataclasses import replace

import streamlit as st

from core.training.checkpoint import CheckpointDamaged
from core.training.config import RunRequest
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunMissing
from pages.shared.server import run_store
from pages.shared.visitor import visitor_id
from pages.train import presets
from pages.train.shown import show_next
from pages.train.steering import REFUSAL


def draw(run: Run, present: RunRequest | None) -> None:
    """The ways to train again; `present` is what the controls say, None where that can't be used."""
    request = replace(run.request, fork=None)
    with st.popover("Again", icon=":material/restart_alt:", help="Train again, or branch off a checkpoint"):
        st.button(
            "Restart with the same first weights",
            icon=":material/replay:",
            key="again_same",
            width="stretch",
            help="The same settings and seed: on a CPU the same numbers come out.",
            on_click=start,
            args=(request,),
        )
        other_seed = replace(request, config=replace(request.config, seed=(request.config.seed + 1) % 2**31))
        st.button(
            "Restart with new first weights",
            icon=":material/casino:",
            key="again_new",
            width="stretch",
            help="The same settings with the next seed: how much of the result is chance?",
            on_click=start,
            args=(other_seed,),
        )
        st.button(
            "Put its settings into the controls",
            icon=":material/west:",
            key="again_settings",
            width="stretch",
            on_click=_take_settings,
            args=(request,),
        )
        st.divider()
        _fork(run, present)
    if st.session_state.pop(_TAKEN, False):
        st.rerun()  # the controls are outside of the fragment


_TAKEN = "train_settings_taken"  # in the session, until the whole page was drawn again


def _fork(run: Run, present: RunRequest | None) -> None:
    records = {record.step: record for record in run_store().checkpoints(run.id)}
    if not records:
        st.caption("There is no checkpoint yet that a fork could begin with.")
        return
    step = st.selectbox(
        "Fork from the checkpoint",
        sorted(records, reverse=True),
        format_func=lambda step: (
            f"epoch {records[step].epoch:.4g}, step {step:,}" if step in records else str(step)
        ),
        key=f"again_step_{run.id}",
        help="A new run that begins with these weights, and with this run's curves up to here. It has this run's "
        "network and data, and the configuration that the controls on the left say, whose epochs count from "
        "the beginning.",
    )
    st.button(
        "Fork with the settings on the left",
        icon=":material/call_split:",
        key="again_fork",
        width="stretch",
        disabled=present is None,
        on_click=_start_fork,
        args=(run, step, present),
    )


def start(request: RunRequest) -> None:
    """Start a run and show it; as a callback."""
    try:
        show_next(run_store().add(request, owner=visitor_id()))
    except (ValueError, StoreUnavailable) as refusal:
        st.session_state[REFUSAL] = str(refusal)


def _start_fork(run: Run, step: int, present: RunRequest) -> None:
    request = RunRequest(run.request.network, run.request.data, present.config)
    try:
        show_next(run_store().fork(run.id, step, request, owner=visitor_id()))
    except (ValueError, CheckpointDamaged, RunMissing, StoreUnavailable, OSError) as refusal:
        st.session_state[REFUSAL] = str(refusal)


def _take_settings(request: RunRequest) -> None:
    presets.show(request)
    st.session_state[_TAKEN] = True
