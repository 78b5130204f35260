"""Inspect: where a trained network is wrong, and which pixels it went by."""

import streamlit as st

from core.training.runs.records import CheckpointRecord
from pages.inspect import address, views
from pages.inspect.run_choice import choose_run, invite, look_at, moment
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning
from pages.shared.server import run_store


def show() -> None:
    """Lay the page out: the run and how often it is right; below, one view of it."""
    address.recall()
    store = run_store()
    runs = store.runs()
    if not runs:
        invite("Train a network first: a minute on a tenth of the images is enough to begin with.")
        return
    picker, *places = st.columns([2.2, 1, 1.3, 1], vertical_alignment="bottom")
    with picker:
        run = choose_run(store, runs)
    looked_at = look_at(store, run)
    if looked_at is not None:
        subject, record = looked_at
        _headline(subject, record, places)
        views.draw(run, subject)
    address.remember()


def _headline(
    subject: Subject, record: CheckpointRecord, places: list[st.delta_generator.DeltaGenerator]
) -> None:
    report = subject.report
    low, high = (100 * end for end in report.interval)
    accuracy = "—" if report.accuracy is None else f"{100 * report.accuracy:.2f} %"
    places[0].metric(
        "Test accuracy",
        accuracy,
        help=f"{report.correct:,} of {report.total:,} test images are recognised. {meaning('accuracy')}",
    )
    places[1].metric(
        "95 % interval",
        f"{low:.1f} – {high:.1f} %",
        help=f"Wilson interval of the accuracy. {meaning('Wilson interval')}",
    )
    places[2].metric(
        "Mean test loss",
        f"{float(subject.predictions.losses.mean()):.3f}",
        help=f"Cross-entropy of the weights {moment(record)}. {meaning('cross-entropy')}",
    )
    if not subject.predictions.finite:
        st.warning(
            "This network's outputs are not all numbers: it diverged, and what you see below means little.",
            icon=":material/error:",
        )


show()
