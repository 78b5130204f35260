"""The views of a trained network, in groups; only the chosen one is drawn."""

from collections.abc import Callable

import streamlit as st

from core.training.runs.records import Run
from pages.inspect import (
    address,
    attribution_view,
    averages_view,
    calibration_view,
    compare_view,
    contrast_view,
    epochs_view,
    gallery_view,
    image_view,
    maximise_view,
    mistakes_view,
    own_image_view,
    play_view,
    projection_view,
    quiz_view,
    report_view,
    trust_view,
)
from pages.inspect.subject import Subject

# group → what stands on the control, and in the address → what draws (the run, its checkpoint with all predictions)
GROUPS: dict[str, dict[str, Callable[[Run, Subject], None]]] = {
    "Confusion": {
        "Mistakes": mistakes_view.draw,
        "Contrast": contrast_view.draw,
        "Compare": compare_view.draw,
        "Epochs": epochs_view.draw,
        "Calibration": calibration_view.draw,
        "Projection": projection_view.draw,
    },
    "Images": {
        "Gallery": gallery_view.draw,
        "One image": image_view.draw,
        "Own image": own_image_view.draw,
        "Play": play_view.draw,
        "Quiz": quiz_view.draw,
    },
    "Evidence": {
        "Attribution": attribution_view.draw,
        "Trust": trust_view.draw,
        "Averages": averages_view.draw,
        "Maximise": maximise_view.draw,
    },
    "Report": {"Report": report_view.draw},
}
VIEWS = {name: draw for group in GROUPS.values() for name, draw in group.items()}
DEFAULT = next(iter(VIEWS))


def draw(run: Run, subject: Subject) -> None:
    """The choice of a group and of a view in it, and the chosen view."""
    chosen = address.get("view") if address.get("view") in VIEWS else DEFAULT
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="inspect_views"):
        group = _choose_group(chosen)
        if len(GROUPS[group]) > 1:
            key = f"inspect_view_{group}"
            st.session_state[key] = chosen
            st.segmented_control(
                "View",
                list(GROUPS[group]),
                key=key,
                on_change=_view_chosen,
                args=(group,),
                required=True,
                label_visibility="collapsed",
            )
    VIEWS[chosen](run, subject)


def _choose_group(view: str) -> str:
    """The group of the view; another one begins with its first view."""
    group = next(name for name, views in GROUPS.items() if view in views)
    st.session_state["inspect_group"] = group
    st.segmented_control(
        "Group of views",
        list(GROUPS),
        key="inspect_group",
        on_change=_group_chosen,
        required=True,
        label_visibility="collapsed",
    )
    return group


def _group_chosen() -> None:
    address.put(view=next(iter(GROUPS[st.session_state["inspect_group"]])))


def _view_chosen(group: str) -> None:
    # what a browser sent before it heard that its group is left must not lead back
    if st.session_state["inspect_group"] == group:
        address.put(view=st.session_state[f"inspect_view_{group}"])
