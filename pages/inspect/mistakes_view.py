"""From the matrix to the evidence: a cell chooses images, an image shows what the network went by."""

import time
from collections.abc import Callable

import streamlit as st

from core.training.runs.records import Run
from pages.inspect import (
    address,
    class_table,
    confusion_view,
    evidence_view,
    explanation_view,
    images_view,
    sheet,
)
from pages.inspect.method_controls import quick_to_map
from pages.inspect.subject import Subject

_AHEAD = 0.04  # seconds that the picture is ahead of its formula, which takes a browser half as long to draw


def draw(_run: Run, subject: Subject) -> None:
    """All about the classes on the left, from the matrix on; all about the chosen image on the right."""
    cell = confusion_view.chosen_cell(subject)
    listed = images_view.gallery(subject, cell).name
    sent = sheet.Sent()  # a fragment that is drawn anew has that of the page
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        confusion_view.draw(subject, None if listed else cell)
        explanation_view.draw_mistakes(subject)
        class_table.draw(subject)
    with right:
        _apart(subject, lambda: _images(subject, cell, listed, sent))


def _apart(subject: Subject, part: Callable[[], None]) -> None:
    """Draw a part of the page as a fragment, so that what is chosen in it is shown without drawing the rest anew.

    No click is heard while a fragment computes, so a map that someone might want to stop is made without one.
    """
    if quick_to_map(subject):
        st.fragment(_unless_slow)(subject, part)
    else:
        with st.container():  # as a fragment is in one: what both draw stays where it is
            part()


def _unless_slow(subject: Subject, part: Callable[[], None]) -> None:
    if not quick_to_map(subject):
        st.rerun()
    part()
    address.remember()


def _images(subject: Subject, cell: confusion_view.Cell, listed: str, sent: sheet.Sent) -> None:
    """The images of the cell or a list, and the chosen one.

    `listed` is the list that the page was drawn for, `sent` the sheet that was sent last since.
    """
    shown = images_view.gallery(subject, cell)
    if shown.name != listed:
        st.rerun()  # the matrix marks the cell while its images are shown
    with st.container(gap="xsmall"):
        images_view.draw(subject, cell, shown, address.put_later, sent)
        if shown.chosen >= 0:
            evidence_view.draw_title(subject, shown)
            _apart(subject, lambda: _evidence(subject, shown.chosen))


def _evidence(subject: Subject, image: int) -> None:
    evidence = evidence_view.draw(subject, image)
    # what reaches a browser in quick succession it draws together, and shows none of it before the last is ready
    time.sleep(_AHEAD)
    address.write()
    explanation_view.draw_method(subject, evidence, image)
