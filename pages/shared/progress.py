"""A bar that shows how far a download or a preparation is."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.data.download import Progress

SECONDS = 0.15  # between two pictures: a download reports hundreds of times, the browser needs a few


@contextmanager
def progress_bar(text: str) -> Iterator[Progress]:
    """Draws a bar, which ends with the `with`; inside, call what it gives with (done in 0–1, text)."""
    bar = st.progress(0.0, text)
    last = 0.0

    def report(done: float, text: str) -> None:
        nonlocal last
        if time.monotonic() - last > SECONDS:
            last = time.monotonic()
            bar.progress(min(done, 1.0), text)

    try:
        yield report
    finally:
        bar.empty()
