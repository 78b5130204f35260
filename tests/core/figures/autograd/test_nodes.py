"""The PyTorch view: tensors, backward nodes, and how they hang together."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run
from core.figures.autograd.film import film

EXAMPLES = sorted((Path(__file__).parents[4] / "assets" / "autograd" / "examples").glob("*.py"))
PRODUCT = """\
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0)
c = a * b
c.backward()
"""


def shown(source: str) -> dict[str, Any]:
    trace = run(source)
    return film(trace, check_all(trace))


def arrows(view: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    titles = [box["title"] for box in view["boxes"]]
    return [(titles[edge["start"]], titles[edge["end"]]) for edge in view["edges"] if edge["kind"] == kind]


def state_at(picture: dict[str, Any], step: int) -> dict[str, Any]:
    state: dict[str, Any] = {}
    for each in picture["steps"][: step + 1]:
        for change in each["set"]:
            table = change["table"]
            state[change["key"]] = None if table is None else picture["tables"][table]["cells"]
    return state


def test_the_product_is_drawn_as_pytorch_keeps_it() -> None:
    view = shown(PRODUCT)["views"]["pytorch"]
    assert [(box["title"], box["tag"]) for box in view["boxes"]] == [
        ("a", "tensor"), ("b", "tensor"), ("c", "tensor"),
        ("AccumulateGrad", "node"), ("MulBackward0", "node"),
    ]  # fmt: skip
    assert arrows(view, "data") == [("a", "c"), ("b", "c")]
    assert arrows(view, "grad_fn") == [("c", "MulBackward0")]
    assert arrows(view, "next") == [("MulBackward0", "AccumulateGrad")]
    assert arrows(view, "variable") == [("AccumulateGrad", "a")]


def test_tensors_say_their_attributes() -> None:
    boxes = {box["title"]: dict(box["lines"]) for box in shown(PRODUCT)["views"]["pytorch"]["boxes"]}
    assert boxes["a"] == {"requires_grad": "True", "is_leaf": "True", "grad_fn": "None", "version": "0"}
    assert boxes["b"] == {
        "grad": "None", "requires_grad": "False", "is_leaf": "True", "grad_fn": "None", "version": "0",
    }  # fmt: skip
    assert boxes["c"] == {
        "grad": "None", "requires_grad": "True", "is_leaf": "False", "grad_fn": "MulBackward0",
        "version": "0",
    }  # fmt: skip


def test_an_in_place_change_counts_the_version_up() -> None:
    view = shown("x = torch.ones(2)\nx.add_(1)\nx.mul_(2)\n")["views"]["pytorch"]
    assert [dict(box["lines"])["version"] for box in view["boxes"]] == ["0", "1", "2"]


def test_nodes_show_their_saved_tensors_by_the_names_of_the_program() -> None:
    # b's product needs a, but only where b requires a gradient: here MulBackward0 keeps b alone
    picture = shown(PRODUCT)
    node = next(box for box in picture["views"]["pytorch"]["boxes"] if box["title"] == "MulBackward0")
    saved = [grid for grid in node["grids"] if grid["label"].startswith("saved")]
    assert [grid["label"] for grid in saved] == ["saved other = b"]
    assert picture["tables"][saved[0]["table"]]["cells"] == [["3"]]


def test_saved_tensors_keep_the_numbers_that_they_had_when_they_were_saved() -> None:
    source = """\
w = torch.tensor(2.0, requires_grad=True)
y = w * w
with torch.no_grad():
    w -= 1
"""
    picture = shown(source)
    node = next(box for box in picture["views"]["pytorch"]["boxes"] if box["title"] == "MulBackward0")
    tables = [grid["table"] for grid in node["grids"] if grid["label"].startswith("saved")]
    assert [picture["tables"][table]["cells"] for table in tables] == [[["2"]], [["2"]]]


def test_the_gradient_arrives_at_accumulate_grad_before_it_is_in_grad() -> None:
    picture = shown(PRODUCT)
    node = next(i for i, step in enumerate(picture["steps"]) if step["phase"] == "node")
    before = state_at(picture, node)
    assert (before["a0"], before["g0"]) == ([["3"]], None)
    assert state_at(picture, node + 1)["g0"] == [["3"]]


def test_a_node_that_no_tensor_shows_stands_between() -> None:
    # F.cross_entropy leaves LogSoftmaxBackward0 and NllLossBackward0
    source = (
        "x = torch.zeros(1, 2, requires_grad=True)\nl = F.cross_entropy(x, torch.tensor([0]))\nl.backward()"
    )
    picture = shown(source)
    view = picture["views"]["pytorch"]
    assert arrows(view, "next") == [
        ("LogSoftmaxBackward0", "AccumulateGrad"), ("NllLossBackward0", "LogSoftmaxBackward0"),
    ]  # fmt: skip
    # d l / d log_softmax = −1 at the true class
    assert state_at(picture, len(picture["steps"]) - 1)["n0"] == [["−1", "0"]]


def test_only_what_is_retained_stands_in_the_grad_of_a_result() -> None:
    source = "x = torch.tensor(3.0, requires_grad=True)\ny = x * 2\ny.retain_grad()\nz = y * y\nz.backward()"
    picture = shown(source)
    boxes = {box["title"]: box for box in picture["views"]["pytorch"]["boxes"]}
    assert [grid["key"] for grid in boxes["y"]["grids"] if grid["label"] == "grad"] == ["k1"]
    assert [grid for grid in boxes["z"]["grids"] if grid["label"] == "grad"] == []
    assert state_at(picture, len(picture["steps"]) - 1)["k1"] == [["12"]]


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
@pytest.mark.parametrize("name", ["math", "pytorch"])
def test_no_boxes_overlap(file: Path, name: str) -> None:
    boxes = shown(file.read_text(encoding="utf-8"))["views"][name]["boxes"]
    for one, other in combinations(boxes, 2):
        assert (
            one["x"] + one["width"] <= other["x"]
            or other["x"] + other["width"] <= one["x"]
            or one["y"] + one["height"] <= other["y"]
            or other["y"] + other["height"] <= one["y"]
        ), (one["title"], other["title"])


def test_backward_steps_light_the_edge_to_the_next_node() -> None:
    picture = shown(PRODUCT)
    view = picture["views"]["pytorch"]
    step = next(step for step in picture["steps"] if step["phase"] == "node")
    assert [view["edges"][i]["kind"] for i in step["pytorch"]["edges"]] == ["next"]
    assert view["boxes"][step["pytorch"]["focus"]]["title"] == "MulBackward0"
