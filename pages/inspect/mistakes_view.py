"""From the matrix to the evidence: a cell chooses images, an image shows what the network went by."""

import streamlit as st

from core.training.runs.records import Run
from pages.inspect import class_table, confusion_view, evidence_view, explanation_view, images_view
from pages.inspect.subject import Subject


def draw(_run: Run, subject: Subject) -> None:
    """Matrix, images and evidence side by side; explanations below."""
    cell = confusion_view.chosen_cell(subject)
    shown = images_view.gallery(subject, cell)
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        confusion_view.draw(subject, None if shown.name else cell)
    with right, st.container(gap="xsmall"):
        images_view.draw(subject, cell, shown)
        if shown.chosen >= 0:
            evidence = evidence_view.draw(subject, shown)
    method, mistakes, classes = st.columns([1.2, 1.1, 1.2], gap="medium")
    with method:
        if shown.chosen >= 0:
            explanation_view.draw_method(subject, evidence, shown.chosen)
    with mistakes:
        explanation_view.draw_mistakes(subject)
    with classes:
        class_table.draw(subject)
