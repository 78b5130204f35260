"""The maps of a report: which images under which methods, and how far their checks are."""

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st
import torch

from core.inspection.controls import Value
from core.inspection.exhibits import Exhibition, exhibition, first_images
from core.inspection.lists import LISTS
from core.training.runs.records import Run
from pages.inspect import address, asking, sheet, work
from pages.inspect.method_choice import choose_methods
from pages.inspect.method_controls import kept_settings
from pages.inspect.subject import Subject

_FIRST = ("grad-cam", "integrated-gradients", "occlusion")
_OF_A_LIST = 30  # images of each list that are offered
_MOST_IMAGES, _MOST_METHODS = 6, 4
_KEY = "inspect_report_maps"


@dataclass(frozen=True)
class Wanted:
    """One map."""

    image: int
    target: int
    method: str
    settings: tuple[tuple[str, Value], ...]


def choose(run: Run, subject: Subject) -> tuple[Wanted, ...]:
    """The choice of images and methods; each image is explained for its predicted class."""
    images = st.multiselect(
        "Images with maps",
        _offered(subject),
        list(first_images(subject.predictions)),
        format_func=lambda index: sheet.label(subject, index),
        key=f"inspect_report_images_{run.id}_{subject.sha[:8]}",
        max_selections=_MOST_IMAGES,
        help="The surest mistakes, the highest losses, some that it recognises and some where it hesitates; and the "
        "image that you chose last in another view.",
        persist_state="session",
    )
    methods = choose_methods(
        subject,
        "inspect_report_methods",
        _FIRST,
        _MOST_METHODS,
        f"At most {_MOST_METHODS}, each with the settings that it was given in another view, else with its own, and "
        "with the checks of whether the map can be trusted.",
    )
    predicted = subject.predictions.predicted
    return tuple(
        Wanted(image, int(predicted[image]), method, tuple(sorted(kept_settings(method).items())))
        for image in images
        for method in methods
    )


def _offered(subject: Subject) -> list[int]:
    found, last = subject.predictions, address.get("image")
    names = ("surest-mistakes", "top-losses", "least-sure")
    listed = torch.cat([LISTS[name].choose(found)[:_OF_A_LIST] for name in names]).tolist()
    right = found.correct.nonzero().flatten()[:_OF_A_LIST].tolist()
    chosen = [int(last)] if last.isdecimal() and int(last) < len(found) else []
    return list(dict.fromkeys([*first_images(found), *chosen, *listed, *right]))


def made(subject: Subject, wanted: tuple[Wanted, ...]) -> work.Work[Exhibition]:
    """The maps and their checks, as far as they are."""
    return work.work(
        _KEY,
        ("report", subject.sha, subject.data, wanted),
        lambda pause: _exhibition(asking.pausing(subject, pause), wanted),
    )


def _exhibition(subject: Subject, wanted: tuple[Wanted, ...]) -> Iterator[Exhibition]:
    questions = [
        (each.image, asking.question(subject, each.image, each.target, each.method, dict(each.settings)))
        for each in wanted
    ]
    return exhibition(questions, subject.anatomy, subject.predictions)


def progress(subject: Subject, wanted: tuple[Wanted, ...], was_over: bool) -> None:
    """How far they are, and a way to stop them."""
    found = made(subject, wanted)
    if found.over != was_over:
        st.rerun()  # the timer is mounted only while something is under way
    done = found.latest.done if found.latest else 0.0
    work.draw(found, _KEY, done, f"{100 * done:.0f} % of the maps and their checks")
