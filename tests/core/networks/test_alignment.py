"""Which layers answer to each other: checked against every possible way to put two short networks side by side."""

from collections.abc import Iterator
from functools import cache

from hypothesis import given
from hypothesis import strategies as st

from core.networks.alignment import Line, align
from core.networks.edit import enable
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.spec import LayerSpec, NetworkSpec, Place, walk

Layers = tuple[LayerSpec, ...]

PLAIN = st.sampled_from(
    [
        layer("Conv2d", out_channels=4),
        layer("Conv2d", out_channels=8),
        layer("ReLU"),
        layer("Tanh"),
        layer("MaxPool2d"),
        layer("AvgPool2d", kernel=3),
    ]
)
SEQUENCES = st.lists(PLAIN, max_size=4).map(tuple)


def blocks(inner: st.SearchStrategy[LayerSpec]) -> st.SearchStrategy[LayerSpec]:
    body = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(lambda one: layer("Residual", one), body),
        st.builds(lambda some: layer("Parallel", *some), st.lists(body, min_size=1, max_size=3)),
    )


TREES = st.lists(st.recursive(PLAIN, blocks, max_leaves=6), max_size=4).map(tuple)


def price(a: LayerSpec, b: LayerSpec) -> int | None:
    """Of putting two plain layers on one line; a layer alone costs 2."""
    if a == b:
        return 0
    if a.kind == b.kind:
        return 2
    return 3 if LAYER_KINDS[a.kind].group == LAYER_KINDS[b.kind].group else None


def every_way(left: Layers, right: Layers) -> Iterator[int]:
    """What each way to put them side by side costs."""
    if not left or not right:
        yield 2 * (len(left) + len(right))
        return
    together = price(left[0], right[0])
    if together is not None:
        yield from (together + rest for rest in every_way(left[1:], right[1:]))
    yield from (2 + rest for rest in every_way(left[1:], right))
    yield from (2 + rest for rest in every_way(left, right[1:]))


@cache
def at(layers: Layers, place: Place) -> LayerSpec:
    return dict(walk(layers))[place]


def cost(lines: tuple[Line, ...], left: Layers, right: Layers) -> int:
    total = 0
    for line in lines:
        together = (
            price(at(left, line.left.place), at(right, line.right.place)) if line.left and line.right else 2
        )
        assert together is not None, f"{line} is not allowed"
        total += together
    return total


def places(layers: Layers) -> list[Place]:
    return [place for place, _ in walk(layers)]


@given(SEQUENCES, SEQUENCES)
def test_no_other_way_costs_less(left: Layers, right: Layers) -> None:
    assert cost(align(left, right), left, right) == min(every_way(left, right))


@given(TREES, TREES)
def test_each_layer_stands_once_and_in_its_order(left: Layers, right: Layers) -> None:
    lines = align(left, right)
    assert [line.left.place for line in lines if line.left] == places(left)
    assert [line.right.place for line in lines if line.right] == places(right)
    for line in lines:
        for node, layers in ((line.left, left), (line.right, right)):
            if node:
                assert (node.kind, node.settings) == (
                    at(layers, node.place).kind,
                    at(layers, node.place).settings,
                )
                assert line.depth == len(node.place) // 2


@given(TREES, TREES)
def test_what_answers_to_each_other_stands_in_what_answers_to_each_other(left: Layers, right: Layers) -> None:
    pairs = {line.left.place: line.right.place for line in align(left, right) if line.left and line.right}
    for ours, theirs in pairs.items():
        assert len(ours) == len(theirs)
        if len(ours) > 1:
            assert pairs[ours[:-2]] == theirs[:-2] and ours[-2] == theirs[-2]  # the block, and its branch


@given(TREES)
def test_a_network_beside_itself_has_two_of_everything(layers: Layers) -> None:
    assert [line.left and line.left.place for line in align(layers, layers)] == places(layers)
    assert all(line.left == line.right for line in align(layers, layers))


@given(TREES, PLAIN, st.data())
def test_one_more_layer_is_one_line_more(layers: Layers, new: LayerSpec, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(layers)))
    longer = (*layers[:index], new, *layers[index:])
    alone = [line for line in align(layers, longer) if line.left is None or line.left != line.right]
    (line,) = alone
    assert (
        line.left is None
        and line.right
        and (line.right.kind, line.right.settings)
        == (
            new.kind,
            new.settings,
        )
    )


def test_a_changed_block_is_opened() -> None:
    left = layer("Residual", (layer("Conv2d", out_channels=8), layer("ReLU")))
    right = layer("Residual", (layer("Conv2d", out_channels=8), layer("BatchNorm2d"), layer("ReLU")))
    lines = align((layer("ReLU"), left), (right,))
    assert [(line.left and line.left.kind, line.right and line.right.kind, line.depth) for line in lines] == [
        ("ReLU", None, 0),
        ("Residual", "Residual", 0),
        ("Conv2d", "Conv2d", 1),
        (None, "BatchNorm2d", 1),
        ("ReLU", "ReLU", 1),
    ]


def test_a_block_answers_to_the_one_that_is_most_like_it() -> None:
    small, large = (
        layer("Residual", [layer("Conv2d", out_channels=n), layer("ReLU"), layer("Conv2d", out_channels=n)])
        for n in (8, 16)
    )
    changed = layer("Residual", [layer("Conv2d", out_channels=16), layer("ReLU"), layer("Conv2d")])
    lines = [line for line in align((changed,), (small, large)) if line.depth == 0]
    assert [line.left is not None for line in lines] == [False, True]


def test_disabled_layers_are_left_out() -> None:
    spec = NetworkSpec("x", (layer("ReLU"), layer("Residual", [layer("ReLU"), layer("Tanh")])))
    off = enable(enable(spec, (1, 0, 0), False), (0,), False)
    lines = align(spec.layers, off.layers)
    assert [line.right and line.right.place for line in lines] == [None, (1,), None, (1, 0, 1)]
