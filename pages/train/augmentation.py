"""How the training images are changed in each epoch: a plan by name or one's own, and a look at what it does."""

from html import escape

import streamlit as st

from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Augmentation, Plan
from core.data.augmentation.preview import preview
from core.data.augmentation.table import AUGMENTATIONS
from core.data.dataset import DataMissing, LabelledImages
from core.figures.augmentation import Pair, pairs
from pages.shared import server
from pages.shared.glossary import meaning

OWN = "own"
SHOWN = 16  # images of the preview
_PLAN = (
    "augmentation_plan"  # in the session: what was chosen; the widgets live only while the pop-over is open
)
_TURN = "augmentation_turn"  # in the session: which random numbers the preview has
_NAME, _OPEN = "augmentation_name", "augmentation"


def draw(dataset: str) -> Plan:
    """A choice of plans, and a button beside it that opens the rest; a fragment, as nothing else follows from it."""
    st.fragment(_editor)(dataset)
    return _plan()


def show(plan: Plan) -> None:
    """Make the controls say this plan, from the next run of the page on."""
    st.session_state[_PLAN] = plan


def _plan() -> Plan:
    plan: Plan = st.session_state.get(_PLAN, ())
    return plan


def _editor(dataset: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        _choose()
        place = st.popover(
            "",
            icon=":material/tune:",
            key=_OPEN,
            on_change="rerun",
            help="Each augmentation with its probability and range, and a look at what it does",
        )
    if place.open:
        with place.container(width=700):
            left, right = st.columns([6, 7.4], gap="medium")
            with left, st.container(height=300, border=False, gap="xsmall"):
                for kind in AUGMENTATIONS:
                    _kind(kind)
            with right, st.container(gap="xsmall"):
                _preview(dataset)


def _choose() -> None:
    """The plans by name."""
    name = st.session_state[_NAME] = next(
        (name for name, named in NAMED_PLANS.items() if set(named.plan) == set(_plan())), OWN
    )
    st.selectbox(
        "Augmentation",
        [*NAMED_PLANS, *([OWN] if name == OWN else [])],
        format_func=lambda name: "Your own" if name == OWN else NAMED_PLANS[name].label,
        key=_NAME,
        on_change=_take,
        help=meaning("augmentation")
        + "".join(f"\n\n**{named.label}**: {named.reason}" for named in NAMED_PLANS.values()),
    )


def _take() -> None:
    """Make the named plan that was chosen the plan."""
    if (name := st.session_state[_NAME]) != OWN:
        st.session_state[_PLAN] = NAMED_PLANS[name].plan


def _kind(kind: str) -> None:
    known = AUGMENTATIONS[kind]
    chosen = next((each for each in _plan() if each.kind == kind), None)
    switch = f"augmentation_{kind}"
    st.session_state[switch] = chosen is not None
    st.toggle(known.label, key=switch, on_change=_switch, args=(kind,), help=known.explanation)
    if chosen is None:
        return
    often, far = f"augmentation_{kind}_probability", f"augmentation_{kind}_range"
    st.session_state[often] = chosen.probability
    left, right = st.columns(2, gap="small")
    left.slider("Probability", 0.0, 1.0, step=0.05, key=often, on_change=_set, args=(kind,))
    if known.range:
        st.session_state[far] = (float(chosen.low), float(chosen.high))
        with right:
            st.slider(
                f"{known.range.meaning[0].upper()}{known.range.meaning[1:]}",
                float(known.range.lowest),
                float(known.range.highest),
                step=float(known.range.step),
                format=f"%g{known.range.unit}",
                key=far,
                on_change=_set,
                args=(kind,),
            )


def _switch(kind: str) -> None:
    others = tuple(each for each in _plan() if each.kind != kind)
    added = (Augmentation.usual(kind),) if st.session_state[f"augmentation_{kind}"] else ()
    st.session_state[_PLAN] = others + added


def _set(kind: str) -> None:
    """Read the kind's sliders."""
    low, high = st.session_state.get(f"augmentation_{kind}_range", (0.0, 0.0))
    numbers = (st.session_state[f"augmentation_{kind}_probability"], low, high)
    # a browser's 0.1 may be 0.09999999
    changed = Augmentation(kind, *(round(number, 6) for number in numbers))
    st.session_state[_PLAN] = tuple(changed if each.kind == kind else each for each in _plan())


def _preview(dataset: str) -> None:
    turn = st.session_state.setdefault(_TURN, 0)
    try:
        data = server.dataset(dataset)
    except DataMissing:
        st.caption("The images can be seen here once the data set is on this machine.")
        return
    images = LabelledImages(data.train.pixels[:SHOWN], data.train.labels[:SHOWN])
    shown = pairs(preview(images, _plan(), len(data.classes), turn), data.classes)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Left an image, right what the network sees", width="stretch")
        st.button(
            "",
            icon=":material/casino:",
            key="augmentation_again",
            on_click=_again,
            help="Other random numbers; a run draws new ones for each image in each epoch",
        )
    st.html(_sheet(shown))


def _again() -> None:
    st.session_state[_TURN] += 1


def _sheet(shown: list[Pair]) -> str:
    """Four pairs a row, each over its label."""
    picture = "width: 50%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: #000"
    line = "overflow: hidden; white-space: nowrap; text-overflow: ellipsis"
    words = "font-size: 0.7rem; line-height: 1.2"
    figures = []
    for pair in shown:
        lines = "".join(
            f'<div style="{line}" title="{escape(label)}">{escape(label)}</div>' for label in pair.twin_labels
        )
        twin = f"Augmented: {' and '.join(pair.twin_labels)}"
        figures.append(
            f'<figure style="margin: 0; min-width: 0"><div style="display: flex; gap: 2px">'
            f'<img src="{pair.original}" alt="{escape(pair.label)}" style="{picture}">'
            f'<img src="{pair.twin}" alt="{escape(twin)}" style="{picture}"></div>'
            f'<figcaption style="{words}">{lines}</figcaption></figure>'
        )
    grid = "display: grid; grid-template-columns: repeat(4, 1fr); gap: 4px 8px"
    return f'<div style="{grid}">{"".join(figures)}</div>'
