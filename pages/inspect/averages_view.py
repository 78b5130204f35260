"""Mean attribution maps: of the chosen cell of the confusion matrix, or of every class."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import streamlit as st

from core.figures.map_grid import Tile, map_grid
from core.inspection.attribution import METHODS
from core.inspection.averages import Mean, mean_maps
from core.inspection.confusion import cell_images
from core.inspection.controls import Value
from core.training.runs.records import Run
from pages.inspect import address, asking, components, confusion_view, downloads, work
from pages.inspect.method_choice import choose_method
from pages.inspect.method_controls import draw_controls
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject
from pages.shared.hint import hint

_OF = {"cell": "The chosen cell", "classes": "Every class"}
_COUNTS = ("20", "100", "all")
_MOST = (
    "How many images at most: of a cell those with the highest loss, of a class the first of the test split."
)
_KEY = "inspect_averages"


@dataclass(frozen=True)
class Group:
    """Images whose maps for one class are averaged."""

    title: str
    target: int
    images: tuple[int, ...]


def draw(_run: Run, subject: Subject) -> None:
    """The matrix to choose a cell from, the means beside it."""
    cell = confusion_view.chosen_cell(subject)
    left, right = st.columns([1, 1.25], gap="medium")
    with left:
        of = address.get("of") if address.get("of") in _OF else "cell"
        confusion_view.draw(subject, cell if of == "cell" else None)
    with right:
        with st.container(horizontal=True, vertical_alignment="center"):
            of = segmented("of", "Of what", _OF)
            count = segmented("most", "Images", {each: each for each in _COUNTS})
            hint(_MOST)
            method = choose_method(subject)
            settings = draw_controls(METHODS[method], subject)
            alike = st.toggle(
                "Images count alike",
                key="inspect_alike",
                help="Divides each map by its largest absolute score first; otherwise images with large scores "
                "decide.",
                persist_state="session",
            )
        groups = _of_cell(subject, cell, count) if of == "cell" else _of_classes(subject, count)
        if not any(group.images for group in groups):
            st.markdown("No image is in this cell.")
            return
        asked = (groups, method, tuple(sorted(settings.items())), alike)
        found = _work(subject, *asked)
        st.fragment(_means, run_every=None if found.over else work.POLL)(subject, *asked, found.over)


def _first(images: list[int], count: str) -> tuple[int, ...]:
    return tuple(images if count == "all" else images[: int(count)])


def _of_cell(subject: Subject, cell: tuple[int, int], count: str) -> tuple[Group, ...]:
    """The cell's images, for its predicted class and, where that is another, for the true one."""
    true, predicted = cell
    images = _first(cell_images(subject.predictions, true, predicted).tolist(), count)
    what = f"{subject.classes[true]} → {subject.classes[predicted]}"
    return tuple(
        Group(f"{what}, for {subject.classes[target]}", target, images)
        for target in dict.fromkeys((predicted, true))
    )


def _of_classes(subject: Subject, count: str) -> tuple[Group, ...]:
    """The images of each class, for that class, however they were recognised."""
    labels = subject.predictions.labels
    return tuple(
        Group(name, target, _first((labels == target).nonzero().flatten().tolist(), count))
        for target, name in enumerate(subject.classes)
    )


def _work(
    subject: Subject,
    groups: tuple[Group, ...],
    method: str,
    settings: tuple[tuple[str, Value], ...],
    alike: bool,
) -> work.Work[tuple[Mean, ...]]:
    return work.work(
        _KEY,
        ("averages", subject.sha, subject.data, groups, method, settings, alike),
        lambda pause: _steps(asking.pausing(subject, pause), groups, method, dict(settings), alike),
    )


def _steps(
    subject: Subject, groups: tuple[Group, ...], method: str, settings: Mapping[str, Value], alike: bool
) -> Iterator[tuple[Mean, ...]]:
    questions = [
        [asking.question(subject, image, group.target, method, settings) for image in group.images]
        for group in groups
    ]
    return mean_maps(questions, alike)


def _means(
    subject: Subject,
    groups: tuple[Group, ...],
    method: str,
    settings: tuple[tuple[str, Value], ...],
    alike: bool,
    was_over: bool,
) -> None:
    found = _work(subject, groups, method, settings, alike)
    if found.over != was_over:
        st.rerun()  # the timer is mounted only while something is under way
    means = found.latest or ()
    done, total = sum(mean.images for mean in means), sum(len(group.images) for group in groups)
    work.draw(found, _KEY, done / total, f"{done:,} of {total:,} maps")
    if found.refusal:
        st.warning(found.refusal, icon=":material/block:")
    tiles = [
        Tile(group.title, mean.picture, mean.found, f"mean of {mean.images:,} images")
        for group, mean in zip(groups, means, strict=False)
        if mean.found
    ]
    if not tiles:
        return
    shown = [Tile("Mean image", tiles[0].pixels), *tiles] if len(groups) <= 2 else tiles
    components.maps(
        key="inspect_means",
        data=map_grid(shown, tile=170 if len(groups) <= 2 else 110, columns=len(shown), opacity=85),
    )
    downloads.draw(shown, "mean-attribution", "inspect_means")
    st.caption(
        f"Mean of {METHODS[method].name} over images, pixel by pixel. It shows what they have in common where "
        "they lie alike; what moves from image to image is averaged away, and scores for and against at the same "
        "pixel cancel."
    )
