"""What the browser gets of a look, and of the images that are watched."""

import base64
import io

import numpy as np
import torch
from PIL import Image

from core.figures.epochs import LARGEST_SIDE, SHEET_COLUMNS, frame, look_figure, name
from core.training.looks import Look
from core.training.observations import ClassCounts, Kernels, Watched

COUNTS = ClassCounts(9, 1.0, 2.0, [[3, 1, 0], [0, 0, 0], [2, 0, 2]])


def test_a_look_by_hand() -> None:
    watched = Watched(9, 1.0, 2.0, [4, 5], [[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]])
    kernels = Kernels(9, 1.0, 2.0, "conv1", [1, 1, 1, 2], 0.5, base64.b64encode(bytes([127, 129])).decode())
    figure = look_figure(Look(COUNTS, watched, kernels))
    assert (figure["step"], figure["name"], figure["images"]) == (9, "epoch 1", 8)
    assert figure["accuracy"] == 5 / 8
    assert figure["recall"] == [0.75, None, 0.5]  # no image of the second class
    assert figure["cells"] == [0, 3, 1, 1, 6, 2, 8, 2]  # (place, count) of what is not empty
    assert (figure["predicted"], figure["sure"]) == ([1, 0], [0.7, 0.5])
    assert figure["kernels"] == {
        "layer": "conv1",
        "shape": [1, 1, 1, 2],
        "largest": 0.5,
        "levels": kernels.levels,
    }
    assert kernels.weights().ravel().tolist() == [0.5, -0.5]


def test_a_look_without_images_and_kernels() -> None:
    figure = look_figure(Look(COUNTS, None, None))
    assert (figure["predicted"], figure["sure"], figure["kernels"]) == ([], [], None)


def test_names() -> None:
    assert [name(epoch) for epoch in (0.0, 3.0, 3.4)] == ["before training", "epoch 3", "epoch 3.40"]


def decoded(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))


def test_the_sheet_has_the_images_in_their_order() -> None:
    pixels = torch.arange(7, dtype=torch.uint8)[:, None, None, None].expand(7, 1, 4, 4) * 30
    sheet = np.asarray(decoded(frame(["a", "b"], pixels, [0, 1])["sheet"]))
    assert sheet.shape == (8, 4 * SHEET_COLUMNS)
    assert sheet[0, ::4].tolist() == [0, 30, 60, 90, 120]
    assert sheet[4, ::4].tolist() == [150, 180, 0, 0, 0]


def test_large_images_in_colour_are_scaled_down_and_missing_ones_are_left_out() -> None:
    pixels = torch.randint(0, 256, (20, 3, 224, 224), dtype=torch.uint8)
    sheet = decoded(frame(["a"] * 102, pixels, [0] * 20)["sheet"])
    assert sheet.mode == "RGB" and sheet.size == (5 * LARGEST_SIDE, 4 * LARGEST_SIDE)
    assert frame(["a"], None, [])["sheet"] == ""
