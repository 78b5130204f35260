"""Work beside the page that a session wants: asked for, waiting for its turn, under way, and what it refused."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import streamlit as st

from core.training.workers.side_job import Busy, SideJob

Wanted = TypeVar("Wanted")
Job = TypeVar("Job", bound=SideJob[Any])


class SideWork(Generic[Wanted, Job]):
    """One kind of work; all that it knows of a session lies in the session, so that reruns find it again."""

    def __init__(
        self, key: str, begin: Callable[[Wanted], Job], keep: Callable[[Wanted, Job], None], icon: str
    ) -> None:
        """`begin` starts the job that was asked for, `keep` puts away one that has a result; `icon` marks refusals."""
        self._asked, self._job, self._refusal = f"{key}_asked", f"{key}_under_way", f"{key}_refusal"
        self._begin, self._keep, self._icon = begin, keep, icon

    def ask(self, wanted: Wanted) -> None:
        """Want it; it begins when nothing else of this kind is under way on this machine."""
        st.session_state[self._asked] = wanted
        st.session_state.pop(self._refusal, None)

    def stop(self) -> None:
        """Want it no more."""
        st.session_state.pop(self._asked, None)
        if under_way := st.session_state.pop(self._job, None):
            under_way.stop()

    def advance(self) -> bool:
        """Begin what was asked for, take what has come out; whether there is anything to wait for."""
        wanted: Wanted | None = st.session_state.get(self._asked)
        under_way = self.under_way()
        if wanted and not under_way:
            try:
                st.session_state[self._job] = self._begin(wanted)
            except Busy:
                pass  # at the next look, perhaps
            except OSError as error:
                del st.session_state[self._asked]
                st.session_state[self._refusal] = f"The process for it could not be started: {error}."
        elif wanted and under_way and under_way.ended:
            del st.session_state[self._asked], st.session_state[self._job]
            if under_way.result:
                self._keep(wanted, under_way)
            else:
                st.session_state[self._refusal] = under_way.refusal
        return self._asked in st.session_state

    def wanted(self) -> Wanted | None:
        """What was asked for and has not ended."""
        found: Wanted | None = st.session_state.get(self._asked)
        return found

    def under_way(self) -> Job | None:
        """The job, once it has begun and until it has ended."""
        found: Job | None = st.session_state.get(self._job)
        return found

    def draw(self) -> None:
        """How far it is, or why there is no result."""
        if self.wanted():
            if under_way := self.under_way():
                st.progress(min(under_way.progress.done, 1.0), under_way.progress.text)
            else:
                st.progress(
                    0.0,
                    "Other work of this kind is under way on this machine; yours begins when it has ended.",
                )
        elif refusal := st.session_state.get(self._refusal):
            st.warning(refusal, icon=self._icon)
