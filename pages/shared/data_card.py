"""What a page shows where a data set should be: its status, a way to get it, and Silhouettes meanwhile."""

import streamlit as st

from core.data import catalogue
from core.data.catalogue import DataMissing, DataStatus, record
from core.training.config import DataChoice
from pages.shared.progress import progress_bar

# the session's choice of data set, a name of `catalogue.datasets`; the Train page's widget owns it
DATASET_KEY = "dataset"
MEANWHILE = "silhouettes"
_REFUSAL = "data_refusal"  # in the session: data set → why it could not be had, until it can


def data_title(choice: DataChoice) -> str:
    """What a run's data set is called, in short, with the format that its images were brought to, if any."""
    known = catalogue.datasets().get(choice.dataset)
    title = known.short_title if known else f"{choice.dataset} (deleted)"
    if choice.image is None:
        return title
    channels, side = choice.image
    return f"{title} as {'grey' if channels == 1 else 'colour'} {side}×{side}"


def data_ready(name: str) -> bool:
    """Whether the data set can be loaded; where it can't, draw how to get it."""
    try:
        found = catalogue.status(name)
        if found.state == "local":
            _prepare(name)
        if found.ready:
            return True
    except DataMissing as refusal:
        st.warning(str(refusal), icon=":material/database_off:")
        return False
    _draw(found)
    return False


def _draw(found: DataStatus) -> None:
    known = record(found.name)
    refusals: dict[str, str] = st.session_state.setdefault(_REFUSAL, {})
    st.markdown(
        f":material/cloud_download: **{known.title}** ({known.megabytes} MB) is not on this machine yet. "
        f"{known.sentence}"
    )
    damaged = [file for file, state in found.unusable.items() if state == "damaged"]
    if damaged:
        st.warning(
            f"Damaged, to be fetched again: {', '.join(damaged)}.",
            icon=":material/broken_image:",
        )
    with st.container(horizontal=True):
        download = st.button(
            f"Download {known.title}",
            type="primary",
            icon=":material/download:",
            key=f"download_{found.name}",
        )
        if found.name != MEANWHILE and st.button(
            "Use Silhouettes meanwhile",
            icon=":material/checkroom:",
            key=f"meanwhile_{found.name}",
            help=f"{record(MEANWHILE).sentence} They need no network.",
            on_click=_choose_silhouettes,
        ):
            st.switch_page("pages/train/page.py")
    if download:
        refusals.pop(found.name, None)
        try:
            _prepare(found.name)
            st.rerun()
        except DataMissing as refusal:
            refusals[found.name] = str(refusal)
    if found.name in refusals:
        st.warning(refusals[found.name], icon=":material/cloud_off:")
    elif known.files:
        by_hand = known.files.by_hand(catalogue.data_folder(), list(found.unusable))
        st.caption(f"Without a network: {by_hand}.")


def _choose_silhouettes() -> None:
    st.session_state[DATASET_KEY] = MEANWHILE


def _prepare(name: str) -> None:
    with progress_bar(f"Preparing {record(name).title}") as report:
        catalogue.prepare(name, report)
