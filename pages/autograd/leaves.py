"""Change the numbers that a program starts from, without typing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2s
from pathlib import Path
from typing import Any

import streamlit as st

from core.autograd.language.interpreter import run
from core.autograd.play.leaves import Changes, Fixed, Leaf, changed, leaves_of, listed
from core.autograd.play.text import write
from pages.autograd.program import PROGRAM
from pages.shared.glossary import meaning

ASSETS = Path(__file__).parents[2] / "assets" / "autograd"
BESIDE = 3  # scalars that have their sliders under the program; more go below the graph
_CHANGES = "autograd_changes"  # (program, its changes)
_RESETS = "autograd_resets"  # how often the numbers were set back; older messages of the controls are void

_component = st.components.v2.component(
    "autograd_lab_leaves",
    html=(ASSETS / "leaves.html").read_text(encoding="utf-8"),
    css=(ASSETS / "leaves.css").read_text(encoding="utf-8"),
    js=(ASSETS / "leaves.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Choice:
    """What of a program can be changed, and where its controls stand."""

    beside: tuple[Leaf, ...]
    below: tuple[Leaf, ...]
    fixed: tuple[Fixed, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        return (*self.beside, *self.below)


@st.cache_data(max_entries=64, show_spinner=False)
def choice_of(source: str) -> Choice:
    """The leaves of the program as it is written."""
    leaves, fixed = leaves_of(run(source))
    scalars = tuple(leaf for leaf in leaves if not leaf.shape)
    beside = scalars if len(scalars) <= BESIDE else ()
    return Choice(beside, tuple(leaf for leaf in leaves if leaf not in beside), fixed)


def changes_of(source: str) -> Changes:
    """The changes that are in force for this program."""
    kept = st.session_state.get(_CHANGES)
    return kept[1] if kept is not None and kept[0] == source else ()


def generation_of(source: str, resets: int) -> str:
    """What a message of the controls must name, or it is about another program or older numbers."""
    return f"{blake2s(source.encode()).hexdigest()[:12]}-{resets}"


def leaf_controls(source: str, choice: Choice, leaves: Sequence[Leaf], key: str) -> None:
    """Sliders and grids for `leaves`; what they say is kept as changes of the program."""
    generation = generation_of(source, st.session_state.get(_RESETS, 0))
    changes = dict(changes_of(source))
    given: Any = (st.session_state.get(key) or {}).get("given")
    if isinstance(given, dict) and given.get("generation") == generation:
        numbers = given.get("numbers")
        if isinstance(numbers, dict):
            changes |= {leaf.name: numbers[leaf.name] for leaf in leaves if leaf.name in numbers}
    kept = changed(choice.leaves, changes)
    st.session_state[_CHANGES] = (source, kept)
    now = dict(kept)
    shown = [
        {**asdict(leaf), "now": listed(now.get(leaf.name, leaf.numbers)), "shape": list(leaf.shape)}
        for leaf in leaves
    ]
    # the browser side takes `now` only with a new generation: its own numbers are the newer ones
    _component(key=key, data={"leaves": shown, "generation": generation}, on_given_change=lambda: None)


def leaf_buttons(source: str, choice: Choice) -> None:
    """Put the new numbers into the text, or go back to those of the text."""
    if not choice.leaves:
        return
    changes = changes_of(source)
    with st.container(horizontal=True, key="autograd_leaf_buttons"):
        st.button(
            "Write into the program", icon=":material/edit_note:", disabled=not changes,
            on_click=_write, args=(source, changes),
            help="Puts the new numbers into the text, so that a link to this page carries them.",
        )  # fmt: skip
        st.button(
            "Reset", icon=":material/undo:", disabled=not changes, on_click=_reset, args=(source,),
            help="Back to the numbers of the program.",
        )  # fmt: skip


def _write(source: str, changes: Changes) -> None:
    st.session_state[PROGRAM] = with_changes(source, changes)


def with_changes(source: str, changes: Changes) -> str:
    """The program's text with the new numbers in it."""
    return write(run(source, leaves=dict(changes)), changes) if changes else source


def _reset(source: str) -> None:
    st.session_state[_RESETS] = st.session_state.get(_RESETS, 0) + 1
    st.session_state[_CHANGES] = (source, ())


def show_leaves(source: str, choice: Choice) -> None:
    """The view "Change the leaves": grids, and what can't be changed."""
    if choice.below:
        leaf_controls(source, choice, choice.below, "autograd_leaves_below")
    if choice.beside:
        words = "The scalars have their sliders under the program."
        st.caption(words if choice.below else f"{words} Values, gradients and colours follow them.")
    if not choice.leaves:
        st.info(
            "There is nothing to change: the program gives no name to a tensor made from numbers, such as "
            "`x = torch.tensor(2.0, requires_grad=True)`."
        )
    reasons = "; ".join(f"`{each.name}`: {each.reason}" for each in choice.fixed)
    st.caption(
        "Changed can be what the program makes from numbers and names once, up to 6×6, with or without "
        "requires_grad. Everything else is computed from it."
        + (f" Not changed here: {reasons}." if reasons else ""),
        help=meaning("leaf"),
    )
