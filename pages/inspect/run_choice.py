"""Which run the page looks at, and which of its checkpoints."""

from collections.abc import Sequence

import streamlit as st

from core.data.dataset import DataMissing
from core.training.checkpoint import CheckpointDamaged
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.states import ACTIVE
from core.training.runs.store import RunStore
from pages.inspect import address
from pages.inspect.subject import Subject, subject
from pages.shared.data_card import data_ready, data_title

TRAIN = "pages/train/page.py"


def invite(sentence: str) -> None:
    """What to do where there is nothing to look at yet."""
    st.markdown("#### Nothing to inspect yet")
    st.markdown(sentence)
    st.markdown(
        "Then you see here which classes it confuses, on which of the test images, and which pixels it went "
        "by."
    )
    if st.button("Train a network", type="primary", icon=":material/show_chart:", key="inspect_to_train"):
        st.switch_page(TRAIN)


def choose_run(store: RunStore, runs: Sequence[Run]) -> Run:
    """The run of the address, else the newest that has a checkpoint; the picker for another."""
    wanted = address.get("run")
    ids = [run.id for run in runs]
    if wanted and wanted not in ids:
        st.warning(
            f"There is no run “{wanted}” here; it may have been deleted. Another is shown.",
            icon=":material/search_off:",
        )
        address.put(cell="", image="")
    first = next((run for run in runs if store.latest_checkpoint(run.id)), runs[0])
    if wanted not in ids:
        address.put(run=first.id)
    by_id = {run.id: run for run in runs}
    key, changed = address.followed("run", ids, default="")

    def another() -> None:
        changed()
        address.put(cell="", image="")  # the other network's mistakes are others

    chosen: str = st.selectbox(
        "Run", ids, format_func=lambda run_id: _label(by_id[run_id]), key=key, on_change=another
    )
    return by_id[chosen]


def _label(run: Run) -> str:
    choice = run.request.data
    share = f"{100 * choice.share:g} % of {data_title(choice)}"
    return f"Run {run.number} · {run.name} · {share} · {run.state}"


def look_at(store: RunStore, run: Run) -> tuple[Subject, CheckpointRecord] | None:
    """The run's latest checkpoint that is whole; says so where it is not the last word, or where there is
    none.
    """
    records = store.checkpoints(run.id)
    if not records:
        invite(f"Run {run.number} ({run.state}) has no checkpoint yet: it writes one after its first epoch.")
        return None
    if not data_ready(run.request.data.dataset):
        return None
    for record in reversed(records):
        try:
            found = subject(run, record)
        except CheckpointDamaged as damage:
            if record not in store.checkpoints(run.id):  # its run went on, and has a newer one now
                return look_at(store, run)
            st.error(str(damage), icon=":material/broken_image:")
        except DataMissing as missing:
            st.warning(str(missing), icon=":material/database_off:")
            return None
        else:
            _say_which(run, record, latest=record is records[-1])
            return found, record
    st.markdown(
        "No checkpoint of this run can be read any more. Choose another run, or train this one again."
    )
    return None


def _say_which(run: Run, record: CheckpointRecord, latest: bool) -> None:
    if not latest:
        st.info(f"An earlier checkpoint is shown instead: {moment(record)}.", icon=":material/history:")
    if run.state in ACTIVE:
        text, button = st.columns([6, 1], vertical_alignment="center")
        text.info(
            f"This run is still {run.state}. You see its latest weights, {moment(record)}.",
            icon=":material/pending:",
        )
        button.button("Look again", icon=":material/refresh:", key="inspect_again", width="stretch")


def moment(record: CheckpointRecord) -> str:
    """When in its run a checkpoint was taken, in words."""
    if record.step == 0:
        return "before the first step"
    epochs = "1 epoch" if record.epoch == 1 else f"{record.epoch:.3g} epochs"
    return f"after {epochs} ({record.step:,} steps)"
