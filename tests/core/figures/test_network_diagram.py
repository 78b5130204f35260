"""The drawing of a network: to scale, inside its frame, without overlaps."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings

from core.figures.network_diagram import GROUP_COLOURS, Drawing, Mark, network_diagram
from core.networks.analysis import analyse
from core.networks.edit import append
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.spec import NetworkSpec
from tests.core.networks.strategies import IMAGE, fitting


def draw(spec: NetworkSpec) -> Drawing:
    return network_diagram(analyse(spec, IMAGE))


def points(mark: Mark) -> list[tuple[float, float]]:
    pairs = (pair.split(",") for pair in str(mark.attributes["points"]).split())
    return [(float(x), float(y)) for x, y in pairs]


def fronts(drawing: Drawing) -> list[list[tuple[float, float]]]:
    return [points(mark) for mark in drawing.marks if mark.attributes["class"] == "face front"]


def texts(drawing: Drawing, name: str) -> list[str]:
    return [mark.text for mark in drawing.marks if str(mark.attributes["class"]).startswith(name)]


@pytest.mark.parametrize("spec", list(NAMED_NETWORKS.values()), ids=lambda spec: spec.name)
def test_every_layer_is_drawn_once(spec: NetworkSpec) -> None:
    drawing = draw(spec)
    assert len(fronts(drawing)) == 1 + len(spec.layers)  # the image, and a box or a slab a layer
    assert len(texts(drawing, "arrow")) == len(texts(drawing, "shape")) - 1


def test_labels_and_shapes() -> None:
    drawing = draw(NAMED_NETWORKS["LeNet"])
    labels = ["input", "conv1", "pool1", "conv2", "pool2", "flatten1", "linear1", "linear2"]
    assert texts(drawing, "label") == labels
    assert texts(drawing, "shape")[:3] == ["1 × 28 × 28", "20 × 24 × 24", "20 × 12 × 12"]
    assert texts(drawing, "detail")[:4] == ["5 × 5", "2 × 2", "5 × 5", "2 × 2"]


def test_feature_maps_are_to_scale() -> None:
    heights = [
        max(y for _, y in box) - min(y for _, y in box) for box in fronts(draw(NAMED_NETWORKS["LeNet"]))
    ]
    image, conv1, relu1, pool1 = heights[:4]
    assert conv1 / image == pytest.approx(24 / 28, abs=0.01)
    assert relu1 == conv1
    assert pool1 / image == pytest.approx(12 / 28, abs=0.01)


def test_thickness_grows_with_the_channels() -> None:
    def thickness(channels: int) -> float:
        spec = NetworkSpec("x", (layer("Conv2d", out_channels=channels), layer("Flatten"), layer("Linear")))
        box = fronts(draw(spec))[1]
        return max(x for x, _ in box) - min(x for x, _ in box)

    assert thickness(64) - thickness(16) == pytest.approx(2 * (thickness(16) - thickness(4)), abs=0.3)


def boxes_stay_inside(drawing: Drawing) -> None:
    for mark in drawing.marks:
        if mark.tag == "polygon":
            for x, y in points(mark):
                assert 0 <= x <= drawing.width
                assert 28 <= y <= drawing.height - 40  # between the labels and the shapes
        elif mark.tag in ("text", "rect"):
            assert 0 <= float(mark.attributes["x"]) <= drawing.width
            assert 0 <= float(mark.attributes["y"]) <= drawing.height
    assert all(mark.tag != "text" or mark.text for mark in drawing.marks)
    json.dumps(asdict(drawing), allow_nan=False)


@settings(max_examples=40, deadline=None)
@given(spec=fitting())
def test_any_network_stays_inside_its_frame(spec: NetworkSpec) -> None:
    boxes_stay_inside(draw(spec))


def test_extreme_sizes_stay_inside_too() -> None:
    boxes_stay_inside(draw(NetworkSpec("x", (layer("Conv2d", kernel=1, padding=15, out_channels=4096),))))
    boxes_stay_inside(draw(NetworkSpec("x", (layer("Flatten"), layer("Linear", out_features=65_536)))))
    boxes_stay_inside(network_diagram(analyse(NAMED_NETWORKS["Net_Linear"], (3, 4, 400))))
    boxes_stay_inside(network_diagram(analyse(NAMED_NETWORKS["Net_Linear"], (784,))))


def test_a_layer_that_does_not_fit_is_shown_and_those_behind_it_are_counted() -> None:
    layers = NAMED_NETWORKS["LeNet"].layers
    drawing = draw(NetworkSpec("x", (*layers[:6], layer("Conv2d", kernel=9), *layers[6:])))
    assert texts(drawing, "label")[-1] == "conv3"
    assert "and 4 behind it" in texts(drawing, "detail")
    assert "does not fit" in texts(drawing, "shape")
    boxes_stay_inside(drawing)


def test_the_empty_network_shows_the_image() -> None:
    drawing = draw(EMPTY)
    assert texts(drawing, "shape") == ["1 × 28 × 28"]
    assert "input 1 × 28 × 28" in drawing.description


def test_each_group_of_kinds_has_a_colour_of_its_own() -> None:
    assert {kind.group for kind in LAYER_KINDS.values()} == set(GROUP_COLOURS)
    assert len(set(GROUP_COLOURS.values())) == len(GROUP_COLOURS)


def test_what_stands_before_an_edit_stays_where_it_is() -> None:
    spec = NAMED_NETWORKS["LeNet"]
    before, after = fronts(draw(spec)), fronts(draw(append(spec, layer("Linear"))))
    assert after[: len(before)] == before
