"""From the matrix to the evidence: a cell chooses images, an image shows what the network went by."""

import streamlit as st

from core.training.runs.records import Run
from pages.inspect import address, class_table, confusion_view, evidence_view, explanation_view, images_view
from pages.inspect.method_controls import quick_to_map
from pages.inspect.subject import Subject


def draw(_run: Run, subject: Subject) -> None:
    """All about the classes on the left, from the matrix on; all about the chosen image on the right."""
    cell = confusion_view.chosen_cell(subject)
    shown = images_view.gallery(subject, cell)
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        confusion_view.draw(subject, None if shown.name else cell)
        explanation_view.draw_mistakes(subject)
        class_table.draw(subject)
    with right, st.container(gap="xsmall"):
        images_view.draw(subject, cell, shown)
        if shown.chosen >= 0:
            evidence_view.draw_title(subject, shown)
            if quick_to_map(subject):
                st.fragment(_quick_evidence)(subject, shown.chosen)
            else:
                with st.container():  # as a fragment is in one: what both draw stays where it is
                    _evidence(subject, shown.chosen)


def _quick_evidence(subject: Subject, image: int) -> None:
    """A fragment, so that another method draws its map and not the whole page.

    No click is heard while a fragment computes, so a map that someone might want to stop is made without one.
    """
    if not quick_to_map(subject):
        st.rerun()
    _evidence(subject, image)


def _evidence(subject: Subject, image: int) -> None:
    evidence = evidence_view.draw(subject, image)
    explanation_view.draw_method(subject, evidence, image)
    address.remember()
