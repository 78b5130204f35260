"""Sliders for a table of edits, which tell their values while they are moved."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.inspection.edits import Edit
from pages.inspect import components


def sliders(key: str, edits: Mapping[str, Edit]) -> dict[str, float]:
    """Draw them; the amount of each edit, 0 at first, kept as long as the session."""
    kept = f"{key}_amounts"
    state: Any = st.session_state.get(key) or {}
    sent = state.get("amounts")
    if isinstance(sent, dict):
        st.session_state[kept] = {
            name: float(sent[name]) for name in edits if isinstance(sent.get(name), int | float)
        }
    amounts: dict[str, float] = st.session_state.get(kept, {})
    data = {
        "sliders": [
            {
                "name": name,
                "label": edit.label,
                "low": edit.low,
                "high": edit.high,
                "step": edit.step,
                "unit": edit.unit,
                "title": edit.meaning,
                "value": amounts.get(name, 0),
            }
            for name, edit in edits.items()
        ]
    }
    components.sliders(key=key, data=data, on_amounts_change=lambda: None)
    return amounts
