"""Work of more than a second that a session asked for: done in short steps between reruns, so that it can be
stopped and nobody else waits for it.
"""

import time
from collections.abc import Generator
from typing import Any, Generic, TypeVar

import streamlit as st

SECONDS = 0.25  # of work at a time
POLL = 0.3  # seconds from one to the next: less than a step takes would interrupt the page while it draws

Result = TypeVar("Result")


class StepWork(Generic[Result]):
    """One piece of work at a time; all that is known of it lies in the session.

    `core` gives it as a generator that yields the share that is done (0–1) and returns the result.
    """

    def __init__(self, key: str) -> None:
        self._key, self._stopped = f"{key}_under_way", f"{key}_stopped"

    def begin(self, of: object, work: Generator[float, None, Result]) -> None:
        """Start; `of` names what the result depends on."""
        st.session_state[self._key] = (of, work, 0.0)
        st.session_state.pop(self._stopped, None)

    def stopped(self) -> object:
        """What the work was of that a person stopped last, unless other work began since; else None."""
        return st.session_state.get(self._stopped)

    def stop(self) -> None:
        """Let go of it."""
        st.session_state.pop(self._key, None)

    def of(self) -> object:
        """What the work under way is of; None where there is none."""
        found: Any = st.session_state.get(self._key)
        return found[0] if found else None

    def advance(self) -> Result | None:
        """Work for SECONDS; the result once it is there."""
        found: Any = st.session_state.get(self._key)
        if not found:
            return None
        of, work, done = found
        if work.gi_running:  # a script run that this one replaces is still at a step
            return None
        end = time.monotonic() + SECONDS
        try:
            while time.monotonic() < end:
                done = next(work)
        except StopIteration as stop:
            self.stop()
            result: Result = stop.value
            return result
        st.session_state[self._key] = (of, work, done)
        return None

    def draw(self, text: str, key: str) -> None:
        """How far it is, and a button that stops it."""
        found: Any = st.session_state.get(self._key)
        if not found:
            return
        bar, button = st.columns([5, 1], vertical_alignment="center")
        bar.progress(min(found[2], 1.0), f"{text}: {100 * found[2]:.0f} %")
        button.button("Stop", icon=":material/stop:", key=key, on_click=self._refuse, width="stretch")

    def _refuse(self) -> None:
        st.session_state[self._stopped] = self.of()
        self.stop()
