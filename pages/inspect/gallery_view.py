"""Galleries: a list of test images, filtered, as one large sheet; the chosen one with its nearest training images."""

import streamlit as st
import torch

from core.figures.images import grey
from core.figures.probability_pairs import paired_bars
from core.inspection.lists import LISTS, Filter
from core.training.runs.records import Run
from pages.inspect import address, components, neighbours_panel, sheet
from pages.inspect.chosen_image import test_image
from pages.inspect.pictures import pictures
from pages.inspect.subject import Subject
from pages.shared.glossary import meaning

_ALL = "all"


def draw(run: Run, subject: Subject) -> None:
    """Lists and filters above; the sheet, and the chosen image beside it."""
    name, chosen = _choose(subject)
    found = subject.predictions
    listed = LISTS[name].choose(found) if name in LISTS else torch.arange(len(found))
    images = chosen.keep(found, listed).tolist()
    left, right = st.columns([1.75, 1], gap="medium")
    wanted = address.get("image")
    selected = int(wanted) if wanted.isdecimal() and int(wanted) < len(found) else -1
    if selected < 0 and images:
        selected = images[0]
    with left:
        which = LISTS[name].meaning if name in LISTS else "Every test image, in the order of the test split."
        st.caption(_sentence(len(images), len(listed)), help=which)
        sheet.draw(
            subject, "inspect_gallery", images, whose=f"{name} {chosen}", selected=selected, whole=True,
            on_choose=lambda index: address.put(image=str(index)),
            nothing="No image passes the filters: widen the range of confidence, or choose any class.",
        )  # fmt: skip
    with right:
        if selected >= 0:
            _one(run, subject, selected)


def _choose(subject: Subject) -> tuple[str, Filter]:
    classes = [str(k) for k in range(len(subject.classes))]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        names = {_ALL: "All images"} | {name: entry.name for name, entry in LISTS.items()}
        name = _select("List", "list", names, "misclassified")
        true = _select(
            "True class", "true", {"": "Any"} | dict(zip(classes, subject.classes, strict=True)), ""
        )
        said = _select(
            "Predicted class", "said", {"": "Any"} | dict(zip(classes, subject.classes, strict=True)), ""
        )
        low, high = st.slider(
            "Confidence (%)", 0, 100, (0, 100), key="inspect_confidence_range", persist_state="session",
            help=meaning("confidence"), width=280,
        )  # fmt: skip
    return name, Filter(int(true) if true else None, int(said) if said else None, low / 100, high / 100)


def _select(label: str, part: str, names: dict[str, str], default: str) -> str:
    """A choice that the address keeps."""
    key, changed = address.followed(part, list(names), default)

    def another() -> None:
        changed()
        address.put(image="")

    chosen: str | None = st.selectbox(
        label, list(names), format_func=names.__getitem__, key=key, on_change=another, width=190
    )
    return default if chosen is None else chosen


def _sentence(count: int, total: int) -> str:
    if count == total:
        return "1 image" if count == 1 else f"{count:,} images"
    return f"{count:,} of {total:,} images pass the filters"


def _one(run: Run, subject: Subject, index: int) -> None:
    found = subject.predictions
    image = test_image(subject, index)
    picture, bars = st.columns([1, 1.7])
    with picture:
        pictures([(grey(image.pixels), "")], most=160)
        for view, text, icon in (("Play", "Play with it", "brush"), ("One image", "Look into it", "search")):
            st.button(
                text, icon=f":material/{icon}:", key=f"inspect_gallery_{icon}", on_click=address.put,
                kwargs={"view": view, "image": str(index), "of": ""}, type="tertiary",
            )  # fmt: skip
    with bars:
        st.markdown(sheet.label(subject, index))
        components.bars(
            key="inspect_gallery_bars",
            data=paired_bars(found.logits[index], None, subject.classes, int(found.labels[index])),
        )
    neighbours_panel.draw(run, subject, image)
