"""The choice of attribution methods, by family; those that a network can't serve are greyed, with the reason."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core.inspection.attribution import METHODS
from pages.inspect import address, components
from pages.inspect.subject import Subject

_USUAL = "saliency"
_FIRST = (  # of several
    "saliency",
    "smoothgrad",
    "integrated-gradients",
    "deep-lift",
    "grad-cam",
    "occlusion",
    "shapley-sampling",
)
_ONE = "inspect_method"


def chosen_method() -> str:
    """The method of the address; its key in METHODS."""
    return address.one_of("method", list(METHODS), _USUAL)


def choose_method(subject: Subject, put: address.Put = address.put) -> str:
    """The method of the address, and the choice of another; its key in METHODS."""
    chosen = chosen_method()

    def changed() -> None:
        if (name := st.session_state[_ONE].chosen) in METHODS:
            put(method="" if name == _USUAL else name)

    data = {"label": "Attribution", "groups": _families(subject), "chosen": chosen}
    components.choice(key=_ONE, data=data, width=190, on_chosen_change=changed)
    return chosen


def choose_methods(
    subject: Subject,
    key: str = "inspect_methods",
    first: Sequence[str] = _FIRST,
    most: int = len(METHODS),
    help_text: str = "Each with the settings that it was given under Mistakes, else with its own.",
) -> list[str]:
    """A list of boxes to tick, `first` at the beginning and at most so many; the keys in METHODS of those ticked.

    They are kept as long as the session. One that this network can't serve is left out, and there again with another
    network.
    """
    ticks = f"{key}_ticked"
    able = [name for name, method in METHODS.items() if not method.unable(subject.anatomy)]
    ticked = st.session_state.get(ticks, first)
    chosen = [name for name in able if name in ticked][:most]

    def changed() -> None:
        if (names := st.session_state[key].chosen) is not None:
            st.session_state[ticks] = [
                name for name in METHODS if name in (names if name in able else ticked)
            ]

    data = {
        "label": "Methods",
        "help": help_text,
        "groups": _families(subject),
        "chosen": chosen,
        "most": most,
    }
    components.choices(key=key, data=data, on_chosen_change=changed)
    return chosen


def _families(subject: Subject) -> list[dict[str, object]]:
    """The table of methods as our components list it."""
    options = [
        (
            method.family,
            {
                "value": name,
                "name": method.name,
                "lacks": method.need.short if (why := method.unable(subject.anatomy)) else "",
                "why": why,
            },
        )
        for name, method in METHODS.items()
    ]
    return [
        {"name": family, "options": [option for _, option in members]}
        for family, members in groupby(options, key=lambda each: each[0])
    ]
