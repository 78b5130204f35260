"""A network in a link."""

import base64
import re
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.networks.edit import append, remove, rename, replace_setting
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.link import changed_from, decode, encode
from core.networks.spec import NetworkSpec, SpecError
from tests.core.networks.strategies import fitting

LENET = NAMED_NETWORKS["LeNet"]


@pytest.mark.parametrize("name", NAMED_NETWORKS)
def test_a_named_network_goes_by_its_name(name: str) -> None:
    assert encode(NAMED_NETWORKS[name]) == name
    assert decode(name) == NAMED_NETWORKS[name]


@settings(max_examples=30, deadline=None)
@given(spec=fitting())
def test_any_network_comes_back_from_a_word_that_needs_no_escaping(spec: NetworkSpec) -> None:
    word = encode(spec)
    assert re.fullmatch(r"[A-Za-z0-9._-]+", word)
    assert decode(word) == spec


def test_the_empty_network_comes_back() -> None:
    assert decode(encode(EMPTY)) == EMPTY


def test_a_changed_network_does_not_pass_for_the_named_one() -> None:
    changed = replace_setting(LENET, (0,), "out_channels", 21)
    assert decode(encode(changed)) == changed
    assert len(encode(changed)) < 300


def test_a_long_design_still_fits_into_a_link() -> None:
    spec = NetworkSpec("long", (layer("Conv2d", out_channels=7, kernel=5, padding=2), layer("ReLU")) * 20)
    assert len(encode(spec)) < 300


def bomb(size: int) -> str:
    return "z1." + base64.urlsafe_b64encode(zlib.compress(b" " * size, 9)).decode()


WRONG = [
    "", "LeNet-99", "z1.", "z1.!!!!", "z1.AAAA", "z1.é", "z2.AAAA", encode(rename(LENET, "x"))[:-9],
    bomb(10_000), bomb(50_000_000),
]  # fmt: skip


@pytest.mark.parametrize("word", WRONG, ids=lambda word: word[:30])
def test_wrong_words_are_refused(word: str) -> None:
    with pytest.raises(SpecError, match=r"can't be read|no network named"):
        decode(word)


@settings(max_examples=200, deadline=None)
@given(
    word=st.text(max_size=60)
    | st.binary(max_size=60).map(lambda b: "z1." + base64.urlsafe_b64encode(b).decode())
)
def test_any_word_is_read_or_refused(word: str) -> None:
    try:
        decode(word)
    except SpecError as error:
        assert str(error)


def test_a_changed_design_is_called_so_until_it_is_named() -> None:
    assert changed_from(LENET) == LENET
    longer = changed_from(append(LENET, layer("ReLU")))
    assert longer.name == "LeNet, changed"
    assert changed_from(append(longer, layer("ReLU"))).name == "LeNet, changed"
    assert changed_from(rename(longer, "mine")).name == "mine"
    assert changed_from(remove(longer, (10,))) == LENET


def test_other_initial_weights_make_no_other_network_but_another_link() -> None:
    frozen = replace(LENET, weights="he-normal", frozen=True)
    assert changed_from(frozen) == frozen
    assert decode(encode(frozen)) == frozen
    assert decode(encode(LENET)) == LENET
