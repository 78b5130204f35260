"""The run that the shown one is compared with: the address says it, as ?with=…."""

from dataclasses import dataclass

import streamlit as st

from core.data.dataset import DataMissing
from core.training.checkpoint import CheckpointDamaged
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.inspect import address
from pages.inspect.subject import Subject, subject
from pages.shared.data_card import data_title
from pages.shared.markdown import plain

_NAME = "with"


@dataclass(frozen=True)
class Candidates:
    """The other runs, and whether they can be compared with the shown one."""

    able: tuple[Run, ...]
    unable: tuple[tuple[Run, str], ...]  # with the reason, as in "Run 4 …"


def candidates(store: RunStore, run: Run) -> Candidates:
    """Able are those that have weights and were trained on the same data set, so have the same test images."""
    able, unable = [], []
    for other in store.runs():
        if other.id == run.id:
            continue
        if other.request.data.dataset != run.request.data.dataset:
            unable.append((other, f"has other test images ({data_title(other.request.data)})"))
        elif store.latest_checkpoint(other.id) is None:
            unable.append((other, f"has no weights yet ({other.state})"))
        else:
            able.append(other)
    return Candidates(tuple(able), tuple(unable))


def choose(found: Candidates) -> Run | None:
    """The run of the address, else the newest that can be compared; the picker for another, and why others can't."""
    by_id = {other.id: other for other in found.able}
    reasons = {other.id: f"Run {other.number} {reason}" for other, reason in found.unable}
    wanted = address.get(_NAME)
    if wanted in reasons:
        st.warning(f"{reasons[wanted]}. Another run is shown.", icon=":material/search_off:")
    if not by_id:
        st.info(
            "There is no other run with weights on this data set. Train another network on it, or this one with "
            "another seed, and compare the two here.",
            icon=":material/compare_arrows:",
        )
        chosen = None
    else:
        if wanted not in by_id:
            address.put(**{_NAME: next(iter(by_id))})  # so that a link opens the same two
        key, changed = address.followed(_NAME, list(by_id), default="")
        chosen = by_id[
            st.selectbox(
                "Compare with",
                list(by_id),
                format_func=lambda run_id: f"Run {by_id[run_id].number} · {by_id[run_id].name}",
                key=key,
                on_change=changed,
            )
        ]
    _say_why_not(list(reasons.values()))
    return chosen


def look_at(store: RunStore, run: Run) -> Subject | None:
    """The run's latest checkpoint that is whole; None, and said, where there is none."""
    for record in reversed(store.checkpoints(run.id)):
        try:
            return subject(run, record)
        except CheckpointDamaged as damage:
            st.error(str(damage), icon=":material/broken_image:")
        except DataMissing as missing:
            st.warning(str(missing), icon=":material/database_off:")
            return None
    st.markdown(f"No checkpoint of run {run.number} can be read any more. Choose another run.")
    return None


def _say_why_not(reasons: list[str]) -> None:
    if reasons:
        shown = "; ".join(reasons[:3])
        more = f"; and {len(reasons) - 3} more" if len(reasons) > 3 else ""
        st.caption(f"Not to be compared with this run: {plain(shown)}{more}.")
