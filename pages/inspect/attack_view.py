"""The smallest adversarial step: the image, what is added, and what the network says then."""

from collections.abc import Generator

import streamlit as st
from torch import Tensor

from core.figures.adversarial import difference, shown, step_chart
from core.figures.probability_pairs import paired_bars
from core.inspection.adversarial import MOST, TOLERANCE, Attack, attack, smallest_attack
from core.inspection.pixel_network import PixelNetwork
from pages.inspect import components, work
from pages.inspect.chosen_image import ChosenImage, pixel_network
from pages.inspect.kept import Kept
from pages.inspect.pictures import pictures
from pages.inspect.subject import Subject
from pages.shared.glossary import meanings
from pages.shared.hint import hint

_METHODS = ("FGSM", "PGD")
_PICTURES = 6  # of the steps of PGD
_KEY = "inspect_attack_search"
_KEPT, _MOST_KEPT = "inspect_attacks", 32  # in the session, where an own image stays
Order = tuple[str, str, int, float]  # weights, image, steps, ε (0: the smallest)
Search = work.Share[tuple[Attack, ...]]
_MEANING = r"""
**FGSM** (Goodfellow et al. 2015) moves every pixel by ε once, in the direction that raises the loss:
$x' = x + \varepsilon \cdot \mathrm{sign}\,\nabla_x L(f(x), y)$, kept within 0–255. Here y is the class that the network
names first.

**PGD** (Madry et al. 2018) does so in many steps of 2.5 ε / steps, and after each brings the pixels back to within ε of
the image and to 0–255. It looks where the gradient leads next, so that mostly a smaller ε is enough. It begins at the
image itself.

The smallest ε is found by trying strengths from below and then by bisection, to {tolerance} grey levels. Grey levels
are not rounded here: what is told under the pictures is what is left of it in a file of whole levels.
"""


def draw(subject: Subject, image: ChosenImage) -> None:
    """The controls, the three pictures, the probabilities; of PGD the way there; the explanation."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        method = st.segmented_control(
            "Method", _METHODS, default="FGSM", required=True, key="inspect_attack",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        hint(meanings("adversarial image", "FGSM", "PGD"))
        smallest = st.toggle(
            "Smallest ε that changes the class", True, key="inspect_attack_smallest", persist_state="session"
        )
        epsilon = 0.0
        if not smallest:
            epsilon = st.slider(
                "Strength ε (grey levels)", 0.25, MOST, 8.0, 0.25, key="inspect_attack_epsilon", width=260,
                persist_state="session",
            )  # fmt: skip
        steps = 1
        if method == "PGD":
            steps = st.slider(
                "Steps", 2, 40, 10, key="inspect_attack_steps", width=180, persist_state="session"
            )
    network = pixel_network(subject)
    order = (subject.sha, image.key, steps, epsilon)
    found = _search(order, image, network)
    st.fragment(_content, run_every=None if found.over else work.POLL)(
        subject, image, network, order, not found.over
    )
    st.markdown(_MEANING.replace("{tolerance}", f"{TOLERANCE:g}"))


def _search(order: Order, image: ChosenImage, network: PixelNetwork) -> work.Work[Search]:
    """Look for the attack; most are found in a moment, before the page is drawn."""
    *_, steps, epsilon = order
    return work.work(
        _KEY,
        order,
        lambda _pause: work.shares(
            _given(network, image.pixels, epsilon, steps)
            if epsilon
            else smallest_attack(network, image.pixels, steps)
        ),
        _attacks(),
    )


def _attacks() -> Kept:
    kept: Kept = st.session_state.setdefault(_KEPT, Kept(_MOST_KEPT))
    return kept


def _given(
    network: PixelNetwork, pixels: Tensor, epsilon: float, steps: int
) -> Generator[float, None, tuple[Attack, ...]]:
    yield 0.0
    return (attack(network, pixels, epsilon, steps),)


def _content(subject: Subject, image: ChosenImage, network: PixelNetwork, order: Order, polled: bool) -> None:
    found: work.Work[Search] | None = work.begun(_KEY, order, _attacks())
    if polled or found is None:
        work.wait(found, _KEY, "Looking for the smallest step")
        return
    share = found.latest or work.Share()
    work.draw(found, _KEY, share.done, f"{100 * share.done:.0f} % of the search for the smallest step")
    if share.whole:
        _show(subject, image, network, share.whole[0])
    elif not found.stopped:
        st.info(
            f"Up to {MOST:g} grey levels do not change what the network says of this image.",
            icon=":material/shield:",
        )


def _show(subject: Subject, image: ChosenImage, network: PixelNetwork, found: Attack) -> None:
    said = [
        f"{subject.classes[int(p.argmax())]} ({100 * float(p.max()):.0f} %)"
        for p in found.logits[[0, -1]].softmax(dim=1)
    ]
    left, right = st.columns([2, 1.1], gap="medium")
    with left:
        verb = "changes" if found.changed else "does not change"
        st.markdown(
            f"**ε = {found.epsilon:.2f} grey levels** of 255 ({100 * found.epsilon / 255:.2g} %) {verb} what the "
            f"network says: {said[0]} → **{said[1]}**."
        )
        pictures(
            [
                (shown(found.images[0]), f"The image: {said[0]}"),
                (difference(found), f"What is added: blue −{found.epsilon:.2g}, orange +{found.epsilon:.2g}"),
                (shown(found.last), f"Together: {said[1]}"),
            ]
        )
        whole = network.asked(found.last.round()[None])[0].softmax(dim=0)
        st.caption(
            f"Rounded to whole grey levels it is taken for {subject.classes[int(whole.argmax())]} "
            f"({100 * float(whole.max()):.0f} %)."
        )
        if len(found.images) > 2:
            _way(subject, found)
    with right:
        bars = paired_bars(found.logits[-1], found.logits[0], subject.classes, image.label)
        components.bars(key="inspect_attack_bars", data=bars)
        if len(found.images) > 2:
            st.altair_chart(step_chart(found), key="inspect_attack_steps_chart")


def _way(subject: Subject, found: Attack) -> None:
    """Small pictures of PGD's steps, evenly chosen, each with what is said of it."""
    steps = len(found.images) - 1
    places = sorted({round(k * steps / (_PICTURES - 1)) for k in range(_PICTURES)})
    said = found.logits.argmax(dim=1).tolist()
    pictures(
        [(shown(found.images[place]), f"Step {place}: {subject.classes[said[place]]}") for place in places],
        most=96,
    )
