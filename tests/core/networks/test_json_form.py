"""Networks as JSON: there and back, and every wrong text refused with its place."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.networks.edit import enable, rename
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.json_form import from_json, to_json
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, SpecError
from tests.core.networks.strategies import fitting

LENET = NAMED_NETWORKS["LeNet"]


@pytest.mark.parametrize("spec", [*NAMED_NETWORKS.values(), EMPTY], ids=lambda spec: spec.name)
def test_named_networks_come_back(spec: NetworkSpec) -> None:
    assert from_json(to_json(spec)) == spec
    assert from_json(to_json(spec, indent=2)) == spec


@settings(max_examples=30, deadline=None)
@given(spec=fitting())
def test_random_networks_come_back(spec: NetworkSpec) -> None:
    assert from_json(to_json(spec)) == spec


def test_a_disabled_layer_and_a_name_with_other_letters_come_back() -> None:
    spec = rename(enable(LENET, (1,), False), "Größe → 10")
    assert from_json(to_json(spec)) == spec


def test_the_form_is_what_it_was() -> None:
    # version 2, written down so that a change of the form is a decision
    assert json.loads(to_json(NetworkSpec("n", LENET.layers[:2]))) == {
        "version": 2,
        "name": "n",
        "layers": [{"kind": "Conv2d", "kernel": 5, "out_channels": 20}, {"kind": "ReLU"}],
    }


def text(**changes: object) -> str:
    return json.dumps({"version": 2, "name": "n", "layers": [], **changes})


def one_layer(**record: object) -> str:
    return text(layers=[{"kind": "ReLU"}, {"kind": "ReLU"}, record])


WRONG = {
    "": "not JSON: line 1, column 1",
    '{"version": 1,': "not JSON",
    "[]": "A network is an object with version, name and layers",
    "null": "A network is an object",
    '"x"': "A network is an object",
    text(version=3): "version: 3, allowed 1 to 2",
    text(version=True): "version: True, allowed 1",
    text(version=1.0): "version: 1.0, allowed 1",
    text(author="me"): "author: unknown entry, allowed are version, name, weights, frozen, layers",
    text(name=None): "name: nothing, allowed a text",
    text(name=""): "name: A network's name is one line",
    text(name="\ud800"): "name: A network's name is one line",
    text(layers="x"): "layers: 'x', allowed a list",
    text(layers=[{"kind": "ReLU"}] * 401): "layers: 401 layers, allowed a list of at most 400",
    text(layers=[[]]): r"layers\[0\]: \[\], allowed an object with a kind",
    text(layers=[{}]): r"layers\[0\]: \{\}, allowed an object with a kind",
    one_layer(kind=3): r"layers\[2\]",
    one_layer(kind="Conv9d"): r"layers\[2\].kind: unknown layer kind 'Conv9d', allowed are Conv2d",
    one_layer(kind="Conv2d", kernel=0): r"layers\[2\].kernel: 0, allowed a whole number from 1 to 31",
    one_layer(kind="Conv2d", kernel=10**300): r"layers\[2\].kernel: 1000",
    one_layer(kind="Conv2d", kernel=3.0): r"layers\[2\].kernel: 3.0, allowed a whole number",
    one_layer(kind="Conv2d", kernel=True): r"layers\[2\].kernel: True, allowed a whole number",
    one_layer(kind="Conv2d", kernel=None): r"layers\[2\].kernel: None, allowed",
    one_layer(kind="Conv2d", kernel="3"): r"layers\[2\].kernel: '3', allowed",
    one_layer(kind="Conv2d", kernel=[3, 3]): r"layers\[2\].kernel: \[3, 3\], allowed",
    one_layer(kind="Conv2d", bias=1): r"layers\[2\].bias: 1, allowed true or false",
    one_layer(kind="Conv2d", size=1): r"layers\[2\].size: unknown setting, allowed are out_channels",
    one_layer(kind="ReLU", enabled=0): r"layers\[2\].enabled: 0, allowed true or false",
    one_layer(kind="Dropout", p=1): r"layers\[2\].p: 1, allowed 0 to 0.95",
    one_layer(kind="Dropout", p=-0.1): r"layers\[2\].p: -0.1",
    one_layer(kind="Dropout", p=float("nan")): "NaN is not a number that a network can have",
    one_layer(kind="Dropout", p=float("inf")): "Infinity is not a number that a network can have",
    '{"version":1,"name":"n","layers":[{"kind":"Dropout","p":1e999}]}': r"layers\[0\].p: inf",
    '{"version":1,"version":1,"name":"n","layers":[]}': "version: given twice",
    '{"version":1,"name":"n","layers":[' + "1" * 5000 + "]}": "thousands of digits",
    "[" * 50_000: "nested too deeply|not JSON",
    '{"a":' * 20_000: "nested too deeply|not JSON",
    " " * 100_001: "The text has 100,001 characters",
}


@pytest.mark.parametrize("given_text", WRONG, ids=lambda t: t[:60])
def test_wrong_texts_are_refused_with_the_place(given_text: str) -> None:
    with pytest.raises(SpecError, match=WRONG[given_text]) as caught:
        from_json(given_text)
    str(caught.value).encode()  # may be shown as it is
    assert len(str(caught.value)) < 500


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
LAYER = st.fixed_dictionaries(
    {"kind": st.sampled_from(["Conv2d", "Linear", "Dropout", "ReLU"]) | JSON},
    optional={"kernel": JSON, "p": JSON, "enabled": JSON, "out_features": JSON, "in_channels": JSON},
)


@settings(max_examples=200, deadline=None)
@given(layers=JSON | st.lists(LAYER, max_size=3), name=JSON | st.just("n"))
def test_any_json_is_read_or_refused(layers: object, name: object) -> None:
    try:
        spec = from_json(json.dumps({"version": 1, "name": name, "layers": layers}))
    except SpecError as error:
        str(error).encode()
    else:
        assert from_json(to_json(spec)) == spec


def test_version_1_is_migrated() -> None:
    old = '{"version":1,"name":"n","layers":[{"kind":"Conv2d","kernel":5},{"kind":"ReLU","enabled":false}]}'
    spec = from_json(old)
    assert (spec.weights, spec.frozen, len(spec.layers)) == ("default", False, 2)
    assert json.loads(to_json(spec))["version"] == 2
    with pytest.raises(SpecError, match="weights: unknown entry, allowed are version, name, layers"):
        from_json('{"version":1,"name":"n","weights":"zeros","layers":[]}')


def test_blocks_and_weights_come_back() -> None:
    inner = layer("Residual", (layer("Conv2d", padding="same"),), norm=True)
    spec = NetworkSpec("n", (layer("Parallel", (inner,), (), join="sum"),), "he-normal", frozen=True)
    assert from_json(to_json(spec)) == spec
    assert json.loads(to_json(spec)) == {
        "version": 2,
        "name": "n",
        "weights": "he-normal",
        "frozen": True,
        "layers": [
            {
                "kind": "Parallel",
                "join": "sum",
                "branches": [
                    [
                        {
                            "kind": "Residual",
                            "norm": True,
                            "branches": [[{"kind": "Conv2d", "padding": "same"}]],
                        }
                    ],
                    [],
                ],
            }
        ],
    }


def nested(depth: int) -> dict[str, object]:
    record: dict[str, object] = {"kind": "ReLU"}
    for _ in range(depth):
        record = {"kind": "Residual", "branches": [[record]]}
    return record


WRONG_BLOCKS = {
    one_layer(kind="Residual"): r"layers\[2\].branches: 0 branches, allowed 1",
    one_layer(kind="Residual", branches="x"): r"layers\[2\].branches: 'x', allowed a list of lists of layers",
    one_layer(kind="Residual", branches=[{}]): r"layers\[2\].branches\[0\]: \{\}, allowed a list of at most",
    one_layer(kind="Residual", branches=[[{"kind": "Conv9d"}]]): (
        r"layers\[2\].branches\[0\]\[0\].kind: unknown layer kind 'Conv9d'"
    ),
    one_layer(kind="ReLU", branches=[[]]): r"layers\[2\].branches: 1 branches, allowed 0",
    one_layer(
        kind="Parallel", join="min", branches=[[]]
    ): r"layers\[2\].join: 'min', allowed \"concatenate\"",
    text(weights="magic"): "weights: 'magic', allowed are default, glorot-uniform",
    text(weights=3): "weights: 3, allowed are",
    text(frozen="yes"): "frozen: 'yes', allowed true or false",
    text(layers=[nested(14)]): "nested too deeply; blocks may stand in blocks up to 12 deep",
    text(
        layers=[{"kind": "Parallel", "branches": [[{"kind": "ReLU"}] * 60] * 8}]
    ): "more than 400 with those inside",
}


@pytest.mark.parametrize("given_text", WRONG_BLOCKS, ids=lambda t: t[:60])
def test_wrong_blocks_and_weights_are_refused_with_the_place(given_text: str) -> None:
    with pytest.raises(SpecError, match=WRONG_BLOCKS[given_text]):
        from_json(given_text)
