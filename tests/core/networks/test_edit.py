"""Edits give a new network and leave the old one as it was."""

import pytest

from core.networks.edit import (
    append,
    duplicate,
    enable,
    insert,
    move,
    remove,
    rename,
    replace_layer,
    replace_setting,
)
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec, SpecError

CONV, RELU, FLAT, LINEAR = layer("Conv2d"), layer("ReLU"), layer("Flatten"), layer("Linear")
SPEC = NetworkSpec("n", (CONV, RELU, FLAT, LINEAR))
BLOCK = LayerSpec("Block", branches=((CONV, RELU), (FLAT,)))  # of a kind that is yet to come


def test_insert_before_a_layer_and_behind_the_last() -> None:
    assert insert(SPEC, (0,), RELU).layers == (RELU, CONV, RELU, FLAT, LINEAR)
    assert insert(SPEC, (4,), RELU).layers == (CONV, RELU, FLAT, LINEAR, RELU)
    assert append(SPEC, RELU, CONV).layers == (CONV, RELU, FLAT, LINEAR, RELU, CONV)


def test_remove_and_duplicate() -> None:
    assert remove(SPEC, (1,)).layers == (CONV, FLAT, LINEAR)
    assert duplicate(SPEC, (1,)).layers == (CONV, RELU, RELU, FLAT, LINEAR)


@pytest.mark.parametrize(
    ("index", "by", "order"),
    [
        (0, 1, (RELU, CONV, FLAT, LINEAR)),
        (3, -1, (CONV, RELU, LINEAR, FLAT)),
        (0, -1, (CONV, RELU, FLAT, LINEAR)),
        (3, 1, (CONV, RELU, FLAT, LINEAR)),
        (0, 3, (RELU, FLAT, LINEAR, CONV)),
    ],
)
def test_move_stops_at_the_ends(index: int, by: int, order: tuple[LayerSpec, ...]) -> None:
    assert move(SPEC, (index,), by).layers == order


def test_replace_a_setting_and_set_it_back() -> None:
    changed = replace_setting(SPEC, (0,), "kernel", 5)
    assert changed.layers[0] == layer("Conv2d", kernel=5)
    assert replace_setting(changed, (0,), "kernel", 3) == SPEC
    assert SPEC.layers[0] == CONV


def test_replace_a_setting_keeps_a_layer_disabled() -> None:
    off = enable(SPEC, (0,), False)
    assert replace_setting(off, (0,), "kernel", 5).layers[0].enabled is False
    assert enable(off, (0,), True) == SPEC


def test_replace_layer() -> None:
    assert replace_layer(SPEC, (1,), layer("Tanh")).layers[1].kind == "Tanh"


def test_wrong_edits_are_refused() -> None:
    with pytest.raises(SpecError, match="ReLU has no setting 'kernel'; its settings are: none"):
        replace_setting(SPEC, (1,), "kernel", 3)
    with pytest.raises(SpecError, match="allowed a whole number from 1 to 31"):
        replace_setting(SPEC, (0,), "kernel", 32)
    with pytest.raises(SpecError, match="no layer at place 4; the places here are 0 to 3"):
        remove(SPEC, (4,))
    with pytest.raises(SpecError, match="no layer at place -1"):
        move(SPEC, (-1,), 1)


def test_edits_reach_inside_blocks() -> None:
    spec = NetworkSpec("n", (CONV, BLOCK))
    assert remove(spec, (1, 0, 1)).layers[1].branches == ((CONV,), (FLAT,))
    assert insert(spec, (1, 1, 1), LINEAR).layers[1].branches == ((CONV, RELU), (FLAT, LINEAR))
    with pytest.raises(SpecError, match="has 2 branches"):
        remove(spec, (1, 2, 0))


@pytest.mark.parametrize("name", ["", "   ", "a\nb", "x" * 61, "\ud800"])
def test_names_that_are_none(name: str) -> None:
    with pytest.raises(SpecError, match="one line of 1 to 60 characters"):
        rename(SPEC, name)


def test_rename_trims() -> None:
    assert rename(SPEC, "  My net ").name == "My net"
