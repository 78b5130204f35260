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
    black = torch.zeros(1, height, width, dtype=torch.uint8)
    button = f"Draw on {template_name}"
    return _canvas(key, black, template, button, blank=True, grey=255, pause=200)


def painted(key: str, image: Tensor) -> Tensor:
    """Draw a canvas with `image` (C, height, width) to paint on, black at first; returns uint8 of that shape."""
    return _canvas(key, image, image, "Unpainted again", blank=False, grey=0, pause=60)


def _canvas(
    key: str, first: Tensor, template: Tensor | None, button: str, blank: bool, grey: int, pause: int
) -> Tensor:
    """`first` is shown before the first stroke; `pause` in milliseconds between two messages of a stroke."""
    kept = f"{key}_pixels"
    shape = tuple(first.shape)
    state: Any = st.session_state.get(key) or {}
    sent = decoded(state.get("pixels"), shape[1], shape[2], shape[0])
    if sent is not None:
        st.session_state[kept] = sent
    pixels: Tensor = st.session_state.get(kept, first)
    if pixels.shape != shape:
        pixels = first
    data = {
        "channels": shape[0],
        "height": shape[1],
        "width": shape[2],
        "pixels": encoded(pixels),  # taken by the browser only where it has no drawing of its own
        "template": None if template is None else encoded(template),
        "templateText": button,
        "blank": blank,  # whether one may begin with black
        "grey": grey,  # of the brush at first
        "pause": pause,
    }
    _component(key=key, data=data, on_pixels_change=lambda: None)
    return pixels


def encoded(pixels: Tensor) -> str:
    """uint8 (C, H, W), channel by channel and row by row, in base64."""
    return base64.b64encode(pixels.contiguous().numpy().tobytes()).decode()


def decoded(text: object, height: int, width: int, channels: int = 1) -> Tensor | None:
    """What the browser sent, as uint8 (channels, height, width); None if that is no such image."""
    if not isinstance(text, str) or len(text) > 2 * channels * height * width + 8:
        return None
    try:
        values = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    if len(values) != channels * height * width:
        return None
    return torch.frombuffer(bytearray(values), dtype=torch.uint8).view(channels, height, width)
