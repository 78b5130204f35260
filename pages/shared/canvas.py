"""A canvas to draw a small grey image on, by mouse, touch or pen."""

import base64
import binascii
from pathlib import Path
from typing import Any

import streamlit as st
import torch
from torch import Tensor

ASSETS = Path(__file__).parents[2] / "assets" / "shared"

_component = st.components.v2.component(
    "autograd_lab_canvas",
    js=(ASSETS / "canvas.js").read_text(encoding="utf-8"),
    css=(ASSETS / "canvas.css").read_text(encoding="utf-8"),
)


def canvas(
    key: str,
    height: int = 28,
    width: int = 28,
    template: Tensor | None = None,
    template_name: str = "",
) -> Tensor:
    """Draw the canvas; returns uint8 (1, height, width), white strokes on black, all 0 before the first.

    The drawing lasts as long as the session, also while the canvas is not shown. `template` (1, height, width)
    is an image that a person may draw on, called `template_name` on the button that puts it there.
    """
    kept = f"{key}_pixels"
    state: Any = st.session_state.get(key) or {}
    sent = decoded(state.get("pixels"), height, width)
    if sent is not None:
        st.session_state[kept] = sent
    pixels: Tensor = st.session_state.get(kept, torch.zeros(1, height, width, dtype=torch.uint8))
    if pixels.shape != (1, height, width):
        pixels = torch.zeros(1, height, width, dtype=torch.uint8)
    data = {
        "height": height,
        "width": width,
        "pixels": encoded(pixels),  # taken by the browser only where it has no drawing of its own
        "template": None if template is None else encoded(template),
        "templateName": template_name,
    }
    _component(key=key, data=data, on_pixels_change=lambda: None)
    return pixels


def encoded(pixels: Tensor) -> str:
    """uint8 (1, H, W), row by row, in base64."""
    return base64.b64encode(pixels.contiguous().numpy().tobytes()).decode()


def decoded(text: object, height: int, width: int) -> Tensor | None:
    """What the browser sent, as uint8 (1, height, width); None if that is no such image."""
    if not isinstance(text, str) or len(text) > 2 * height * width + 8:
        return None
    try:
        values = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    if len(values) != height * width:
        return None
    return torch.frombuffer(bytearray(values), dtype=torch.uint8).view(1, height, width)
