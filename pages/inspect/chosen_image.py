"""Which single image a view looks at: one of the test split, or the session's own."""

from dataclasses import dataclass
from hashlib import blake2s

import streamlit as st
import torch
from torch import Tensor

from core.inspection.pixel_network import PixelNetwork
from pages.inspect import address
from pages.inspect.segmented import segmented
from pages.inspect.subject import Subject

OWN = "inspect_own_pixels"  # in the session: uint8 (C, H, W), as the network gets it
_INDEX = "inspect_image_index"
_SOURCES = {"test": "Test image", "own": "Own image"}


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """An image as the network gets it, before it is normalised."""

    pixels: Tensor  # uint8 (C, H, W)
    label: int | None  # its class; None where nobody knows it
    index: int | None  # in the test split; None of an own image
    words: str  # "Test image 17 (Coat)"

    @property
    def key(self) -> str:
        """Names the pixels."""
        return blake2s(self.pixels.numpy().tobytes(), digest_size=8).hexdigest()


def own_image(subject: Subject) -> ChosenImage | None:
    """The session's own image, where there is one that this network takes."""
    pixels = st.session_state.get(OWN)
    if pixels is None or pixels.shape != subject.test.pixels.shape[1:]:
        return None
    return ChosenImage(pixels, None, None, "Your own image")


def chosen_index(subject: Subject) -> int:
    """The test image of the address; 0 where it names none."""
    wanted = address.get("image")
    return int(wanted) if wanted.isdecimal() and int(wanted) < len(subject.test) else 0


def test_image(subject: Subject, index: int) -> ChosenImage:
    """One image of the test split."""
    label = int(subject.test.labels[index])
    return ChosenImage(
        subject.test.pixels[index], label, index, f"Test image {index} ({subject.classes[label]})"
    )


def choose_image(subject: Subject) -> ChosenImage:
    """One row of controls, and what they choose."""
    own, total = own_image(subject), len(subject.test)
    index = chosen_index(subject)
    st.session_state[_INDEX] = index

    def typed() -> None:
        if (value := st.session_state[_INDEX]) is not None:
            address.put(image=str(int(value)))

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        source = segmented("of", "Image of", _SOURCES) if own is not None else "test"
        if source == "own" and own is not None:
            st.markdown("**Your own image**, as you prepared it under *Own image*")
            return own
        st.number_input(
            "Index in the test split", 0, total - 1, step=1, key=_INDEX, on_change=typed,
            label_visibility="collapsed", width=130,
        )  # fmt: skip
        st.button("Any", icon=":material/casino:", key="inspect_any_image", on_click=_any, args=(total,),
                  help="Any image of the test split, by lot")  # fmt: skip
        image = test_image(subject, index)
        found = subject.predictions
        said = subject.classes[int(found.predicted[index])]
        right = bool(found.correct[index])
        sign = ":material/check:" if right else ":material/close:"
        answer = "recognised" if right else f"taken for **{said}**"
        st.markdown(
            f"{sign} {image.words}, {answer} ({100 * float(found.confidence[index]):.0f} %)", width="stretch"
        )
    return image


def _any(total: int) -> None:
    address.put(image=str(int(torch.randint(total, ()))))


def pixel_network(subject: Subject) -> PixelNetwork:
    """The subject's network, taking pixels; shared by all sessions."""
    return _pixel_network(subject.sha, subject)


@st.cache_resource(max_entries=6, show_spinner=False)
def _pixel_network(sha: str, _subject: Subject) -> PixelNetwork:
    return PixelNetwork(_subject.model, _subject.normalisation)
