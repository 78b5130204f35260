"""Home: what the app is for, what to try first, and what state this machine is in."""

import streamlit as st

from core.training import device
from pages.home.rooms import ROOMS, Room
from pages.shared.data_card import data_ready
from pages.shared.glossary import terms
from pages.shared.server import run_store


def show() -> None:
    """Lay the page out."""
    st.title("Autograd Lab")
    st.markdown(
        "See how PyTorch differentiates, and what that is good for: from one multiplication to a network "
        "that tells ten kinds of clothes apart. All that you see is computed here and now, by PyTorch itself."
    )
    for column, room in zip(st.columns(len(ROOMS)), ROOMS, strict=True):
        with column:
            _introduce(room)
    machine, data, runs = st.columns([1, 1.4, 1])
    with machine.container(border=True, height="stretch"):
        st.markdown("##### This machine")
        st.markdown(f":material/memory: {device.describe(device.resolve('auto'))}")
        st.caption("Training uses it unless you choose another device on the Train page.")
    with data.container(border=True, height="stretch"):
        st.markdown("##### Data")
        if data_ready("fashion-mnist"):
            st.markdown(
                ":material/check_circle: Fashion-MNIST is here: 60,000 training and 10,000 test images."
            )
            st.caption("Grey pictures of clothes, 28×28 pixels, in ten classes.")
    with runs.container(border=True, height="stretch"):
        st.markdown("##### Runs")
        _summarise_runs()
    with st.expander("The words of this app", icon=":material/menu_book:"):
        for term, definition in terms().items():
            st.markdown(f"**{term}**: {definition}")


def _introduce(room: Room) -> None:
    with st.container(border=True, height="stretch"):
        st.page_link(room.script, label=f"**{room.title}**", icon=room.icon, width="stretch")
        st.markdown(room.purpose)
        st.caption(f"Try first: {room.try_first}")


def _summarise_runs() -> None:
    runs = run_store().runs()
    if not runs:
        st.markdown("No run yet. The first one takes a minute on the Train page.")
        return
    active = sum(run.state in ("queued", "running", "paused") for run in runs)
    st.markdown(f"{len(runs)} stored, {active} of them under way.")
    tested = [run for run in runs if run.test_accuracy is not None]
    if tested:
        best = max(tested, key=lambda run: run.test_accuracy or 0.0)
        st.caption(f"Best test accuracy so far: {best.test_accuracy:.1%}, by {best.name}.")


show()
