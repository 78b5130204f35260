"""A network looks at all images of a split: the page shows how far it is, and keeps the result for everybody.

Who goes elsewhere on the page meanwhile ends the look: Streamlit stops a script where it draws, as the bar does.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import streamlit as st

from pages.shared.progress import progress_bar

T = TypeVar("T")


class Looks(Generic[T]):
    """Results of one kind by what they follow from; of more than `most` the least recently used are forgotten."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._kept: OrderedDict[Any, T] = OrderedDict()

    def look(self, key: Any, make: Callable[[Callable[[float], None]], T], text: str) -> T:
        """The kept result for `key`, else `make(report)`, with a bar that `report` (0–1) moves."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with progress_bar(text) as bar:

            def report(done: float) -> None:
                bar(done, text)

            made = make(report)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


@st.cache_resource
def looks_of(kind: str, most: int) -> Looks[Any]:
    """Those of one kind, on this server."""
    return Looks(most)
