import base64
import io
import struct
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.data.normalisation import Normalisation
from core.figures import feature_maps
from core.figures.feature_maps import class_scores, layer_figure, layer_list, packed, preview, scale
from core.figures.images import DIVERGING, SEQUENTIAL, rgb
from core.inspection.features import Features, LayerFeatures, features
from core.inspection.window import output_pixel, sliding_window
from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec


def unpacked(figure: dict[str, Any]) -> Tensor:
    """As the browser reads it, without torch: four bytes a number, the lowest first."""
    content = base64.b64decode(figure["values"])
    return torch.tensor(struct.unpack(f"<{len(content) // 4}f", content)).view(figure["shape"])


def through(module: nn.Module, image: Tensor) -> LayerFeatures:
    with torch.no_grad():
        return LayerFeatures("one", "one", module, image, module(image[None])[0])


def test_numbers_arrive_exactly() -> None:
    numbers = torch.randn(3, 4, 5)
    assert torch.equal(unpacked(packed(numbers)), numbers)
    assert torch.equal(unpacked(packed(numbers.transpose(0, 2))), numbers.transpose(0, 2))


@pytest.mark.parametrize(
    ("numbers", "signed", "extent"),
    [
        ([0.0, 2.0, 1.0], False, 2.0),
        ([-3.0, 2.0], True, 3.0),
        ([0.0, 0.0], False, 0.0),
        ([float("nan"), 1.0, float("-inf")], False, 1.0),
        ([float("nan")], False, 0.0),
    ],
)
def test_a_scale_has_two_sides_if_a_number_is_negative(
    numbers: list[float], signed: bool, extent: float
) -> None:
    assert scale(torch.tensor(numbers)) == {"signed": signed, "extent": extent}


def pixels_of(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))


def test_the_small_picture_is_the_strongest_map_on_the_layers_scale() -> None:
    maps = torch.zeros(3, 2, 2)
    maps[0], maps[1, 0, 1] = 0.1, -4.0
    picture = pixels_of(preview(maps))
    assert picture.size == (2, 2)
    assert picture.getpixel((1, 0)) == rgb(DIVERGING[0])  # −4, the end of the scale
    assert max(abs(a - b) for a, b in zip(picture.getpixel((0, 0)), rgb(DIVERGING[4]), strict=True)) <= 2
    row = pixels_of(preview(torch.tensor([0.0, 1.0, 2.0])))
    assert row.size == (3, 1) and row.getpixel((2, 0)) == rgb(SEQUENTIAL[-1])
    assert pixels_of(preview(torch.full((2, 3, 3), float("nan")))).size == (3, 3)


def arithmetic(figure: dict[str, Any], channel: int, row: int, column: int) -> float:
    """One output pixel by the browser's rule, from nothing but the figure."""
    sent, window = unpacked(figure["input"]), figure["window"]
    _, height, width = sent.shape
    read = [(y, x) for y in window["rows"][row] for x in window["columns"][column]]
    inside = [0 <= y < height and 0 <= x < width for y, x in read]
    start = window["starts"][channel] - figure["inputFirst"]

    def values(place: int) -> list[float]:
        own = sent[start + place]
        return [float(own[y, x]) if there else 0.0 for (y, x), there in zip(read, inside, strict=True)]

    if window["operation"] == "maximum":
        return max(value for value, there in zip(values(0), inside, strict=True) if there)
    if window["operation"] == "mean":
        return sum(values(0)) / (len(read) if window["countsPadding"] else sum(inside))
    weights = unpacked(figure["kernels"])[channel - figure["first"]].flatten(1)
    total = sum(
        float(w) * v
        for place in range(window["depth"])
        for w, v in zip(weights[place], values(place), strict=True)
    )
    return total + figure["kernels"]["bias"][channel - figure["first"]]


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(4, 6, 3, stride=2, padding=1),
        nn.Conv2d(4, 6, (2, 3), padding="same", dilation=2, bias=False),
        nn.Conv2d(4, 8, 3, groups=4),
        nn.MaxPool2d(3, 2, 1),
        nn.AvgPool2d(3, 2, 1, count_include_pad=False),
        nn.AdaptiveAvgPool2d((3, 2)),
    ],
)
def test_the_browser_can_take_every_pixel_apart(module: nn.Module) -> None:
    found = through(module, torch.randn(4, 9, 8))
    figure = layer_figure(found, "Kind", "")
    window = sliding_window(module, (4, 9, 8), tuple(found.output.shape))
    assert window is not None
    channels, height, width = found.output.shape
    for channel in range(channels):
        for row in range(height):
            for column in range(width):
                expected = float(found.output[channel, row, column])
                assert arithmetic(figure, channel, row, column) == pytest.approx(expected, abs=1e-5)
                assert output_pixel(window, found.input, channel, row, column).value == pytest.approx(
                    expected, abs=1e-5
                )


@pytest.mark.parametrize(("groups", "first_input"), [(1, 0), (12, 4)])
def test_a_wide_layer_comes_a_page_at_a_time(
    groups: int, first_input: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_maps, "MOST_CHANNELS", 4)
    found = through(nn.Conv2d(12, 12, 3, groups=groups), torch.randn(12, 6, 6))
    figure = layer_figure(found, "Conv2d", "", first=6)  # lies on the page of channels 4 to 7
    assert (figure["first"], figure["atOnce"], figure["channels"]) == (4, 4, 12)
    assert torch.equal(unpacked(figure["output"]), found.output[4:8])
    assert figure["inputFirst"] == first_input
    assert arithmetic(figure, 7, 3, 2) == pytest.approx(float(found.output[7, 3, 2]), abs=1e-5)
    assert layer_figure(found, "Conv2d", "", first=99)["first"] == 0


def test_of_a_very_wide_input_only_its_first_channels_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_maps, "MOST_INPUTS", 3 * 36)
    figure = layer_figure(through(nn.Conv2d(12, 2, 3), torch.randn(12, 6, 6)), "Conv2d", "")
    assert figure["input"]["shape"] == [3, 6, 6] and figure["inputs"] == 12
    assert figure["kernels"]["shape"] == [2, 3, 3, 3] and figure["window"]["depth"] == 12


def test_rows_that_the_stride_drops_are_named() -> None:
    figure = layer_figure(through(nn.MaxPool2d(2), torch.randn(1, 7, 6)), "MaxPool2d", "")
    assert figure["window"]["unread"] == {"rows": [6], "columns": []}


def test_a_linear_layer_reads_the_maps_before_it_was_flattened() -> None:
    maps = torch.randn(2, 3, 3)
    module = nn.Linear(18, 5)
    with torch.no_grad():
        found = LayerFeatures(
            "linear1", "linear1", module, maps.flatten(), module(maps.flatten()), maps=(2, 3, 3)
        )
    figure = layer_figure(found, "Linear", "")
    assert figure["change"] == "2 × 3 × 3 → 5" and figure["flat"]
    assert figure["kernels"]["shape"] == [5, 2, 3, 3]
    assert arithmetic(figure, 3, 0, 0) == pytest.approx(float(found.output[3]), abs=1e-5)


def test_an_elementwise_layer_has_no_window_and_a_block_neither() -> None:
    image = torch.randn(3, 4, 4)
    relu = layer_figure(through(nn.ReLU(), image), "ReLU", "")
    assert relu["window"] is None and relu["kernels"] is None and relu["elementwise"]
    flattened = layer_figure(through(nn.Flatten(), image), "Flatten", "")
    assert not flattened["elementwise"] and flattened["flat"]


def test_the_list_nests_what_lies_in_a_block() -> None:
    spec = NetworkSpec(
        "nested",
        (
            layer("SeparableConv2d", out_channels=2),
            layer("Residual", (layer("Conv2d", out_channels=3, padding=1),)),
            layer("Flatten"),
            layer("Linear"),
        ),
    )
    rows = analyse(spec, (1, 8, 8)).rows
    found: Features = features(
        build(spec, (1, 8, 8)), rows, torch.zeros(1, 8, 8, dtype=torch.uint8), Normalisation((0.0,), (1.0,))
    )
    shown = [(each["label"], each["kind"], each["depth"], each["shape"]) for each in layer_list(found, rows)]
    assert shown == [
        ("depthwise", "Conv2d", 1, "1 × 6 × 6"),
        ("pointwise", "Conv2d", 1, "2 × 6 × 6"),
        ("sepconv1", "SeparableConv2d", 0, "2 × 6 × 6"),
        ("conv1", "Conv2d", 1, "3 × 6 × 6"),
        ("shortcut", "Conv2d", 1, "3 × 6 × 6"),
        ("residual1", "Residual", 0, "3 × 6 × 6"),
        ("flatten1", "Flatten", 0, "108"),
        ("linear1", "Linear", 0, "10"),
    ]


def test_the_last_layer_has_a_probability_for_each_class() -> None:
    # e⁰ : e^ln3 = 1 : 3
    scores = class_scores(torch.tensor([0.0, 1.0986123]), nn.Linear(1, 2), ("cat", "dog"))
    assert scores is not None
    assert [(one["name"], round(one["probability"], 5)) for one in scores] == [("cat", 0.25), ("dog", 0.75)]
    given = class_scores(torch.tensor([0.25, 0.75]), nn.Softmax(dim=1), ("cat", "dog"))
    assert given is not None and [one["probability"] for one in given] == [0.25, 0.75]
    assert class_scores(torch.zeros(3), nn.Linear(1, 3), ("cat", "dog")) is None
