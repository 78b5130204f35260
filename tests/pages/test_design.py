"""The Design page: first state, edits, wrong and empty states, links, undo."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.analysis import analyse
from core.networks.edit import append, replace_setting
from core.networks.gallery import EMPTY, GALLERY
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.link import decode, encode
from core.networks.source import to_source
from core.networks.spec import SpecError
from core.networks.templates import TEMPLATES
from pages.design.edits import apply
from pages.design.layer_catalogue import offered
from pages.design.layer_list import list_data
from pages.design.totals import short
from tests.pages.design_visit import LENET, linked, network, open_page

IMAGE = (1, 28, 28)


def edit(app: AppTest, *edits: dict[str, Any], first: int = 1) -> None:
    """As the layer list sends them: all that Python has not confirmed yet, numbered."""
    app.session_state["layer_list"] = {"edits": [{"serial": first + i, **one} for i, one in enumerate(edits)]}
    app.run()
    assert not app.exception


def set_kernel(index: int, value: object) -> dict[str, Any]:
    return {"op": "set", "place": [index], "kind": "Conv2d", "field": "kernel", "value": value}


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_newcomer_sees_lenet_with_its_costs_and_its_code() -> None:
    app = open_page()
    assert app.text_input(key="design_name").value == "LeNet"
    assert metrics(app) == {
        "Parameters": "431,080",
        # 4 bytes × (2·11,520 + 2,880 + 2·3,200 + 800 + 800 + 2·500 + 10) outputs = 139,720 bytes
        "Activations": "136 KiB",
        "MACs": "2.29 M",  # 25·20·24² + 25·20·50·8² + 800·500 + 500·10 = 2,293,000
        "FLOPs": "4.59 M",
    }
    assert app.code[0].value == to_source(LENET, IMAGE).strip()
    assert linked(app) == "LeNet"
    assert not app.button(key="train_this").disabled
    assert app.button(key="undo").disabled and app.button(key="redo").disabled


def test_each_named_network_can_be_chosen() -> None:
    app = open_page()
    for name, one in GALLERY.items():
        app.button(key="gallery").click().run()
        app.button(key=f"start_{name}").click().run()
        assert not app.exception
        assert network(app) == one.spec
        assert linked(app) == name
        assert app.selectbox(key="image").value == ("grey 28 × 28" if one.image[0] == 1 else "colour 32 × 32")


def test_an_edit_changes_the_design_its_name_costs_code_and_link() -> None:
    app = open_page()
    edit(app, set_kernel(0, 3))
    assert network(app).layers[0] == layer("Conv2d", out_channels=20, kernel=3)
    assert app.text_input(key="design_name").value == "LeNet, changed"
    assert "kernel_size=3" in app.code[0].value
    assert decode(linked(app)) == network(app)
    assert metrics(app)["Parameters"] == f"{analyse(network(app), IMAGE).parameters:,}"


def test_edits_are_done_once_and_in_their_order() -> None:
    app = open_page()
    duplicate = {"op": "duplicate", "place": [1], "kind": "ReLU"}
    edit(app, duplicate)
    assert len(network(app).layers) == 11
    edit(app, duplicate, {"op": "remove", "place": [0], "kind": "Conv2d"})  # the first is sent again
    assert [one.kind for one in network(app).layers[:3]] == ["ReLU", "ReLU", "MaxPool2d"]
    app.run()
    assert len(network(app).layers) == 10


def test_undo_and_redo() -> None:
    app = open_page()
    edit(app, set_kernel(0, 3))
    edit(app, set_kernel(3, 3), first=2)
    app.button(key="undo").click().run()
    assert network(app).layers[3] == LENET.layers[3]
    app.button(key="undo").click().run()
    assert network(app) == LENET
    assert linked(app) == "LeNet"
    app.button(key="redo").click().run()
    assert network(app).layers[0] == layer("Conv2d", out_channels=20, kernel=3)
    edit(app, set_kernel(0, 4), first=3)
    assert app.button(key="redo").disabled


def test_a_kernel_that_does_not_fit_keeps_what_was_right_and_is_mended() -> None:
    app = open_page()
    edit(app, set_kernel(3, 13))
    assert metrics(app)["Parameters"] == "520"
    assert "# conv2 and what follows are left out: The 13 × 13 kernel" in app.code[0].value
    assert app.button(key="train_this").disabled
    edit(app, {"op": "fix", "place": [3], "label": "Set the kernel to 3"}, first=2)
    assert analyse(network(app), IMAGE).problems == ()
    assert not app.button(key="train_this").disabled


def test_the_empty_design_says_how_to_begin_and_the_button_does() -> None:
    app = open_page()
    app.button(key="gallery").click().run()
    app.button(key="start_My network").click().run()
    assert network(app) == EMPTY
    assert metrics(app)["Parameters"] == "0"
    (label,) = list_data(analyse(EMPTY, IMAGE), 0)["whole"]["fixes"]
    edit(app, {"op": "fix", "label": label})
    assert analyse(network(app), IMAGE).problems == ()


def test_a_link_opens_what_the_sender_saw() -> None:
    sent = replace_setting(LENET, (0,), "out_channels", 7)
    app = open_page(encode(sent))
    assert network(app).layers == sent.layers
    assert metrics(app)["Parameters"] == f"{analyse(sent, IMAGE).parameters:,}"


@pytest.mark.parametrize("wrong", ["z1.broken", "Nothing", "z1." + "A" * 5000, ""])
def test_a_broken_link_is_named_and_the_page_stays(wrong: str) -> None:
    app = open_page(wrong)
    assert "can't be read" in app.warning[0].value or "no network named" in app.warning[0].value
    assert network(app) == LENET


def test_back_in_the_browser_brings_the_design_before() -> None:
    app = open_page()
    edit(app, set_kernel(0, 3))
    app.query_params["design"] = "LeNet"
    app.run()
    assert network(app) == LENET
    assert not app.button(key="undo").disabled


def test_an_edit_wins_over_an_address_that_is_older() -> None:
    app = open_page()
    edit(app, set_kernel(0, 3))
    app.query_params["design"] = "LeNet"  # the browser had not yet heard of the new one
    edit(app, set_kernel(3, 3), first=2)
    assert [one.settings for one in network(app).layers if one.kind == "Conv2d"] == [
        (("out_channels", 20),),
        (("out_channels", 50),),
    ]
    assert decode(linked(app)) == network(app)


def test_naming_a_design() -> None:
    app = open_page()
    app.text_input(key="design_name").set_value("  My net ").run()
    assert network(app).name == "My net"
    app.text_input(key="design_name").set_value("   ").run()
    assert network(app).name == "My net"
    assert "one line of 1 to 60 characters" in app.toast[0].value
    assert app.text_input(key="design_name").value == "My net"


@pytest.mark.parametrize(
    "wrong",
    [
        {"op": "explode", "place": [0], "kind": "Conv2d"},
        {"op": ["set"], "place": [0], "kind": "Conv2d"},
        {"op": "remove", "place": [99], "kind": "Conv2d"},
        {"op": "remove", "place": [-1], "kind": "Conv2d"},
        {"op": "remove", "place": [True], "kind": "Conv2d"},
        {"op": "remove", "place": "0", "kind": "Conv2d"},
        {"op": "remove", "place": [0], "kind": "ReLU"},
        {"op": "remove"},
        {"op": "move", "place": [0], "kind": "Conv2d", "by": 10**9},
        {"op": "insert", "place": [0], "new": "Conv9d"},
        {"op": "insert", "place": [11], "new": "ReLU"},
        {"op": "fix", "label": "Delete everything"},
        set_kernel(0, 0),
        set_kernel(0, None),
        set_kernel(0, "3"),
        set_kernel(0, 10**400),
        {**set_kernel(0, 3), "field": "no such"},
    ],
    ids=str,
)
def test_nonsense_from_the_browser_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        apply(wrong, analyse(LENET, IMAGE))


def test_a_refused_edit_is_explained_and_changes_nothing() -> None:
    app = open_page()
    edit(app, {"op": "remove", "place": [0], "kind": "ReLU"})
    assert network(app) == LENET
    assert "The layers have changed meanwhile" in app.toast[0].value


@pytest.mark.parametrize(
    "state", [{"edits": "x"}, {"edits": [None, 3, {}]}, {"edits": [{"serial": "1"}]}, {}]
)
def test_a_state_that_is_no_list_of_edits_is_ignored(state: dict[str, Any]) -> None:
    app = open_page()
    app.session_state["layer_list"] = state
    app.run()
    assert not app.exception
    assert network(app) == LENET


def test_the_list_holds_what_the_analysis_says() -> None:
    analysis = analyse(append(LENET, layer("Conv2d")), IMAGE)
    data = list_data(analysis, 7)
    assert data["applied"] == 7
    assert [one["name"] for one in data["layers"]][-2:] == ["linear2", "conv3"]
    cell = data["layers"][0]["cells"][1]
    assert (cell["value"], cell["formula"]) == ("520", "5·5·1·20 + 20 = 520")
    assert data["layers"][-1]["cells"] is None
    assert "its input is flat" in data["layers"][-1]["problem"]["sentence"]
    assert data["layers"][-1]["problem"]["fixes"]
    assert [one["problem"] for one in data["layers"][:-1]] == [None] * 10
    names = [entry["name"] for group in offered() for entry in group["kinds"]]
    assert names == [*TEMPLATES, *LAYER_KINDS]
    assert data["totals"][1]["text"] == "conv1 520 + conv2 25,050 + linear1 400,500 + linear2 5,010 = 431,080"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1 k"),
        (2_293_000, "2.29 M"),
        (999_999, "1 M"),
        (13_883_904, "13.9 M"),
    ],
)
def test_short_numbers(number: int, text: str) -> None:
    assert short(number) == text
