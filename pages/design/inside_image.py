"""Which image goes through the network: one of the test split, or one that is drawn by hand."""

from dataclasses import dataclass

import streamlit as st
import torch
from torch import Tensor

from core.data.dataset import Dataset
from core.figures.images import data_url, grey
from pages.shared.canvas import canvas

SOURCES = {"test": "Test image", "drawn": "Draw"}
ANY = -1  # no class in particular
_SOURCE, _INDEX, _CLASS = "inside_source", "inside_index", "inside_class"


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """An image as the data set has it, before it is normalised."""

    pixels: Tensor  # uint8 (1, 28, 28)
    label: int | None  # its class; None of a drawing
    words: str  # "test image 17"


def choose_image(data: Dataset) -> ChosenImage:
    """The controls, with the image itself above them."""
    source = st.segmented_control(
        "Image",
        list(SOURCES),
        format_func=SOURCES.__getitem__,
        default="test",
        required=True,
        key=_SOURCE,
        label_visibility="collapsed",
        width="stretch",
        persist_state="session",
    )
    index = int(st.session_state.get(_INDEX) or 0)
    if index >= len(data.test):  # the other data set has more images
        index = st.session_state[_INDEX] = 0
    if source == "drawn":
        drawn = canvas("inside_canvas", template=data.test.pixels[index], template_name=f"test image {index}")
        return ChosenImage(drawn, None, "your drawing")
    return _test_image(data)


def _test_image(data: Dataset) -> ChosenImage:
    picture = st.empty()  # above the controls that choose it
    labels = data.test.labels
    names = {ANY: "Any class", **dict(enumerate(data.classes))}
    st.selectbox(
        "Class",
        list(names),
        format_func=names.__getitem__,
        key=_CLASS,
        on_change=step,
        args=(labels, 0),
        label_visibility="collapsed",
        persist_state="session",
    )
    with st.container(horizontal=True, gap="xsmall"):
        for name, icon, words, act, arguments in (
            ("previous", "chevron_left", "Previous image of this class", step, (labels, -1)),
            ("any", "casino", "Any image of this class", any_image, (labels,)),
            ("next", "chevron_right", "Next image of this class", step, (labels, 1)),
        ):
            st.button("", icon=f":material/{icon}:", key=f"inside_{name}", help=words, on_click=act,
                      args=arguments, width="stretch")  # fmt: skip
    index = st.number_input(
        "Index in the test split",
        0,
        len(labels) - 1,
        step=1,
        key=_INDEX,
        persist_state="session",
        label_visibility="collapsed",
    )
    index = int(index or 0)
    pixels, label = data.test.pixels[index], int(labels[index])
    name = f"Test image {index}, {data.classes[label]}"
    picture.html(
        f'<img src="{data_url(grey(pixels))}" alt="{name}" title="{name}" '
        'style="width: 100%; image-rendering: pixelated; border-radius: 4px; display: block">'
    )
    return ChosenImage(pixels, label, f"test image {index}")


def of_class(labels: Tensor) -> Tensor:
    """The indices of the images that are walked through: of the chosen class, or all."""
    chosen = st.session_state.get(_CLASS, ANY)
    return torch.arange(len(labels)) if chosen in (ANY, None) else (labels == chosen).nonzero().flatten()


def step(labels: Tensor, by: int) -> None:
    """On to the next image of the class (1), back (−1), or stay unless the present one is of another (0)."""
    indices = of_class(labels)
    now = int(st.session_state.get(_INDEX) or 0)
    place = int(torch.searchsorted(indices, now, right=by > 0)) + min(by, 0)
    st.session_state[_INDEX] = int(indices[place % len(indices)])


def any_image(labels: Tensor) -> None:
    """Any other image of the class, by lot."""
    indices = of_class(labels)
    st.session_state[_INDEX] = int(indices[torch.randint(len(indices), ())])
