"""Your own image: drawn, uploaded or photographed, made like the data set's, and what the network says of it."""

import io

import streamlit as st
import torch
from PIL import Image
from torch import Tensor

from core.data.image_folder import ImagesRefused, opened
from core.figures.images import grey
from core.figures.probability_pairs import paired_bars
from core.inspection.familiarity import DISTANCE, Familiar, familiarity, of_test_images, verdict
from core.inspection.own_image import STEPS, Manner, Prepared, in_channels, prepare, suggested
from core.training.config import DataChoice
from core.training.runs.records import Run
from pages.inspect import address, components, neighbours_panel
from pages.inspect.chosen_image import OWN, ChosenImage, pixel_network
from pages.inspect.pictures import pictures
from pages.inspect.subject import Subject
from pages.shared.canvas import canvas
from pages.shared.markdown import unbroken

_SOURCES = ("Draw", "Upload", "Photograph")
_DRAWN_SIDE = 56  # of the canvas: finer than the image, since it is scaled
MOST_PIXELS = 25_000_000  # of one photograph: decoded it takes three bytes a pixel
MOST_BYTES = 20_000_000


def draw(_run: Run, subject: Subject) -> None:
    """The picture, the steps, the answer; all in a fragment of its own, so that a stroke is answered at once."""
    _view(subject)


@st.fragment
def _view(subject: Subject) -> None:
    source, steps, answer = st.columns([1, 1.35, 1.15], gap="medium")
    with source:
        image = _picture(subject)
    if image is None:
        with steps:
            st.markdown(
                "Draw a piece of clothing, upload a picture, or take a photograph of one thing on an even background. "
                "It is made like the images that the network was trained on, step by step. It stays in this session: "
                "nothing is written to a disk."
            )
        return
    manner = _manner(subject.data, subject.test.pixels)
    with steps:
        prepared = _prepared(image, manner)
    st.session_state[OWN] = prepared.pixels
    with answer:
        _answer(subject, prepared.pixels)


def _picture(subject: Subject) -> Tensor | None:
    """What was drawn, uploaded or photographed: float32 (C, h, w); None where there is nothing yet."""
    way = st.segmented_control(
        "Where it comes from", _SOURCES, default=_SOURCES[0], required=True, key="inspect_own_source",
        label_visibility="collapsed", width="stretch", persist_state="session",
    )  # fmt: skip
    channels = subject.test.pixels.shape[1]
    if way == "Draw":
        drawn = canvas("inspect_own_canvas", _DRAWN_SIDE, _DRAWN_SIDE)
        return drawn.float().expand(channels, -1, -1) if drawn.any() else None
    kept = f"inspect_own_kept_{way}"  # the widget forgets its file while another view is shown
    widget = st.file_uploader if way == "Upload" else st.camera_input
    file = widget(
        "A picture", key=f"inspect_own_{way}", label_visibility="collapsed",
        on_change=lambda: st.session_state.pop(kept, None),
    )  # fmt: skip
    if file is None:
        before: Tensor | None = st.session_state.get(kept)
        return before if before is not None and len(before) == channels else None
    try:
        image = _read(file.getvalue(), file.name, channels)
    except ImagesRefused as refusal:
        st.error(str(refusal), icon=":material/broken_image:")
        return None
    st.session_state[kept] = image
    return image


@st.cache_data(max_entries=8, show_spinner=False)
def _read(content: bytes, name: str, channels: int) -> Tensor:
    if len(content) > MOST_BYTES:
        raise ImagesRefused(
            f"“{name}” has {len(content) / 1e6:,.0f} MB; up to {MOST_BYTES / 1e6:.0f} MB are read. Scale it down first."
        )
    return in_channels(opened(io.BytesIO(content), name, MOST_PIXELS), channels)


def _prepared(image: Tensor, manner: Manner) -> Prepared:
    needed = suggested(image, manner)
    with st.container(horizontal=True, gap="small"):
        chosen = {}
        for name, step in STEPS.items():
            key = f"inspect_own_{name}_{needed[name]}"  # another kind of picture begins with what it needs
            chosen[name] = st.toggle(
                step.label, needed[name], key=key, help=step.meaning, persist_state="session"
            )
    prepared = prepare(image, manner, chosen)
    pictures([(_small(stage.pixels), stage.name) for stage in prepared.stages], most=110)
    _, height, width = manner.shape
    pictures([(grey(prepared.pixels), f"What the network gets: {height}×{width} pixels")], most=250)
    return prepared


def _small(pixels: Tensor) -> Image.Image:
    picture = grey(pixels)
    picture.thumbnail((128, 128))
    return picture


def _answer(subject: Subject, pixels: Tensor) -> None:
    logits = pixel_network(subject).asked(pixels[None])[0]
    probabilities = logits.softmax(dim=0)
    said = int(probabilities.argmax())
    st.markdown(f"It says **{subject.classes[said]}** ({100 * float(probabilities[said]):.0f} %).")
    components.bars(key="inspect_own_bars", data=paired_bars(logits, None, subject.classes, None))
    usual = _usual(subject.sha, subject.data, subject)
    found = familiarity(pixels, logits, usual)
    distance = neighbours_panel.familiar_distance(subject, ChosenImage(pixels, None, None, "Your own image"))
    found += (distance,) if distance else ()
    odd = any(not each.usual for each in found)
    (st.warning if odd else st.info)(
        unbroken(verdict(found)), icon=":material/report:" if odd else ":material/fact_check:"
    )
    with st.container(horizontal=True):
        for view, text, icon in (
            ("Play", "Play with it", "brush"),
            ("One image", "Look into it", "search"),
        ):
            if st.button(text, icon=f":material/{icon}:", key=f"inspect_own_{icon}"):
                address.put(view=view, of="own")
                st.rerun()  # the whole page, not only this fragment
    with st.expander("The numbers"):
        _numbers(found)


def _numbers(found: tuple[Familiar, ...]) -> None:
    rows = "\n".join(
        f"| {each.measure.label} | {each.value:.3g} | {each.low:.3g} – {each.high:.3g} "
        f"| {100 * each.share_below:.0f} % |"
        for each in found
    )
    st.markdown(f"| | here | 98 % of test images | test images below |\n|---|---|---|---|\n{rows}")
    if found[-1].measure is not DISTANCE:
        st.caption(
            "Its distance to the training images is told once these were looked at: One image, Neighbours."
        )
    st.caption(" ".join(f"{each.measure.label}: {each.measure.meaning}" for each in found))


@st.cache_data(max_entries=8, show_spinner=False)
def _manner(data: DataChoice, _pixels: Tensor) -> Manner:
    return Manner.of(_pixels)


@st.cache_resource(max_entries=8, show_spinner="Measuring the test images")
def _usual(sha: str, data: DataChoice, _subject: Subject) -> tuple[Tensor, ...]:
    with torch.no_grad():
        return of_test_images(_subject.test.pixels, _subject.predictions.logits)
