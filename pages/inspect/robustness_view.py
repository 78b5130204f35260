"""Accuracy against the strength of an attack, on a sample of the test split."""

import streamlit as st
import torch

from core.figures.adversarial import robustness_chart
from core.inspection.robustness import STEPS, Robustness, robustness
from core.training.config import DataChoice
from pages.inspect import work
from pages.inspect.chosen_image import pixel_network
from pages.inspect.subject import Subject
from pages.shared.glossary import meanings

_KEY = "inspect_robustness"
_SIZES = (100, 250, 500, 1000)
_SEED = 0  # the same sample each time, for every run


def _order(subject: Subject) -> tuple[str, str, DataChoice, int]:
    size = min(int(st.session_state.get("inspect_robustness_size") or 250), len(subject.test))
    return "robustness", subject.sha, subject.data, size


def draw_choice(subject: Subject) -> None:
    """How many images, and the button that begins."""
    st.selectbox(
        "Images", _SIZES, 1, key="inspect_robustness_size", width=150, label_visibility="collapsed",
        format_func=lambda size: f"{size:,} images", persist_state="session",
    )  # fmt: skip
    st.button(
        "Attack them", type="primary", icon=":material/bolt:", key="inspect_robustness_begin",
        on_click=_begin, args=(subject,),
    )  # fmt: skip


def _begin(subject: Subject) -> None:
    order = _order(subject)
    drawn = torch.randperm(len(subject.test), generator=torch.Generator().manual_seed(_SEED))[: order[-1]]
    steps = robustness(pixel_network(subject), subject.test.pixels[drawn], subject.test.labels[drawn])
    work.start(_KEY, order, lambda _pause: work.shares(steps))


def draw(subject: Subject) -> None:
    """The curve, or how far it is; what it means."""
    found = work.begun(_KEY, _order(subject))
    polled = found is not None and not found.over
    st.fragment(_content, run_every=work.POLL if polled else None)(subject, polled)
    st.markdown(
        "Every image may be changed by at most ε grey levels in each pixel, always away from its true class; it counts "
        f"as recognised if it still is. FGSM takes one step, PGD {STEPS}, and so finds more. A still stronger attack "
        "could find more than PGD: the true accuracy under attack lies at or below its curve. Training on attacked "
        "images (adversarial training) raises the curve, at the cost of some accuracy on clean ones.",
        help=meanings("adversarial image", "FGSM", "PGD", "adversarial training"),
    )


def _content(subject: Subject, polled: bool) -> None:
    found: work.Work[work.Share[Robustness]] | None = work.begun(_KEY, _order(subject))
    if polled:
        work.wait(found, _KEY, "Attacking the images")
    elif found is not None and found.latest is not None and found.latest.whole is not None:
        st.altair_chart(robustness_chart(found.latest.whole), key="inspect_robustness_chart")
        st.caption(_sentence(found.latest.whole))
    else:
        st.info("Nothing is computed yet for this run and this many images.", icon=":material/bolt:")


def _sentence(found: Robustness) -> str:
    middle = found.strengths.index(4.0)
    return (
        f"On {found.images:,} test images, drawn once by lot: {100 * found.fgsm[0]:.0f} % are recognised as they are; "
        f"with ε = 4, {100 * found.fgsm[middle]:.0f} % under FGSM and {100 * found.pgd[middle]:.0f} % under PGD."
    )
