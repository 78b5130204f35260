"""The canvas: what Python makes of what the browser says."""

import base64
import json
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import Tensor

from pages.shared.canvas import decoded, encoded


def draw() -> None:
    import streamlit as st
    import torch

    from pages.shared.canvas import canvas

    if st.toggle("shown", True):
        template = torch.full((1, 3, 4), 9, dtype=torch.uint8)
        pixels = canvas("mine", 3, 4, template, "the nine")
        st.session_state["seen"] = pixels.tolist()


def sent(app: AppTest) -> dict[str, Any]:
    (element,) = app.get("bidi_component")
    data: dict[str, Any] = json.loads(element.proto.json)
    return data


def pixels(*greys: int) -> Tensor:
    return torch.tensor(greys, dtype=torch.uint8).view(1, 3, 4)


def test_before_the_first_stroke_it_is_black() -> None:
    app = AppTest.from_function(draw).run()
    assert not app.exception
    assert app.session_state["seen"] == [[[0] * 4] * 3]
    data = sent(app)
    assert (data["height"], data["width"]) == (3, 4)
    assert (
        base64.b64decode(data["template"]) == bytes([9] * 12) and data["templateText"] == "Draw on the nine"
    )


def test_it_returns_what_was_drawn_and_keeps_it_while_it_is_not_shown() -> None:
    app = AppTest.from_function(draw).run()
    drawing = pixels(*range(0, 240, 20))
    app.session_state["mine"] = {"pixels": base64.b64encode(bytes(range(0, 240, 20))).decode()}
    app.run()
    assert app.session_state["seen"] == drawing.tolist()
    app.toggle[0].set_value(False).run()
    app.toggle[0].set_value(True).run()
    assert not app.exception
    assert app.session_state["seen"] == drawing.tolist()
    assert sent(app)["pixels"] == encoded(drawing)  # so that the browser begins with it again


@pytest.mark.parametrize(
    "wrong", [None, 7, "", "not base64!", base64.b64encode(bytes(11)).decode(), "A" * 10_000_000, ["AAAA"]]
)
def test_what_is_no_such_image_is_not_taken(wrong: object) -> None:
    assert decoded(wrong, 3, 4) is None
    app = AppTest.from_function(draw).run()
    app.session_state["mine"] = {"pixels": wrong}
    app.run()
    assert not app.exception
    assert app.session_state["seen"] == [[[0] * 4] * 3]


def test_pixels_survive_the_way_there_and_back() -> None:
    image = torch.randint(0, 256, (1, 28, 28), dtype=torch.uint8)
    again = decoded(encoded(image), 28, 28)
    assert again is not None and torch.equal(again, image)
    again[0, 0, 0] = 1  # a tensor of its own
