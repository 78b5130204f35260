"""Edits give a new network and leave the old one as it was."""

import pytest

from core.networks.edit import (
    add_branch,
    append,
    duplicate,
    enable,
    insert,
    layer_at,
    move,
    remove,
    remove_branch,
    rename,
    replace_layer,
    replace_setting,
    sequence_at,
    transfer,
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


IN_BLOCKS = NetworkSpec("n", (CONV, layer("Parallel", (CONV, RELU), (FLAT,)), LINEAR))


def test_places_reach_inside_blocks() -> None:
    assert layer_at(IN_BLOCKS, (1, 0, 1)) == RELU
    assert sequence_at(IN_BLOCKS, (1, 1, 0)) == (FLAT,)
    for place in ((3,), (1, 2, 0), (0, 0, 0), (1, 0, 2), (-1,)):
        with pytest.raises(SpecError, match="There is no place"):
            layer_at(IN_BLOCKS, place)


@pytest.mark.parametrize(
    ("place", "to", "layers"),
    [
        ((0,), (3,), "Parallel[Conv2d ReLU|Flatten] Linear Conv2d"),  # behind the last
        ((2,), (0,), "Linear Conv2d Parallel[Conv2d ReLU|Flatten]"),
        ((0,), (1, 0, 0), "Parallel[Conv2d Conv2d ReLU|Flatten] Linear"),  # into a block that then moves up
        ((1, 0, 1), (1, 1, 1), "Conv2d Parallel[Conv2d|Flatten ReLU] Linear"),  # from branch to branch
        ((1, 0, 0), (0,), "Conv2d Conv2d Parallel[ReLU|Flatten] Linear"),  # out of the block
        ((1, 0, 0), (1, 0, 2), "Conv2d Parallel[ReLU Conv2d|Flatten] Linear"),
        ((1, 0, 0), (1, 0, 0), "Conv2d Parallel[Conv2d ReLU|Flatten] Linear"),  # nowhere
        ((1, 0, 0), (1, 0, 1), "Conv2d Parallel[Conv2d ReLU|Flatten] Linear"),
        ((1,), (0,), "Parallel[Conv2d ReLU|Flatten] Conv2d Linear"),
    ],
)
def test_transfer_moves_a_layer_before_any_other(
    place: tuple[int, ...], to: tuple[int, ...], layers: str
) -> None:
    def shown(sequence: tuple[LayerSpec, ...]) -> str:
        return " ".join(
            one.kind + (f"[{'|'.join(map(shown, one.branches))}]" if one.branches else "") for one in sequence
        )

    assert shown(transfer(IN_BLOCKS, place, to).layers) == layers


def test_a_block_can_not_be_moved_into_itself() -> None:
    with pytest.raises(SpecError, match="The Parallel can't be moved into itself"):
        transfer(IN_BLOCKS, (1,), (1, 0, 0))


def test_branches_come_and_go() -> None:
    three = add_branch(IN_BLOCKS, (1,))
    assert three.layers[1].branches == ((CONV, RELU), (FLAT,), ())
    assert remove_branch(three, (1,), 0).layers[1].branches == ((FLAT,), ())
    with pytest.raises(SpecError, match="9 branches, allowed 1 to 8"):
        for _ in range(7):
            three = add_branch(three, (1,))
    with pytest.raises(SpecError, match=r"Residual\.branches: 2 branches, allowed 1"):
        add_branch(NetworkSpec("n", (layer("Residual", ()),)), (0,))
    with pytest.raises(SpecError, match="There is no branch 5"):
        remove_branch(IN_BLOCKS, (1,), 5)


def test_a_setting_of_a_block_keeps_what_is_inside() -> None:
    changed = replace_setting(IN_BLOCKS, (1,), "join", "sum")
    assert changed.layers[1].branches == IN_BLOCKS.layers[1].branches
    assert dict(changed.layers[1].settings) == {"join": "sum"}
