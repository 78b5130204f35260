"""Two runs on the same test images: where their matrices differ, and which images only one of them gets right."""

import streamlit as st

from core.figures.confusion import difference_figure
from core.inspection.agreement import Agreement
from core.inspection.confusion import cell_images
from core.inspection.mcnemar import mcnemar
from core.training.runs.records import Run
from pages.inspect import address, confusion_view, matrix_controls, second_run, sheet
from pages.inspect.confusion_view import Cell, cell_of
from pages.inspect.contrast_view import open_image
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning, meanings
from pages.shared.hint import hint
from pages.shared.markdown import unbroken
from pages.shared.server import run_store

_SHOWN = {"alone": "Only one is right", "cell": "The chosen cell"}


def draw(run: Run, subject: Subject) -> None:
    """The difference of the matrices, the images that tell the runs apart, and what that means in words."""
    left, right = st.columns([1, 1.25], gap="medium")
    with right:
        other = second_run.choose(second_run.candidates(run_store(), run))
    if other is None:
        return
    with right:
        second = second_run.look_at(run_store(), other)
    if second is None:
        return
    try:
        agreement = Agreement.of(subject.predictions, second.predictions)
    except ValueError as reason:
        right.warning(str(reason), icon=":material/search_off:")
        return
    names = (f"run {run.number}", f"run {other.number}")
    cell = cell_of(address.get("cell"), len(subject.classes))
    with left:
        _matrix(subject, second, names, cell)
    with right:
        _images(subject, second, agreement, names, cell)
    _words(subject, second, agreement, names)


def _matrix(subject: Subject, second: Subject, names: tuple[str, str], cell: Cell | None) -> None:
    order = matrix_controls.order(subject.matrix)
    figure = difference_figure(
        subject.matrix, second.matrix, subject.classes, matrix_controls.over(), names, order
    )
    shown = cell if address.get("shown") == "cell" else None
    confusion_view.draw_figure(figure, "inspect_difference", shown, _choose_cell)
    matrix_controls.draw(subject.classes, mute=False)
    st.caption(
        f"{names[1].capitalize()} minus {names[0]}. Blue: {names[1]} is better there, with more right answers or "
        "fewer mistakes; orange: worse. The deeper, the larger the difference (square root, the largest here is "
        "deepest)."
    )


def _choose_cell(true: int, predicted: int) -> None:
    address.put(cell=f"{true}-{predicted}", shown="cell")


def _images(
    subject: Subject, second: Subject, agreement: Agreement, names: tuple[str, str], cell: Cell | None
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        shown = segmented("shown", "Images", _SHOWN)
        hint("A click on the matrix chooses a cell; you then see the images that each run has in it.")
    if shown == "cell":
        _cell_of_both(subject, second, names, cell or confusion_view.default_cell(subject))
        return
    lists = (
        # whoever is wrong says what it took the image for
        (second, f"Only {names[0]} is right", agreement.first_alone().tolist(), names[1]),
        (subject, f"Only {names[1]} is right", agreement.second_alone().tolist(), names[0]),
    )
    for number, (place, (wrong, title, images, loser)) in enumerate(
        zip(st.columns(2, gap="small"), lists, strict=True)
    ):
        with place:
            st.markdown(f"**{title}**: {len(images):,}")
            st.caption(f"The highest loss of {loser} first")
            _sheet(subject, wrong, f"inspect_alone_{number}", images, title)


def _cell_of_both(subject: Subject, second: Subject, names: tuple[str, str], cell: Cell) -> None:
    true, predicted = (subject.classes[k] for k in cell)
    what = f"**{true}** recognised" if cell[0] == cell[1] else f"**{true}** taken for **{predicted}**"
    for number, (place, whose, name) in enumerate(
        zip(st.columns(2, gap="small"), (subject, second), names, strict=True)
    ):
        images = cell_images(whose.predictions, *cell).tolist()
        with place:
            st.markdown(f"{what} by {name}: {len(images):,}")
            st.caption("The highest loss first")
            _sheet(subject, whose, f"inspect_both_{number}", images, f"{cell[0]}-{cell[1]}")


def _sheet(subject: Subject, shown: Subject, key: str, images: list[int], whose: str) -> None:
    """The images as `shown` sees them; a click shows one as the first run sees it."""
    found = subject.predictions

    def chosen(index: int) -> None:
        open_image(index, (int(found.labels[index]), int(found.predicted[index])))

    sheet.draw(shown, key, images, whose, chosen, nothing="No image is here.", tall=True)


def _words(subject: Subject, second: Subject, agreement: Agreement, names: tuple[str, str]) -> None:
    better, same = st.columns(2, gap="medium")
    better.markdown("##### Is one better?", help=meanings("McNemar's test", "p-value"))
    better.markdown(
        unbroken(
            f"{names[0].capitalize()} recognises {_accuracy(subject)}, {names[1]} {_accuracy(second)} of the test "
            f"images. {mcnemar(subject.predictions, second.predictions).sentence(*names)}"
        )
    )
    same.markdown("##### Do they say the same?", help=meaning("Cohen's kappa"))
    same.markdown(unbroken(agreement.sentence()))


def _accuracy(subject: Subject) -> str:
    accuracy = subject.report.accuracy
    return "—" if accuracy is None else f"{100 * accuracy:.2f} %"
