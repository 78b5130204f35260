"""One map that may take long: after a moment a bar says how far it is, and a click anywhere stops it."""

import time
from collections.abc import Callable, Hashable

import streamlit as st

from core.inspection.attribution import AttributionMap, SettingError
from pages.inspect import address
from pages.inspect.kept import Kept

SOON = 0.7  # seconds until the bar appears
_BETWEEN = 0.15  # seconds between two pictures of the bar; a click is heard at each of them
_STOPPED = "inspect_map_stopped"


@st.cache_resource(max_entries=1)
def _maps() -> Kept:
    return Kept(512)


def patiently(
    name: Hashable, images: int, compute: Callable[[Callable[[int], None]], AttributionMap]
) -> AttributionMap:
    """The kept map of this name, or what `compute` makes, which reports how many of `images` went through.

    Raises SettingError if this visitor stopped it, and what `compute` raises. Must not be called in a cached
    function.
    """
    found: AttributionMap | None = _maps().get(name)
    if found is not None:
        return found
    if st.session_state.get(_STOPPED):
        st.session_state[_STOPPED] = False
        st.button("Make the map", key="inspect_map_again", icon=":material/play_arrow:")
        raise SettingError("It was stopped. Choose smaller settings, or make it after all.")
    place, begun, last = st.empty(), time.monotonic(), 0.0
    bar = None

    def report(through: int) -> None:
        nonlocal bar, last
        now = time.monotonic()
        if now - begun < SOON or now - last < _BETWEEN:
            return
        last = now
        if bar is None:
            address.write()
            with place.container(horizontal=True, vertical_alignment="center"):
                bar = st.progress(0.0)
                st.button("Stop", key="inspect_map_stop", icon=":material/stop:", on_click=_stop)
        bar.progress(
            min(through / max(1, images), 1.0), f"{through:,} of {images:,} images through the network"
        )

    found = compute(report)
    _maps().put(name, found)
    if bar:
        place.empty()
    return found


def _stop() -> None:
    st.session_state[_STOPPED] = True
