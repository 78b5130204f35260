"""What the layer list asks for inside of blocks, and what the rows of blocks hold."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.analysis import analyse
from core.networks.edit import layer_at
from core.networks.findings import MOST_DEPTH, MOST_LAYERS
from core.networks.gallery import NAMED_NETWORKS
from core.networks.json_form import from_json, to_json
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, Place, SpecError
from pages.design.edits import apply
from pages.design.layer_cells import kib, percent, summed
from pages.design.layer_list import list_data

PAGE = Path(__file__).parents[2] / "pages" / "design" / "page.py"
IMAGE = (1, 28, 28)
CONV, RELU, POOL = layer("Conv2d", padding="same"), layer("ReLU"), layer("MaxPool2d")
HEAD = (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))
BLOCKS = NetworkSpec("blocks", (CONV, layer("Parallel", (CONV, RELU), ()), layer("Residual", (CONV,)), *HEAD))


def after(asked: dict[str, Any], spec: NetworkSpec = BLOCKS) -> NetworkSpec:
    return apply(asked, analyse(spec, IMAGE))


def branch(spec: NetworkSpec, place: Place, number: int = 0) -> list[str]:
    return [one.kind for one in layer_at(spec, place).branches[number]]


def test_layers_move_into_a_block_out_of_it_and_between_branches() -> None:
    into = after({"op": "move", "place": [0], "kind": "Conv2d", "to": [1, 1, 0]})
    assert branch(into, (0,), 1) == ["Conv2d"]
    out = after({"op": "move", "place": [1, 0, 1], "kind": "ReLU", "to": [0]})
    assert [one.kind for one in out.layers[:2]] == ["ReLU", "Conv2d"] and branch(out, (2,)) == ["Conv2d"]
    over = after({"op": "move", "place": [1, 0, 1], "kind": "ReLU", "to": [1, 1, 0]})
    assert (branch(over, (1,), 0), branch(over, (1,), 1)) == (["Conv2d"], ["ReLU"])


def test_inner_layers_are_edited_like_others() -> None:
    place = {"place": [1, 0, 0], "kind": "Conv2d"}
    assert branch(after({"op": "duplicate", **place}), (1,)) == ["Conv2d", "Conv2d", "ReLU"]
    assert branch(after({"op": "remove", **place}), (1,)) == ["ReLU"]
    assert not layer_at(after({"op": "enable", **place, "value": False}), (1, 0, 0)).enabled
    padded = after({"op": "set", **place, "field": "padding", "value": 2})
    assert dict(layer_at(padded, (1, 0, 0)).settings)["padding"] == 2


def test_branches_come_and_go() -> None:
    block = {"place": [1], "kind": "Parallel"}
    assert len(layer_at(after({"op": "add_branch", **block}), (1,)).branches) == 3
    fewer = after({"op": "remove_branch", **block, "branch": 1})
    assert len(layer_at(fewer, (1,)).branches) == 1
    with pytest.raises(SpecError):
        after({"op": "remove_branch", **block, "branch": 0}, fewer)  # a block needs one


def test_a_template_is_made_for_the_place_where_it_is_inserted() -> None:
    spec = after({"op": "insert", "place": [2, 0, 1], "new": "Residual block"})
    assert branch(spec, (2,)) == ["Conv2d", "Residual", "ReLU"]
    row = analyse(spec, IMAGE).row((2, 0, 1))
    assert row and row.parameters == 0  # as many channels as come in: x is added as it is


def test_a_mend_belongs_to_the_finding_it_stands_at() -> None:
    spec = NAMED_NETWORKS["FashionCNN"]
    for one in analyse(spec, IMAGE).warnings:
        for fix in one.fixes:
            assert after({"op": "fix", "place": list(one.place), "label": fix.label}, spec) == fix.spec
    label = analyse(spec, IMAGE).warnings[0].fixes[0].label
    with pytest.raises(SpecError, match="no longer needed"):
        after({"op": "fix", "place": [9], "label": label}, spec)


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": "move", "place": [1], "kind": "Parallel", "to": [1, 0, 0]},
        {"op": "move", "place": [0], "kind": "Conv2d", "to": [1, 5, 0]},
        {"op": "move", "place": [0], "kind": "Conv2d", "to": [1, 0]},
        {"op": "move", "place": [0], "kind": "Conv2d"},
        {"op": "insert", "place": [0, 0, 0], "new": "ReLU"},
        {"op": "insert", "place": [1, 2, 0], "new": "ReLU"},
        {"op": "insert", "place": [], "new": "ReLU"},
        {"op": "add_branch", "place": [2], "kind": "Residual"},
        {"op": "add_branch", "place": [0], "kind": "Conv2d"},
        {"op": "remove_branch", "place": [1], "kind": "Parallel", "branch": 7},
        {"op": "remove_branch", "place": [1], "kind": "Parallel", "branch": "0"},
        {"op": "fix", "place": "x", "label": "y"},
    ],
    ids=str,
)
def test_nonsense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        after(wrong)


def test_what_is_too_deep_or_too_long_to_be_saved_is_refused() -> None:
    spec, place = NetworkSpec("deep", ()), [0]
    for _ in range(MOST_DEPTH):
        spec = after({"op": "insert", "place": place, "new": "Residual"}, spec)
        place = [*place, 0, 0]
    assert from_json(to_json(spec)) == spec
    with pytest.raises(SpecError, match="up to"):
        after({"op": "insert", "place": place, "new": "Residual"}, spec)
    assert after({"op": "insert", "place": place, "new": "ReLU"}, spec)
    many = NetworkSpec("long", (RELU,) * MOST_LAYERS)
    with pytest.raises(SpecError, match=f"at most {MOST_LAYERS}"):
        after({"op": "insert", "place": [0], "new": "ReLU"}, many)


def test_undo_and_redo_asked_for_with_the_keyboard() -> None:
    app = AppTest.from_file(str(PAGE), default_timeout=30).run()
    asked = [{"op": "remove", "place": [0], "kind": "Conv2d"}, {"op": "undo"}, {"op": "redo"}, {"op": "undo"}]
    for length, first in ((1, 9), (2, 10), (3, 9), (4, 10)):
        edits = [{"serial": i + 1, **one} for i, one in enumerate(asked[:length])]
        app.session_state["layer_list"] = {
            "edits": edits
        }  # the browser sends again what is not confirmed yet
        app.run()
        assert not app.exception
        assert len(app.session_state["network"].layers) == first


def test_the_row_of_a_block_sums_up_its_inner_layers() -> None:
    analysis = analyse(BLOCKS, IMAGE)
    record = list_data(analysis, 0)["layers"][2]
    inner = sum(row.parameters for row in analysis.within((2,)))
    parameters = record["cells"][1]
    assert parameters["value"] == f"{inner:,}"
    assert parameters["share"] == pytest.approx(inner / analysis.parameters, abs=1e-4)
    assert record["branches"][0][0]["name"] == "conv3"
    assert record["equation"] == "y = F(x) + W·x"  # 64 channels arrive, 32 leave
    assert parameters["own"] == "2,080 own"  # 64·32 + 32
    assert [len(one) for one in list_data(analysis, 0)["layers"][1]["branches"]] == [2, 0]


def test_flops_are_said_with_the_macs_and_unread_pixels_at_the_shape() -> None:
    spec = NetworkSpec("n", (layer("Conv2d", out_channels=2, kernel=3, stride=2), *HEAD))
    record = list_data(analyse(spec, IMAGE), 0)["layers"][0]
    # 3·3·1·2·13·13 = 3,042
    assert record["cells"][2]["formula"].endswith("= 3,042; FLOPs = 2 × 3,042 = 6,084")
    assert "never read" in record["unread"]


@pytest.mark.parametrize(("number", "text"), [(40, "40 B"), (2000, "2.0 KiB"), (139_720, "136 KiB")])
def test_memory(number: int, text: str) -> None:
    assert kib(number) == text


def test_sums_and_shares() -> None:
    assert summed([("a", 1), ("b", 0), ("c", 2)]) == "a 1 + c 2 = 3"
    assert summed([("a", 0)]) == "0"
    assert summed([(f"l{i}", 1000) for i in range(12)]) == "12,000 in 12 layers"
    assert (percent(0), percent(0.0001), percent(0.931)) == ("0.0 %", "less than 0.1 %", "93.1 %")
