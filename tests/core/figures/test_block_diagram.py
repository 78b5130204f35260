"""The block diagram: a box a layer, no two over one another, arrows as the layers are connected."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import combinations

import pytest
from hypothesis import given, settings

from core.figures.block_diagram import block_diagram
from core.figures.drawing import Drawing
from core.networks.analysis import analyse
from core.networks.edit import replace_setting
from core.networks.gallery import GALLERY, NAMED_NETWORKS, GalleryNetwork
from core.networks.kinds import layer
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, NetworkSpec, Place
from tests.core.networks.strategies import IMAGE, fitting


@dataclass(frozen=True)
class Box:
    name: str
    left: float
    top: float
    right: float
    bottom: float

    def near(self, x: float, y: float) -> bool:
        return self.left - 5 <= x <= self.right + 5 and self.top - 5 <= y <= self.bottom + 5


def draw(*layers: LayerSpec) -> Drawing:
    return block_diagram(analyse(NetworkSpec("x", layers), IMAGE))


def boxes(drawing: Drawing, attribute: str = "data-layer") -> list[Box]:
    found = []
    for mark in drawing.marks:
        if attribute in mark.attributes:
            x, y, width, height = (float(mark.attributes[name]) for name in ("x", "y", "width", "height"))
            found.append(Box(str(mark.attributes[attribute]), x, y, x + width, y + height))
    return found


def forks(drawing: Drawing) -> list[Box]:
    """Where x goes several ways, called after the innermost frame it stands in."""
    frames = boxes(drawing, "data-frame")
    found = []
    for mark in drawing.marks:
        if mark.attributes["class"] == "fork":
            x, y = float(mark.attributes["cx"]), float(mark.attributes["cy"])
            around = [frame for frame in frames if frame.near(x, y)]
            inner = min(around, key=lambda frame: frame.right - frame.left)
            found.append(Box(f"x of {inner.name}", x - 1, y - 1, x + 1, y + 1))
    return found


def texts(drawing: Drawing, name: str) -> list[str]:
    return [mark.text for mark in drawing.marks if str(mark.attributes["class"]).split()[0] == name]


def connections(drawing: Drawing) -> list[tuple[str, str]]:
    """What the lines connect, read off their ends."""
    nodes = [*boxes(drawing), *forks(drawing)]
    found = []
    for mark in drawing.marks:
        if str(mark.attributes["class"]).startswith("arrow"):
            strokes = re.findall(r"M([^M]*)", str(mark.attributes["d"]))
            numbers = [float(n) for n in re.findall(r"-?[\d.]+", strokes[0])]
            (start,) = [node.name for node in nodes if node.near(*numbers[:2])]
            (end,) = [node.name for node in nodes if node.near(*numbers[-2:])]
            found.append((start, end))
    return sorted(found)


def expected(layers: tuple[LayerSpec, ...], rows: tuple[LayerRow, ...]) -> list[tuple[str, str]]:
    """The same, from the spec."""
    names = {row.place: row for row in rows}

    def through(layers: tuple[LayerSpec, ...], before: Place, source: str) -> Iterator[tuple[str, str]]:
        """Yields the connections, and returns where the last one ends."""
        for index, one in enumerate(layers):
            row = names[(*before, index)]
            if one.kind not in ("Residual", "Skip", "Parallel"):
                yield source, row.name
                source = row.name
                continue
            fork = f"x of {row.name}"
            yield source, fork
            for number, branch in enumerate(one.branches):
                end = yield from through(branch, (*row.place, number), fork)
                yield end, row.name
            if one.kind == "Residual" and row.parameters:
                yield fork, f"{row.name} projection"
                yield f"{row.name} projection", row.name
            elif one.kind != "Parallel":
                yield fork, row.name
            source = row.name
        return source

    return sorted(through(layers, (), "input"))


def looks_right(spec: NetworkSpec, drawing: Drawing, rows: tuple[LayerRow, ...]) -> None:
    placed = boxes(drawing)
    names = [box.name for box in placed if not box.name.endswith("projection")]
    assert sorted(names) == sorted(["input", *(row.name for row in rows)])
    for one, other in combinations(placed, 2):
        apart = one.right <= other.left or other.right <= one.left
        assert apart or one.bottom <= other.top or other.bottom <= one.top, (one, other)
    frames = boxes(drawing, "data-frame")
    for box in [*placed, *frames]:
        assert 0 <= box.left < box.right <= drawing.width + 0.1
        assert 0 <= box.top < box.bottom <= drawing.height + 0.1
    for one, other in combinations(frames, 2):  # beside one another, or one within the other
        apart = one.right <= other.left or other.right <= one.left
        above = one.bottom <= other.top or other.bottom <= one.top
        assert apart or above or one.left < other.left < other.right < one.right
    json.dumps(asdict(drawing), allow_nan=False)


@settings(max_examples=80, deadline=None)
@given(spec=fitting())
def test_any_network_is_drawn_once_without_overlaps_and_as_it_is_connected(spec: NetworkSpec) -> None:
    analysis = analyse(spec, IMAGE)
    drawing = block_diagram(analysis)
    looks_right(spec, drawing, analysis.rows)
    assert connections(drawing) == expected(spec.layers, analysis.rows)


@pytest.mark.parametrize("network", list(GALLERY.values()), ids=lambda network: network.spec.name)
def test_the_gallery_is_drawn_as_it_is_connected(network: GalleryNetwork) -> None:
    analysis = analyse(network.spec, network.image)
    drawing = block_diagram(analysis)
    looks_right(network.spec, drawing, analysis.rows)
    assert connections(drawing) == expected(network.spec.layers, analysis.rows)


def conv(channels: int) -> LayerSpec:
    return layer("Conv2d", out_channels=channels, kernel=3, padding="same")


def test_two_ways_lead_into_the_sum_of_a_residual_block() -> None:
    drawing = draw(layer("Residual", (conv(1), layer("ReLU"))), layer("Flatten"))
    assert connections(drawing) == [
        ("conv1", "relu1"),
        ("input", "x of residual1"),
        ("relu1", "residual1"),
        ("residual1", "flatten1"),
        ("x of residual1", "conv1"),
        ("x of residual1", "residual1"),
    ]
    assert texts(drawing, "title") == ["residual1: y = F(x) + x"]
    assert texts(drawing, "join-word") == []


def test_a_projection_stands_on_the_way_around() -> None:
    drawing = draw(layer("Residual", (conv(8),)))
    assert ("x of residual1", "residual1 projection") in connections(drawing)
    assert "W·x" in texts(drawing, "label")
    assert "16 parameters" in texts(drawing, "detail")  # 1·8 + 8


def test_concatenations_count_their_channels_in_their_order() -> None:
    drawing = draw(layer("Parallel", (conv(8),), (conv(32),), ()), layer("Skip", (conv(4),)))
    assert texts(drawing, "join-sum") == ["8 + 32 + 1 = 41", "4 + 41 = 45"]
    assert texts(drawing, "join-word") == ["concat", "concat"]
    assert ("x of parallel1", "parallel1") in connections(drawing)  # the empty branch


def test_a_box_says_what_there_is_to_know() -> None:
    drawing = draw(layer("Conv2d", out_channels=6, kernel=5, stride=2, padding=1), layer("Dropout", p=0.25))
    assert texts(drawing, "label") == ["input", "conv1", "dropout1"]
    assert texts(drawing, "shape") == ["1 × 28 × 28", "6 × 13 × 13", "6 × 13 × 13"]
    words = texts(drawing, "detail")
    assert words[1:4] == ["Conv2d 5 × 5, stride 2, padding 1", "156 parameters", "Dropout p = 0.25"]


def test_what_does_not_fit_is_red_and_what_stands_behind_it_faint() -> None:
    spec = NAMED_NETWORKS["Small ResNet"]
    rows = analyse(spec, IMAGE).rows
    place = next(row.place for row in rows if row.name == "conv2")
    broken = analyse(replace_setting(spec, place, "kernel", 31), IMAGE)
    drawing = block_diagram(broken)
    looks_right(spec, drawing, tuple(row for row in rows))  # all are there, fitting or not
    (wrong,) = [mark for mark in drawing.marks if "misfit" in str(mark.attributes["class"])]
    assert (wrong.attributes["data-layer"], wrong.title) == ("conv2", broken.problems[0].sentence)
    faint = {
        mark.attributes["data-layer"]
        for mark in drawing.marks
        if "faint" in str(mark.attributes["class"]) and "data-layer" in mark.attributes
    }
    known = {row.name for row in broken.rows}
    assert faint == {row.name for row in rows} - known - {"conv2"}


def test_branches_that_cannot_be_joined_have_a_red_join() -> None:
    drawing = draw(layer("Parallel", (layer("Conv2d", kernel=3),), (layer("Conv2d", kernel=5),)))
    (wrong,) = [mark for mark in drawing.marks if "misfit" in str(mark.attributes["class"])]
    assert wrong.attributes["data-layer"] == "parallel1"
    assert "does not fit" in texts(drawing, "wrong")


def test_disabled_layers_are_left_out() -> None:
    off = LayerSpec("ReLU", enabled=False)
    assert [box.name for box in boxes(draw(off, layer("Flatten"), layer("Linear")))] == [
        "input",
        "flatten1",
        "linear1",
    ]


def test_resnet_18_is_drawn_quickly() -> None:
    analysis = analyse(NAMED_NETWORKS["ResNet-18"], IMAGE)
    block_diagram.cache_clear()
    start = time.perf_counter()
    block_diagram(analysis)
    taken = 1000 * (time.perf_counter() - start)
    print(f"ResNet-18 as blocks: {taken:.1f} ms")
    assert taken < 150  # ten times what it may take
