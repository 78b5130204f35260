"""How the matrix came about: a slider over the weights that the run kept, all of the test images at each."""

from dataclasses import replace

import streamlit as st

from core.data.dataset import DataMissing
from core.figures.confusion import matrix_figure
from core.inspection.agreement import Agreement
from core.inspection.confusion import ConfusionMatrix, cell_images
from core.inspection.moments import Moment, moments, progress_sentence
from core.inspection.predictions import Predictions
from core.inspection.report import Report
from core.inspection.run_predictions import run_predictions
from core.training.checkpoint import CheckpointDamaged
from core.training.observations import ClassCounts
from core.training.runs.records import CheckpointRecord, Run
from pages.inspect import address, confusion_view, matrix_controls, sheet
from pages.inspect.confusion_view import Cell
from pages.inspect.contrast_view import open_image
from pages.inspect.looks import looks_of
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject
from pages.shared import server
from pages.shared.markdown import unbroken

_SHOWN = {"cell": "The chosen cell", "learned": "Learned", "forgotten": "Forgotten"}


def draw(run: Run, subject: Subject) -> None:
    """The slider, the matrix at that moment, and the images that were learned or forgotten since the one before."""
    store = server.run_store()
    found = moments(store.checkpoints(run.id), store.observations(run.id, ClassCounts))
    if len(found) < 2:
        st.info(
            "This run kept its weights at one moment only, so there is nothing to go through yet. A run keeps them "
            "before its first step and after each epoch.",
            icon=":material/timeline:",
        )
        return
    cell = confusion_view.chosen_cell(subject)
    left, right = st.columns([1, 1.25], gap="medium")
    with right:
        place = _choose(found)
        then = _at(run, subject, found[place])
    with left:
        matrix = found[place].validation_matrix if then is None else then.matrix
        if matrix is not None:
            _matrix(subject, matrix, cell)
    with right:
        if then is not None:
            before = _at(run, subject, found[place - 1]) if place else None
            _images(subject, then, before, found[place - 1].name if place else "", cell)
        else:
            _without_weights(found)


def _choose(found: tuple[Moment, ...]) -> int:
    names = {str(each.step): each.name for each in found}
    last = str(found[-1].step)
    key, changed = address.followed("step", list(names), last)
    step = st.select_slider(
        "Weights of the run", list(names), format_func=names.__getitem__, key=key, on_change=changed
    )
    return list(names).index(step)


def _choose_cell(true: int, predicted: int) -> None:
    address.put(cell=f"{true}-{predicted}", epoch_images="")


def _at(run: Run, subject: Subject, moment: Moment) -> Subject | None:
    """What the page looks at, with the predictions of that moment; None where its weights can't be had."""
    if moment.weights is None:
        return None
    try:
        predictions = _predictions(run, moment.weights)
    except (CheckpointDamaged, DataMissing) as reason:
        st.caption(f":material/info: {reason}")
        return None
    matrix = ConfusionMatrix.of(predictions)
    return replace(
        subject,
        sha=moment.weights.sha256,
        predictions=predictions,
        matrix=matrix,
        report=Report.of(matrix),
    )


def _predictions(run: Run, record: CheckpointRecord) -> Predictions:
    choice = run.request.data
    found: Predictions = looks_of("epochs", 64).look(
        (record.sha256, choice),
        lambda report: run_predictions(run, record, server.dataset(choice.dataset, choice.image), report),
        "The network looks at the whole test split",
    )
    return found


def _images(subject: Subject, then: Subject, before: Subject | None, earlier: str, cell: Cell) -> None:
    report = then.report
    low, high = (100 * end for end in report.interval)
    accuracy = "—" if report.accuracy is None else f"{100 * report.accuracy:.2f}"
    st.markdown(
        unbroken(
            f"**{accuracy} %** of the test images are recognised (95 % interval {low:.1f} to {high:.1f} %), mean "
            f"loss **{float(then.predictions.losses.mean()):.3f}**."
        )
    )
    between = None if before is None else Agreement.of(before.predictions, then.predictions)
    shown = segmented("epoch_images", "Images", _SHOWN, disabled=between is None)
    if between is not None:
        st.markdown(
            progress_sentence(between, "the start" if earlier == "start" else earlier),
            help="Learned: wrong at the moment before this one on the slider, right now. Forgotten: right before, "
            "wrong now.",
        )
    if between is None or shown == "cell":
        true, predicted = (subject.classes[k] for k in cell)
        images = cell_images(then.predictions, *cell)
        st.caption(f"{true} → {predicted}: {len(images):,}, the highest loss first")
    elif shown == "learned":
        images = between.second_alone()
        st.caption("The highest loss before first")
    else:
        images = between.first_alone()
        st.caption("The highest loss now first")
    found = subject.predictions

    def chosen(index: int) -> None:
        open_image(index, (int(found.labels[index]), int(found.predicted[index])))

    sheet.draw(then, "inspect_epoch_sheet", images.tolist(), f"{shown} {cell}", chosen, tall=True)
    st.caption("A click on an image shows it as the last weights see it.")


def _matrix(subject: Subject, matrix: ConfusionMatrix, cell: Cell) -> None:
    """The matrix, in the order of the last one, so that classes keep their places while the slider moves."""
    order = matrix_controls.order(subject.matrix)
    figure = matrix_figure(matrix, subject.classes, matrix_controls.over(), matrix_controls.muted(), order)
    confusion_view.draw_figure(figure, "inspect_epoch_matrix", cell, _choose_cell)
    matrix_controls.draw(subject.classes)


def _without_weights(found: tuple[Moment, ...]) -> None:
    kept = ", ".join(each.name for each in found if each.weights)
    st.info(
        "The weights of this moment were not kept, so the matrix is that of the **validation split**, which was "
        f"counted while the run trained; its images can't be shown. Weights were kept of: {kept or 'no moment'}. "
        "A run removes its oldest ones when all of them take more than 200 MB.",
        icon=":material/history:",
    )
