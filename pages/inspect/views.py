"""The views of a trained network; only the chosen one is drawn."""

from collections.abc import Callable

import streamlit as st

from core.training.runs.records import Run
from pages.inspect import (
    address,
    gallery_view,
    image_view,
    mistakes_view,
    own_image_view,
    play_view,
    quiz_view,
)
from pages.inspect.subject import Subject

# what stands on the control, and in the address → what draws (the run, its checkpoint with all predictions)
VIEWS: dict[str, Callable[[Run, Subject], None]] = {
    "Mistakes": mistakes_view.draw,
    "Gallery": gallery_view.draw,
    "One image": image_view.draw,
    "Play": play_view.draw,
    "Own image": own_image_view.draw,
    "Quiz": quiz_view.draw,
}


def draw(run: Run, subject: Subject) -> None:
    """The choice of a view, and the chosen one."""
    key, changed = address.followed("view", list(VIEWS), next(iter(VIEWS)))
    view: str | None = st.segmented_control(
        "View",
        list(VIEWS),
        key=key,
        on_change=changed,
        required=True,
        label_visibility="collapsed",
    )
    VIEWS[view or next(iter(VIEWS))](run, subject)
