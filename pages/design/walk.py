"""The window walk: a playground where kernel, stride, padding and dilation are slid and the window walks."""

from pathlib import Path
from typing import Any

import streamlit as st
from torch import nn

from core.inspection.features import LayerFeatures
from pages.shared.glossary import meaning

ASSETS = Path(__file__).parents[2] / "assets" / "design"

_component = st.components.v2.component(
    "autograd_lab_walk",
    js=(ASSETS / "walk.js").read_text(encoding="utf-8"),
    css=(ASSETS / "walk.css").read_text(encoding="utf-8"),
)

TERMS = ("kernel", "stride", "padding", "dilation")


def walk(layer: LayerFeatures) -> None:
    """Draw the playground; the chosen layer's settings can be taken over. All of it runs in the browser."""
    st.subheader("Window walk", anchor=False)
    _component(
        key="walk", data={"layer": settings_of(layer), "meanings": {term: meaning(term) for term in TERMS}}
    )


def settings_of(layer: LayerFeatures) -> dict[str, Any] | None:
    """The layer's window and the size of its input, where it has one square window that slides."""
    module = layer.module
    if not isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) or layer.input.ndim != 3:
        return None
    values = {
        "kernel": module.kernel_size,
        "stride": module.stride,
        "padding": module.padding,
        "dilation": 1 if isinstance(module, nn.AvgPool2d) else module.dilation,
    }
    sides = {name: _side(value) for name, value in values.items()}
    height, width = layer.input.shape[1:]
    if height != width or None in sides.values():
        return None
    return {"name": layer.name, "size": height, **sides}


def _side(value: object) -> int | None:
    """One number for both axes; None where they differ, or where a word stands for it."""
    if isinstance(value, tuple):
        return value[0] if len(set(value)) == 1 else None
    return value if isinstance(value, int) else None
