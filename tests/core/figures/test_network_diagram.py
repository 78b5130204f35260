"""The drawing of a network: to scale, inside its frame, without overlaps."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given, settings

from core.figures.drawing import GROUP_COLOURS, Drawing, Mark
from core.figures.network_diagram import network_diagram
from core.networks.analysis import analyse
from core.networks.edit import append, replace_setting
from core.networks.gallery import EMPTY, GALLERY, NAMED_NETWORKS, GalleryNetwork
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


def drawn(drawing: Drawing) -> list[str]:
    """The layers that have a volume or a slab, in the order of the drawing."""
    titles = (mark.title for mark in drawing.marks if mark.attributes["class"] == "face front")
    return [title.split(" (")[0] for title in titles if not title.startswith("one image")]


@pytest.mark.parametrize("network", list(GALLERY.values()), ids=lambda network: network.spec.name)
def test_every_layer_of_the_gallery_is_drawn_once(network: GalleryNetwork) -> None:
    analysis = analyse(network.spec, network.image)
    assert drawn(network_diagram(analysis)) == [row.name for row in analysis.rows]


@settings(max_examples=60, deadline=None)
@given(spec=fitting())
def test_every_layer_is_drawn_once_and_every_block_has_a_frame_and_a_join(spec: NetworkSpec) -> None:
    rows = analyse(spec, IMAGE).rows
    drawing = draw(spec)
    assert drawn(drawing) == [row.name for row in rows]
    blocks = sorted(row.name for row in rows if row.branch_shapes)
    for attribute in ("data-frame", "data-layer"):
        assert (
            sorted(str(mark.attributes[attribute]) for mark in drawing.marks if attribute in mark.attributes)
            == blocks
        )


def test_x_goes_around_the_layers_of_a_residual_block_and_is_projected_where_shapes_differ() -> None:
    same = layer("Residual", (layer("Conv2d", out_channels=1, padding="same"),))
    other = layer("Residual", (layer("Conv2d", out_channels=8, stride=2, padding=1),))
    drawing = draw(NetworkSpec("x", (same, other)))
    assert texts(drawing, "title") == ["residual1: y = F(x) + x", "residual2: y = F(x) + W·x"]
    assert "x" in texts(drawing, "detail")
    assert "W·x  1 × 1, stride 2" in texts(drawing, "detail")


def test_a_concatenation_says_how_its_channels_add_up() -> None:
    convs = [(layer("Conv2d", out_channels=n, padding="same"),) for n in (8, 32)]
    drawing = draw(NetworkSpec("x", (layer("Parallel", *convs), layer("Skip", convs[0]))))
    assert texts(drawing, "join-sum") == ["8 + 32 = 40", "8 + 40 = 48"]


def test_branches_stand_one_above_the_other_on_one_scale() -> None:
    convs = [(layer("Conv2d", out_channels=n, padding="same"),) for n in (8, 32)]
    boxes = fronts(draw(NetworkSpec("x", (layer("Parallel", *convs),))))
    image, first, second, joined = [(min(y for _, y in box), max(y for _, y in box)) for box in boxes]
    assert first[1] < second[0]
    heights = {round(bottom - top, 1) for top, bottom in (image, first, second, joined)}
    assert max(heights) - min(heights) < 0.3


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


def test_a_volume_is_shaded_in_the_drawing_itself() -> None:
    """Not by a style of the page, which a saved drawing would lose."""
    drawing = draw(NetworkSpec("x", (layer("Conv2d"),)))
    faces = {
        str(mark.attributes["class"]): str(mark.attributes["fill"])
        for mark in drawing.marks
        if mark.title.startswith("conv1")
    }
    front, top, side = (
        [int(faces[f"face {face}"][i : i + 2], 16) for i in (1, 3, 5)] for face in ("front", "top", "side")
    )
    assert faces["face front"] == GROUP_COLOURS["Convolution"]
    assert sum(side) < sum(front) < sum(top)


def test_the_pointer_shows_how_the_numbers_come_about() -> None:
    drawing = draw(NetworkSpec("x", (layer("Conv2d", out_channels=20, kernel=5),)))
    (title,) = {mark.title for mark in drawing.marks if mark.title.startswith("conv1")}
    assert "⌊(28 + 2·0 − 5)/1⌋ + 1 = 24" in title
    assert "5·5·1·20 + 20 = 520" in title


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
                assert 18 <= y <= drawing.height - 40  # between the labels and the shapes
        elif mark.tag in ("text", "rect"):
            width, height = (float(mark.attributes.get(side, 0)) for side in ("width", "height"))
            assert 0 <= float(mark.attributes["x"]) <= drawing.width - width + 0.1
            assert 0 <= float(mark.attributes["y"]) <= drawing.height - height + 0.1
    assert all(mark.tag != "text" or mark.text for mark in drawing.marks)
    json.dumps(asdict(drawing), allow_nan=False)


@settings(max_examples=60, deadline=None)
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


def test_a_problem_within_a_block_leaves_its_frame_open() -> None:
    spec = NAMED_NETWORKS["Small ResNet"]
    place = next(row.place for row in analyse(spec, IMAGE).rows if row.name == "conv2")
    broken = analyse(replace_setting(spec, place, "kernel", 31), IMAGE)
    drawing = network_diagram(broken)
    (alarm,) = [mark for mark in drawing.marks if mark.attributes["class"] == "misfit"]
    assert alarm.title == broken.problems[0].sentence
    assert drawn(drawing) == [row.name for row in broken.rows]
    frames = [mark.attributes["data-frame"] for mark in drawing.marks if "data-frame" in mark.attributes]
    assert frames == ["residual1"]
    assert not [mark for mark in drawing.marks if mark.attributes["class"] == "sign"]  # nothing is joined
    known = {row.name for row in broken.rows}
    left = [row.name for row in analyse(spec, IMAGE).rows if row.name not in known | {"conv2", "residual1"}]
    assert f"and {len(left)} behind it" in texts(drawing, "detail")
    boxes_stay_inside(drawing)


def test_branches_that_cannot_be_joined_are_drawn_up_to_where_they_meet() -> None:
    block = layer("Parallel", (layer("Conv2d", kernel=3),), (layer("Conv2d", kernel=5),))
    drawing = draw(NetworkSpec("x", (block, layer("Flatten"), layer("Linear"))))
    assert drawn(drawing) == ["conv1", "conv2"]
    assert "parallel1" in texts(drawing, "label")
    assert "and 2 behind it" in texts(drawing, "detail")


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
