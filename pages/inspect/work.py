"""Work in steps that a page draws while it grows: a little at each look, until it ends or is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import streamlit as st

from core.inspection.attribution import MethodUnableError, SettingError
from core.inspection.turns import Pause, Turns
from pages.inspect.kept import Kept

State = TypeVar("State")
Result = TypeVar("Result")

TURN = 0.25  # seconds of work at one look
# Seconds from the beginning of one look to that of the next. It leaves room for the work and for drawing what there is:
# where a look is due while another is under way, it begins as soon as that ends, and Streamlit then throws away what
# was drawn last and not sent yet. Measured in a browser with TURN = 0.25, up to two fifths of the last elements were
# lost with 0.1 or 0.3 s; with 0.4 s none, or one in ten if drawing takes 80 ms.
POLL = 0.4
_KEPT = 40  # results for all visitors; of large images one takes some 10 MB


@st.cache_resource(max_entries=1)
def _results() -> Kept:
    return Kept(_KEPT)


@dataclass
class Work(Generic[State]):
    """One visitor's work: what it is of, how it goes on, what there is so far, and where its result is kept."""

    of: Hashable
    turns: Turns[State] | None  # None where there was a kept result
    latest: State | None = None
    over: bool = False
    stopped: bool = False
    refusal: str = ""
    kept: Kept = field(default_factory=_results)
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
        if self.over or self.turns is None:
            return
        try:
            self.turns.go_on(TURN)
        except (MethodUnableError, SettingError) as reason:
            self.refusal = str(reason)
        except Exception:  # what there is so far is not the whole: never kept, but it can be begun again
            self.stop()
            raise
        finally:
            self.latest = self.turns.latest
        self.over = self.over or self.turns.over
        if self.over and not self.stopped and not self.refusal and self.latest is not None:
            self.kept.put(self.of, self.latest)

    def stop(self) -> None:
        """Leave it where it is."""
        self.over = self.stopped = True
        if self.turns is not None:
            self.turns.leave()


def work(
    key: str, of: Hashable, begin: Callable[[Pause], Iterator[State]], kept: Kept | None = None
) -> Work[State]:
    """This session's work under `key`: what is under way if it is of the same, a kept result, or a new beginning.

    `of` names all that the result depends on; `begin` gives the steps, which may pause within (see `Turns`).
    Results are kept for all visitors, unless `kept` names another place.
    """
    present: Work[State] | None = begun(key, of, kept)
    if present is None:
        present = start(key, of, begin, kept)
    present.advance()
    return present


def begun(key: str, of: Hashable, kept: Kept | None = None) -> Work[Any] | None:
    """As `work`, but it goes no further, and begins nothing: None where nobody asked for it yet."""
    present: Work[Any] | None = st.session_state.get(key)
    if present is not None and present.of == of:
        return present
    kept = kept or _results()
    found = kept.get(of)
    if found is None:
        forget(key)  # of something else: nobody waits for it any more
        return None
    present = st.session_state[key] = Work(of, None, found, over=True, kept=kept)
    return present


def start(
    key: str, of: Hashable, begin: Callable[[Pause], Iterator[State]], kept: Kept | None = None
) -> Work[State]:
    """Begin it now, from the beginning, as when a button asks for it."""
    present = st.session_state[key] = Work(of, Turns(begin), kept=kept or _results())
    return present


def draw(work: Work[Any], key: str, done: float, text: str) -> None:
    """How far it is and a way to stop it; afterwards, that it was stopped."""
    if work.stopped:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(f"Stopped: {text}.", width="content")
            st.button("Begin again", key=f"{key}_again", type="tertiary", on_click=forget, args=(key,))
    elif not work.over:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(done, 1.0), text)
            st.button("Stop", key=f"{key}_stop", icon=":material/stop:", on_click=work.stop)


def wait(found: Work[Share[Any]] | None, key: str, text: str) -> None:
    """In a fragment that is polled: how far it is, then a moment of work; once it is over, the whole page anew.

    It is drawn before the work, so that it is seen at once even if a single step takes longer than a look should.
    """
    if found is not None and not found.over:
        done = found.latest.done if found.latest else 0.0
        draw(found, key, done, f"{text}: {100 * done:.0f} %")
        found.advance()
    if found is None or found.over:
        st.rerun()  # the timer is mounted only while something is under way


def forget(key: str) -> None:
    """Let go of this session's work under `key`; a kept result stays."""
    st.session_state.pop(key, None)


@dataclass(frozen=True)
class Share(Generic[Result]):
    """How much of something is done (0–1), and the whole once it is there."""

    done: float = 0.0
    whole: Result | None = None


def shares(steps: Generator[float, None, Result]) -> Iterator[Share[Result]]:
    """For work of which nothing can be shown before its end: it yields how much is done, and returns the result."""
    while True:
        try:
            done = next(steps)
        except StopIteration as end:
            yield Share(1.0, end.value)
            return
        yield Share(done)
