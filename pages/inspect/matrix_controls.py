"""How a confusion matrix is shown: what its numbers are, and in which order its classes stand."""

import streamlit as st

from core.inspection.class_order import ORDERS, chosen_first
from core.inspection.confusion import ConfusionMatrix
from pages.inspect import address
from pages.inspect.segmented import segmented
from pages.shared.glossary import meaning
from pages.shared.hint import hint

_OVER = {"counts": "Images", "row": "% of true", "column": "% of predicted"}
_BY_HAND = "by-hand"
_ORDERS = {name: order.name for name, order in ORDERS.items()} | {_BY_HAND: "By hand"}
_DEFAULT = next(iter(ORDERS))
_COLOURS = "Blue is right, orange wrong; the deeper, the larger the share (square root)."
_RULES = "\n".join(
    f"- **{name}**: {rule}"
    for name, rule in (
        *((each.name, each.meaning) for each in ORDERS.values()),
        ("By hand", "The classes that you choose come first."),
    )
)


def over() -> str:
    """What the numbers are, a key of NORMALISATIONS."""
    return address.get("over") if address.get("over") in _OVER else "counts"


def order(matrix: ConfusionMatrix) -> tuple[int, ...]:
    """The class indices in the order of the address."""
    name = address.get("order")
    if name == _BY_HAND:
        return chosen_first(_by_hand(len(matrix.counts)), len(matrix.counts))
    return ORDERS.get(name, ORDERS[_DEFAULT]).places(matrix)


def muted() -> bool:
    """Whether the diagonal has no colour."""
    return bool(st.session_state.get("inspect_mute"))


def draw(classes: tuple[str, ...], mute: bool = True) -> None:
    """The controls; `mute` says whether the diagonal can be muted."""
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="center", gap="xsmall"
    ):
        segmented("over", "Numbers", _OVER)
        key, changed = address.followed("order", list(_ORDERS), _DEFAULT)
        name: str | None = st.selectbox(
            "Order of the classes",
            list(_ORDERS),
            format_func=_ORDERS.__getitem__,
            key=key,
            on_change=changed,
            label_visibility="collapsed",
            width=130,
        )
        # a matrix whose diagonal can't be muted shows differences, and says itself what its colours are
        hint(f"{_COLOURS if mute else ''} {meaning('confusion matrix')}\n\n{_RULES}")
        if mute:
            st.toggle(
                "Mute diagonal",
                key="inspect_mute",
                persist_state="session",
            )
    if name == _BY_HAND:
        _draw_by_hand(classes)


def _by_hand(classes: int) -> list[int]:
    parts = address.get("classes").split("-")
    return [int(part) for part in parts if part.isdecimal() and int(part) < classes]


def _draw_by_hand(classes: tuple[str, ...]) -> None:
    key = "inspect_by_hand"
    st.session_state[key] = list(dict.fromkeys(_by_hand(len(classes))))

    def changed() -> None:
        address.put(classes="-".join(str(k) for k in st.session_state[key]))

    st.multiselect(
        "Classes that come first, in your order",
        range(len(classes)),
        format_func=classes.__getitem__,
        key=key,
        on_change=changed,
        placeholder="Choose the classes that come first",
        label_visibility="collapsed",
    )
