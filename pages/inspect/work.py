"""Work in steps that a page draws while it grows: a little at each look, until it ends or is stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

from core.inspection.attribution import MethodUnableError, SettingError
from pages.inspect.kept import Kept

State = TypeVar("State")

POLL = 0.1  # seconds between two looks
_TURN = 0.25  # seconds of work at one look
_KEPT = 40  # results for all visitors; of large images one takes some 10 MB


@dataclass
class Work(Generic[State]):
    """One visitor's work: what it is of, how it goes on, and what there is so far."""

    of: Hashable
    steps: Iterator[State]
    latest: State | None = None
    over: bool = False
    stopped: bool = False
    refusal: str = ""
    # a script run that a newer one replaces may still be at a step
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def advance(self) -> None:
        """Go on for a moment, unless that is being done."""
        if not self._busy.acquire(blocking=False):
            return
        try:
            self._advance()
        finally:
            self._busy.release()

    def _advance(self) -> None:
        end = time.monotonic() + _TURN
        while not self.over and time.monotonic() < end:
            try:
                self.latest = next(self.steps)
            except StopIteration:
                self.over = True
                if self.latest is not None:
                    _results().put(self.of, self.latest)
            except (MethodUnableError, SettingError) as reason:
                self.over, self.refusal = True, str(reason)

    def stop(self) -> None:
        """Leave it where it is."""
        self.over = self.stopped = True


def work(key: str, of: Hashable, begin: Callable[[], Iterator[State]]) -> Work[State]:
    """This session's work under `key`: what is under way if it is of the same, a kept result, or a new beginning.

    `of` names all that the result depends on.
    """
    present: Work[State] | None = st.session_state.get(key)
    if present is None or present.of != of:
        kept = _results().get(of)
        present = Work(of, iter(()), kept, over=True) if kept is not None else Work(of, begin())
        st.session_state[key] = present
    present.advance()
    return present


def draw(work: Work[Any], key: str, done: float, text: str) -> None:
    """How far it is and a way to stop it; afterwards, that it was stopped."""
    if work.stopped:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Stopped: {text}.", width="content")
            st.button("Begin again", key=f"{key}_again", type="tertiary", on_click=_forget, args=(key,))
    elif not work.over:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(done, 1.0), text)
            st.button("Stop", key=f"{key}_stop", icon=":material/stop:", on_click=work.stop)


def _forget(key: str) -> None:
    st.session_state.pop(key, None)


@st.cache_resource(max_entries=1)
def _results() -> Kept:
    return Kept(_KEPT)
