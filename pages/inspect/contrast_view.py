"""Two cells of the matrix side by side: what sets their images apart."""

import streamlit as st
import torch

from core.figures.images import grey, heat_map
from core.inspection.cell_summary import CellSummary
from core.inspection.confusion import cell_images
from core.training.runs.records import Run
from pages.inspect import address, confusion_view, sheet
from pages.inspect.confusion_view import Cell, cell_of
from pages.inspect.subject import Subject

_SETS = "inspect_contrast_sets"
_FIRST, _SECOND = "First cell", "Second cell"
_SIDE = 112  # pixels, of a mean image


def default_second(subject: Subject, first: Cell) -> Cell:
    """The opposite mistake where it happens; else the right answers of the class that images are taken for."""
    true, predicted = first
    if true != predicted and subject.matrix.counts[predicted, true]:
        return predicted, true
    if true == predicted and (worst := _worst_mistake(subject, true)):
        return worst
    return predicted, predicted


def draw(_run: Run, subject: Subject) -> None:
    """The matrix with both cells marked, their images, and what is common to each."""
    first = confusion_view.chosen_cell(subject)
    second = cell_of(address.get("second"), len(subject.classes)) or default_second(subject, first)
    left, right = st.columns([1, 1.25], gap="medium")
    with right:
        sets_second = _which()
        sheets = st.columns(2, gap="small")
    with left:
        confusion_view.draw(
            subject,
            first,
            key="inspect_contrast_matrix",
            on_choose=_choose_second if sets_second else _choose_first,
            second=second,
        )
    summaries = []
    for place, cell, name in ((sheets[0], first, "first"), (sheets[1], second, "second")):
        images = cell_images(subject.predictions, *cell)
        summaries.append(CellSummary.of(subject.predictions, subject.test.pixels, images))
        with place:
            _cell(subject, cell, name, images.tolist(), summaries[-1])
    with right:
        _means(*summaries)


def open_image(index: int, cell: Cell) -> None:
    """Show one image with its evidence, in the view that does so."""
    address.put(view="", cell=f"{cell[0]}-{cell[1]}", list="", image=str(index))


def _which() -> bool:
    """Whether a click on the matrix sets the second cell."""
    chosen: str | None = st.segmented_control(
        "A click on the matrix chooses the",
        [_FIRST, _SECOND],
        default=_SECOND,
        key=_SETS,
        required=True,
        help="The first cell has a solid frame, the second a dashed one.",
    )
    return chosen != _FIRST


def _choose_first(true: int, predicted: int) -> None:
    address.put(cell=f"{true}-{predicted}")


def _choose_second(true: int, predicted: int) -> None:
    address.put(second=f"{true}-{predicted}")


def _cell(subject: Subject, cell: Cell, name: str, images: list[int], summary: CellSummary | None) -> None:
    true, predicted = (subject.classes[k] for k in cell)
    what = f"**{true}** recognised" if cell[0] == cell[1] else f"**{true}** taken for **{predicted}**"
    st.markdown(what)
    st.caption(f"{summary.sentence()}; the highest loss first" if summary else "No image")
    sheet.draw(
        subject,
        f"inspect_contrast_{name}",
        images,
        whose=f"{cell[0]}-{cell[1]}",
        on_choose=lambda index: open_image(index, cell),
        nothing="No image is in this cell.",
        tall=True,
    )


def _means(first: CellSummary | None, second: CellSummary | None) -> None:
    """The mean image of each cell, and where the second is brighter than the first."""
    if first is None or second is None:
        return
    difference = (second.mean - first.mean).mean(dim=0)  # (C, H, W) → (H, W)
    extent = float(difference.abs().max())
    pictures = {
        "Mean of the first": grey(first.mean.round().to(torch.uint8)),
        "Mean of the second": grey(second.mean.round().to(torch.uint8)),
        "Second − first": heat_map(difference.float(), signed=True, extent=extent),
    }
    for place, (caption, picture) in zip(st.columns(3), pictures.items(), strict=True):
        place.image(picture.resize((_SIDE, _SIDE), 0), caption=caption)
    st.caption(
        f"Orange: the second cell's images are brighter there, by up to {extent:.0f} of 255 grey levels; blue: "
        "darker. Means blur what varies from image to image, and a difference of few images is mostly chance. "
        "A click on an image shows it in the view “Mistakes”, with what the network went by."
    )


def _worst_mistake(subject: Subject, true: int) -> Cell | None:
    row = subject.matrix.counts[true].clone()
    row[true] = 0
    return (true, int(row.argmax())) if int(row.max()) else None
