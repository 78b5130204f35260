"""The picture holds every node once, joins what is joined, and runs no way through a box."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.network_backward.picture import network_backward
from core.figures.network_backward.words import parameter_name
from core.networks.analysis import analyse
from core.networks.backward_graph import backward_graph
from core.networks.gallery import GALLERY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, Shape, SpecError
from tests.core.networks.strategies import fitting

IMAGE = (1, 28, 28)
Picture = dict[str, Any]
Point = tuple[float, float]


def picture(
    spec: NetworkSpec, level: str = "layers", toggled: tuple[str, ...] = (), image: Shape = IMAGE
) -> Picture:
    return network_backward(analyse(spec, image), backward_graph(spec, image), level, toggled)


def box(drawn: Picture, key: str) -> Any:
    return next(each for each in (*drawn["boxes"], *drawn["frames"]) if each["key"] == key)


def points(path: str) -> list[Point]:
    """Points along an SVG path of M, L, C and Q."""
    found: list[Point] = []
    for sign, text in re.findall(r"([MLCQ])([^MLCQ]*)", path):
        numbers = [float(number) for number in text.split()]
        bends = [found[-1] if found else (0.0, 0.0), *zip(numbers[::2], numbers[1::2], strict=True)]
        if sign == "M":
            found.append(bends[1])
            continue
        for i in range(1, 13):
            here = list(bends)
            while len(here) > 1:  # de Casteljau
                here = [
                    (a[0] + (b[0] - a[0]) * i / 12, a[1] + (b[1] - a[1]) * i / 12) for a, b in pairwise(here)
                ]
            found.append(here[0])
    return found


def on_border(each: Any, point: Point, near: float = 0.3) -> bool:
    x, y = point[0] - each["x"], point[1] - each["y"]
    within = -near <= x <= each["width"] + near and -near <= y <= each["height"] + near
    sides = (abs(x), abs(x - each["width"]), abs(y), abs(y - each["height"]))
    return within and min(sides) <= near


def inside(each: Any, point: Point) -> bool:
    x, y = point[0] - each["x"], point[1] - each["y"]
    return bool(0.5 < x < each["width"] - 0.5 and 0.5 < y < each["height"] - 0.5)


def check(drawn: Picture) -> None:
    boxes = drawn["boxes"]
    # every node in one box
    counts = Counter(number for each in boxes for number in each["nodes"])
    assert set(counts.values()) == {1}
    # no two boxes overlap, and all are in the picture and in the frames that hold their nodes
    for i, one in enumerate(boxes):
        assert one["x"] >= -0.1 and one["x"] + one["width"] <= drawn["width"] + 0.1
        assert one["y"] >= -0.1 and one["y"] + one["height"] <= drawn["height"] + 0.1
        for other in boxes[i + 1 :]:
            apart = [
                one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at]
                for at, size in (("x", "width"), ("y", "height"))
            ]
            assert any(apart), (one["key"], other["key"])
    for frame in drawn["frames"]:
        for each in boxes:
            held = set(each["nodes"]) <= set(frame["nodes"])
            assert held == inside(frame, (each["x"] + each["width"] / 2, each["y"] + each["height"] / 2))
    # every way from box to box is there, in pieces that join, and runs through no box
    holder = {number: each for each in boxes for number in each["nodes"]}
    pieces: dict[tuple[int, int], list[list[Point]]] = {}
    for edge in drawn["edges"]:
        route = points(edge["curve"])
        assert not any(inside(each, point) for each in boxes for point in route), edge
        for link in edge["links"]:
            pieces.setdefault(tuple(link), []).append(route)
    for (start, end), routes in pieces.items():
        left = list(routes)
        way = next(route for route in left if on_border(holder[start], route[0]))
        left.remove(way)
        while left:
            onwards = next(
                route for route in left if abs(route[0][0] - way[-1][0]) + abs(route[0][1] - way[-1][1]) < 0.4
            )
            left.remove(onwards)
            way = onwards
        assert on_border(holder[end], way[-1])


@pytest.mark.parametrize("level", ["blocks", "layers", "nodes"])
@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_is_drawn(name: str, level: str) -> None:
    spec, image = GALLERY[name].spec, GALLERY[name].image
    drawn = picture(spec, level, image=image)
    check(drawn)
    graph = backward_graph(spec, image)
    expected = {(i, each.target) for i, node in enumerate(graph.nodes) for each in node.handed}
    if level == "nodes":
        assert {tuple(link) for edge in drawn["edges"] for link in edge["links"]} >= {
            link for link in expected if link[1] is not None
        }
        assert len([each for each in drawn["boxes"] if each["kind"] in ("node", "leaf")]) == len(graph.nodes)
    for each in (*drawn["boxes"], *drawn["frames"]):
        assert drawn["cards"][each["key"]]["title"]


@settings(max_examples=40, deadline=None)
@given(fitting(), st.sampled_from(["blocks", "layers", "nodes"]), st.data())
def test_any_network_is_drawn_whatever_is_open(spec: NetworkSpec, level: str, data: st.DataObject) -> None:
    try:
        whole = picture(spec, "nodes")
    except SpecError:  # PyTorch refuses to run it
        return
    keys = [each["key"] for each in (*whole["frames"], *whole["boxes"])]
    toggled = data.draw(st.lists(st.sampled_from(keys), max_size=4, unique=True))
    check(picture(spec, level, tuple(toggled)))


def test_a_layer_is_a_box_until_it_is_opened() -> None:
    spec = NAMED_NETWORKS["LeNet"]
    closed = picture(spec)
    conv2 = box(closed, "conv2")
    assert (conv2["tag"], conv2["code"]) == ("Conv2d", "g 2 × 50 × 8 × 8")
    assert conv2["lines"] == [("25,050 parameters", "3 nodes")]
    assert [each["kind"] for each in closed["boxes"]].count("layer") == 10

    opened = picture(spec, toggled=("conv2",))
    assert [frame["key"] for frame in opened["frames"]] == ["conv2"]
    inner = [each for each in opened["boxes"] if set(each["nodes"]) <= set(conv2["nodes"])]
    assert [each["title"] for each in inner] == ["ConvolutionBackward0", "AccumulateGrad", "AccumulateGrad"]
    assert [each["code"] for each in inner] == ["g 2 × 50 × 8 × 8", "conv2.weight", "conv2.bias"]
    assert inner[0]["lines"][0] == ("saved input", "2 × 20 × 12 × 12 · 22.5 KiB")
    assert inner[1]["lines"] == [("adds to .grad", "50 × 20 × 5 × 5")]
    node, weight, bias = (each["x"] + each["width"] / 2 for each in inner)
    frame = opened["frames"][0]
    assert weight < node < bias and node == pytest.approx(frame["x"] + frame["width"] / 2, abs=0.2)


def test_opening_moves_only_what_stands_below_or_beside() -> None:
    spec = NAMED_NETWORKS["LeNet"]
    closed, opened = picture(spec), picture(spec, toggled=("pool2",))

    def place(drawn: Picture, key: str) -> Point:
        each, middle = box(drawn, key), box(drawn, "pool2")
        return (
            round(each["x"] + each["width"] / 2 - middle["x"] - middle["width"] / 2, 1),
            round(each["y"] - middle["y"], 1),
        )

    column = box(closed, "pool2")["x"]
    above = [
        each["key"]
        for each in closed["boxes"]
        if abs(each["x"] - column) < 60 and each["y"] < box(closed, "pool2")["y"]
    ]
    assert above
    assert [place(closed, key) for key in above] == [place(opened, key) for key in above]
    left = [each["key"] for each in closed["boxes"] if each["x"] < column - 150]
    assert {box(closed, key)["y"] for key in left} == {box(opened, key)["y"] for key in left}


RESIDUAL = NetworkSpec(
    "residual",
    (
        layer("Conv2d", out_channels=4, padding=1),
        layer("Residual", (layer("Conv2d", out_channels=4, padding=1), layer("ReLU"))),
        layer("GlobalAvgPool"),
        layer("Flatten"),
        layer("Linear"),
    ),
)


def test_a_residual_block_is_two_ways_that_part_at_the_addition_and_meet_again() -> None:
    drawn = picture(RESIDUAL)
    add = next(each for each in drawn["boxes"] if each["title"] == "AddBackward0")
    leaving = [points(edge["curve"]) for edge in drawn["edges"]]
    leaving = [route for route in leaving if on_border(add, route[0]) and route[0][1] > add["y"] + 1]
    assert len(leaving) == 2
    (meeting,) = drawn["sums"]
    assert meeting["count"] == 2
    reach = [points(edge["curve"]) for edge in drawn["edges"]]
    arriving = [r for r in reach if abs(r[-1][0] - meeting["x"]) + abs(r[-1][1] - meeting["y"]) < 1]
    assert len(arriving) == 2
    # closed, the block is one box with all that is in it
    closed = box(picture(RESIDUAL, "blocks"), "residual1")
    assert closed["lines"] == [("148 parameters", "5 nodes")]  # add, relu, convolution and its two parameters
    assert picture(RESIDUAL, "blocks")["sums"] == []


def test_no_sum_where_no_gradient_goes() -> None:
    first = NetworkSpec(
        "first",
        (layer("Parallel", (layer("Conv2d"),), (layer("Conv2d"),)), layer("Flatten"), layer("Linear")),
    )
    drawn = picture(first)
    assert drawn["sums"] == [] and any(edge["kind"] == "none" for edge in drawn["edges"])


def test_what_is_shown_at_first_fits_the_network() -> None:
    assert picture(NAMED_NETWORKS["LeNet"], "")["level"] == "layers"
    assert picture(NAMED_NETWORKS["LeNet"], "blocks")["level"] == "layers"  # it has none
    assert picture(NAMED_NETWORKS["Small ResNet"], "")["level"] == "layers"
    assert picture(NAMED_NETWORKS["ResNet-18"], "")["level"] == "blocks"


def test_of_a_frozen_network_only_the_head_is_there() -> None:
    drawn = picture(replace(NAMED_NETWORKS["LeNet"], frozen=True))
    assert [each["key"] for each in drawn["boxes"]] == ["output", "linear2", "end"]
    assert (box(drawn, "end")["title"], box(drawn, "end")["code"]) == ("output of relu3", "2 × 500")
    assert box(picture(NAMED_NETWORKS["LeNet"]), "end")["title"] == "image"


def test_layers_without_nodes_are_named_in_the_overview() -> None:
    drawn = picture(NAMED_NETWORKS["Net_Linear"])
    assert [each["key"] for each in drawn["boxes"]] == ["output", "linear1", "end"]
    assert (box(drawn, "end")["title"], box(drawn, "end")["code"]) == ("output of flatten1", "2 × 784")
    assert any(
        block.get("text", "").startswith("No node: flatten1.") for block in drawn["overview"]["blocks"]
    )


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("conv1.weight", "conv1.weight"),
        ("residual1.body.conv2.bias", "conv2.bias"),
        ("residual1.shortcut.0.weight", "shortcut.0.weight"),
    ],
)
def test_a_parameter_has_the_name_of_its_layer(path: str, name: str) -> None:
    assert parameter_name(path) == name
