"""Find runs: by a word, their state, their data set, whose they are, and whether they are put away."""

from collections.abc import Sequence

import streamlit as st

from core.training.reports.settings import dataset_title
from core.training.runs.records import Run
from core.training.runs.states import STATES
from pages.shared.visitor import visitor_id


def draw(runs: Sequence[Run]) -> list[Run]:
    """The controls, and those of `runs` that fit them; a single run needs none."""
    if len(runs) < 2 and not any(run.archived for run in runs):
        return list(runs)
    word, states, data, whose = st.columns([1.8, 1.6, 1.6, 2], vertical_alignment="center", gap="small")
    sought = word.text_input(
        "Find",
        placeholder="Find in names, networks, notes",
        key="train_find",
        persist_state="session",
        label_visibility="collapsed",
        icon=":material/search:",
    )
    wanted = states.multiselect(
        "State",
        list(STATES),
        key="train_find_states",
        persist_state="session",
        placeholder="Any state",
        label_visibility="collapsed",
    )
    sets = data.multiselect(
        "Data set",
        sorted({run.request.data.dataset for run in runs}),
        format_func=dataset_title,
        key="train_find_data",
        persist_state="session",
        placeholder="Any data set",
        label_visibility="collapsed",
    )
    with whose.container(horizontal=True, gap="small"):
        mine = st.checkbox(
            "Mine", key="train_find_mine", persist_state="session", help="Only runs that you started."
        )
        away = st.checkbox(
            "Archived", key="train_find_archived", persist_state="session", help="Those put away, too."
        )
    owner, sought = visitor_id(), sought.casefold()
    return [
        run
        for run in runs
        if (away or run.archived is None)
        and (not mine or run.owner == owner)
        and (not wanted or run.state in wanted)
        and (not sets or run.request.data.dataset in sets)
        and sought in f"{run.number} {run.name} {run.request.network.name} {run.note}".casefold()
    ]
