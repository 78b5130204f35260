"""A network looks at all images of a split: the page shows how far it is, and keeps the result for everybody.

Who goes elsewhere on the page meanwhile ends the look: Streamlit stops a script where it draws, as the bar does. When
a class opens the same network at once, one visitor's look serves all.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

import streamlit as st

from pages.inspect.kept import Kept
from pages.shared.progress import progress_bar

T = TypeVar("T")


class Looks(Generic[T]):
    """Results of one kind by what they follow from; of more than `most` the least recently used are forgotten."""

    def __init__(self, most: int) -> None:
        self._kept, self._lock = Kept(most), threading.Lock()
        # a lock lives as long as somebody looks or waits
        self._turns: WeakValueDictionary[Any, threading.Lock] = WeakValueDictionary()

    def look(self, key: Any, make: Callable[[Callable[[float], None]], T], text: str) -> T:
        """The kept result for `key`, else `make(report)`, with a bar that `report` (0–1) moves."""
        found: T | None = self._kept.get(key)
        if found is not None:
            return found
        with progress_bar(text) as bar, self._turn(key, lambda: bar(0.0, f"{text}, for another visitor")):
            found = self._kept.get(key)
            if found is None:

                def report(done: float) -> None:
                    bar(done, text)

                found = make(report)
                self._kept.put(key, found)
            return found

    @contextmanager
    def _turn(self, key: Any, waiting: Callable[[], object]) -> Iterator[None]:
        """One at a time for each key; `waiting` is called now and then until it is one's turn."""
        with self._lock:
            turn = self._turns.setdefault(key, threading.Lock())
        while not turn.acquire(timeout=0.3):
            waiting()
        try:
            yield
        finally:
            turn.release()


@st.cache_resource
def looks_of(kind: str, most: int) -> Looks[Any]:
    """Those of one kind, on this server."""
    return Looks(most)
