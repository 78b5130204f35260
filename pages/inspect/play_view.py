"""Play with the evidence: change an image by hand, or by the smallest adversarial step, and see what is said."""

import streamlit as st
import torch
from torch import Tensor

from core.figures.images import grey
from core.figures.probability_pairs import paired_bars
from core.inspection.edits import EDITS, edited
from core.training.runs.records import Run
from pages.inspect import address, attack_view, components, robustness_view
from pages.inspect.chosen_image import ChosenImage, choose_image, pixel_network
from pages.inspect.pictures import pictures
from pages.inspect.sliders import sliders
from pages.inspect.subject import Subject
from pages.shared.canvas import painted

_WAYS = ("By hand", "Adversarial step", "Accuracy against strength")


def draw(_run: Run, subject: Subject) -> None:
    """The choice of a way, and the image it is done to."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        key, changed = address.followed("play", list(_WAYS), _WAYS[0])
        way = st.segmented_control(
            "How to play", list(_WAYS), key=key, on_change=changed, required=True, label_visibility="collapsed",
        )  # fmt: skip
        if way == _WAYS[2]:
            robustness_view.draw_choice(subject)
        else:
            image = choose_image(subject)
    if way == _WAYS[2]:
        robustness_view.draw(subject)
    elif way == _WAYS[1]:
        attack_view.draw(subject, image)
    else:
        _by_hand(subject, image)


@st.fragment
def _by_hand(subject: Subject, image: ChosenImage) -> None:
    network = pixel_network(subject)
    paint, change, bars = st.columns([0.95, 1, 1.35], gap="medium")
    with paint:
        st.markdown("**Paint on it**")
        pixels = painted(f"inspect_paint_{image.key}", image.pixels)
    with change:
        st.markdown("**Then change it; what the network gets**")
        place = st.empty()
        amounts = sliders("inspect_edits", EDITS)
    now = edited(pixels, amounts)
    with place:
        pictures([(grey(now), "")], most=200)
    logits = network.asked(torch.stack([now, image.pixels]))
    with bars:
        st.markdown(_sentence(subject, image, logits))
        components.bars(
            key="inspect_play_bars", data=paired_bars(logits[0], logits[1], subject.classes, image.label)
        )
        st.caption("Wide bar: as it is now. Thin grey bar, and the number in brackets: as it was.")


def _sentence(subject: Subject, image: ChosenImage, logits: Tensor) -> str:
    now, before = logits.softmax(dim=1)
    said, once = int(now.argmax()), int(before.argmax())
    name = f"**{subject.classes[said]}** ({100 * float(now[said]):.0f} %)"
    if said == once:
        return (
            f"Still {name}; it was {100 * float(before[said]):.0f} %."
            if not _same(logits)
            else f"It says {name}."
        )
    return f"Now {name}; it was {subject.classes[once]} ({100 * float(before[once]):.0f} %)."


def _same(logits: Tensor) -> bool:
    return bool(torch.equal(logits[0], logits[1]))
