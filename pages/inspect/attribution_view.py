"""Attribution maps side by side: several methods on one image, or one method on several images."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import streamlit as st

from core.figures.map_grid import Tile, map_grid
from core.inspection.attribution import METHODS, AttributionMap
from core.inspection.controls import Settings
from core.inspection.several import Answers, several
from core.training.runs.records import Run
from pages.inspect import asking, components, confusion_view, downloads, images_view, sheet, work
from pages.inspect.method_choice import choose_method, choose_methods
from pages.inspect.method_controls import draw_controls, kept_settings
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject

_COMPARE = {"methods": "Several methods", "images": "Several images"}
_FOR = {"predicted": "Predicted class", "true": "True class", "both": "Both"}
_COUNTS = ("6", "12", "24")
_KEY = "inspect_side_by_side"


@dataclass(frozen=True)
class Wanted:
    """One map of the grid."""

    title: str
    image: int
    target: int
    method: str
    settings: tuple[tuple[str, int | str | bool], ...]


def draw(_run: Run, subject: Subject) -> None:
    """The choice of images to the left, the maps to the right."""
    cell = confusion_view.chosen_cell(subject)
    shown = images_view.gallery(subject, cell)
    left, right = st.columns([1, 2.6], gap="medium")
    with left, st.container(gap="xsmall"):
        images_view.draw(subject, cell, shown)
        if shown.chosen < 0:
            return
        st.markdown(sheet.label(subject, shown.chosen), help=images_view.HELP)
        compare = segmented("compare", "Compare", _COMPARE)
        targets = segmented("for", "For", _FOR)
        if compare == "methods":
            wanted = _methods(subject, shown.chosen, targets)
        else:
            wanted = _images(subject, _beginning_with(shown.images, shown.chosen), targets)
        one_scale = st.toggle(
            "One colour scale",
            key="inspect_one_scale",
            help="For all maps, so that their colours can be compared. Of different methods the scores are "
            "different things: there each map is better off with a scale of its own.",
            persist_state="session",
        )
    with right:
        found = _work(subject, wanted)
        st.fragment(_grid, run_every=None if found.over else work.POLL)(
            subject, wanted, one_scale, compare, found.over
        )


def _methods(subject: Subject, image: int, targets: str) -> tuple[Wanted, ...]:
    return tuple(
        Wanted(
            METHODS[key].name + (f": {subject.classes[target]}" if targets == "both" else ""),
            image,
            target,
            key,
            tuple(sorted(kept_settings(key).items())),
        )
        for key in choose_methods(subject)
        for target in _targets(subject, image, targets)
    )


def _images(subject: Subject, images: Sequence[int], targets: str) -> tuple[Wanted, ...]:
    method = choose_method(subject)
    settings: Settings = dict(draw_controls(METHODS[method], subject))
    count = int(segmented("count", "Count", {each: f"{each} images" for each in _COUNTS}, "12"))
    return tuple(
        Wanted(
            f"{image}: {_title(subject, image, target)}",
            image,
            target,
            method,
            tuple(sorted(settings.items())),
        )
        for image in images[:count]
        for target in _targets(subject, image, targets)
    )


def _title(subject: Subject, image: int, target: int) -> str:
    name = subject.classes[target]
    true = int(subject.predictions.labels[image])
    return f"{name}, right" if target == true == int(subject.predictions.predicted[image]) else name


def _targets(subject: Subject, image: int, targets: str) -> list[int]:
    """The classes to explain, without repetition."""
    found = subject.predictions
    known = {"predicted": int(found.predicted[image]), "true": int(found.labels[image])}
    return list(dict.fromkeys(known.values())) if targets == "both" else [known[targets]]


def _beginning_with(images: Sequence[int], chosen: int) -> list[int]:
    """The list from the chosen image on; the image and the whole list where it is not in there."""
    return list(images[images.index(chosen) :]) if chosen in images else [chosen, *images]


def _work(subject: Subject, wanted: tuple[Wanted, ...]) -> work.Work[Answers]:
    return work.work(
        _KEY,
        ("several", subject.sha, subject.data, wanted),
        lambda pause: _answers(asking.pausing(subject, pause), wanted),
    )


def _answers(subject: Subject, wanted: tuple[Wanted, ...]) -> Iterator[Answers]:
    return several(
        [
            asking.question(subject, each.image, each.target, each.method, dict(each.settings))
            for each in wanted
        ]
    )


def _grid(
    subject: Subject, wanted: tuple[Wanted, ...], one_scale: bool, compare: str, was_over: bool
) -> None:
    found = _work(subject, wanted)
    if found.over != was_over:
        st.rerun()  # the timer is mounted only while something is under way
    answers = found.latest or ()
    work.draw(found, _KEY, len(answers) / max(1, len(wanted)), f"{len(answers)} of {len(wanted)} maps")
    tiles = [_tile(subject, each, answer) for each, answer in zip(wanted, answers, strict=False)]
    if not wanted:
        st.markdown("Choose a method to see its map.")
        return
    if not tiles:
        return
    if compare == "methods":
        tiles = [Tile("The image", subject.test.pixels[wanted[0].image]), *tiles]
    components.maps(
        key="inspect_maps", data=map_grid(tiles, one_scale, tile=150, columns=len(tiles), opacity=100)
    )
    downloads.draw(tiles, "attribution", "inspect_maps", one_scale)


def _tile(subject: Subject, wanted: Wanted, answer: AttributionMap | str) -> Tile:
    pixels = subject.test.pixels[wanted.image]
    if isinstance(answer, str):
        return Tile(wanted.title, pixels, why=answer)
    return Tile(wanted.title, pixels, answer, _note(answer))


def _note(found: AttributionMap) -> str:
    facts = "; ".join(f"{fact.name.lower()} {fact.value}" for fact in found.facts[:1])
    return facts or f"{1000 * found.seconds:.0f} ms"
