"""No boxes overlap, edges go forwards and around boxes, for any graph."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.figures.autograd.graph_layout import Layout, layered

Sizes = list[tuple[float, float]]
Edges = list[tuple[int, int]]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Sizes, Edges]:
    count = draw(st.integers(1, 14))
    sizes = [(draw(st.integers(20, 200)), draw(st.integers(20, 90))) for _ in range(count)]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(
        lambda pair: pair[0] < pair[1]
    )
    return sizes, draw(st.lists(pairs, max_size=24)) if count > 1 else []


def check(sizes: Sizes, edges: Edges, layout: Layout) -> None:
    boxes = [
        (x - w / 2, y - h / 2, x + w / 2, y + h / 2)
        for (w, h), (x, y) in zip(sizes, layout.centres, strict=True)
    ]
    for i, one in enumerate(boxes):
        assert one[0] >= -1e-6 and one[1] >= -1e-6
        assert one[2] <= layout.width + 1e-6 and one[3] <= layout.height + 1e-6
        for other in boxes[i + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)
    for (start, end), route in zip(edges, layout.routes, strict=True):
        for a, b in pairwise(route):
            for share in (0.0, 0.25, 0.5, 0.75, 1.0):
                # drawn as a curve with upright ends, which stays between the heights of its ends
                x = a[0] + (b[0] - a[0]) * (3 * share**2 - 2 * share**3)
                y = a[1] + (b[1] - a[1]) * share
                for i, (left, top, right, bottom) in enumerate(boxes):
                    inside = left + 1e-6 < x < right - 1e-6 and top + 1e-6 < y < bottom - 1e-6
                    assert not inside or i in (start, end)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_boxes_do_not_overlap_and_edges_go_around_them(graph: tuple[Sizes, Edges]) -> None:
    sizes, edges = graph
    layout = layered(sizes, edges)
    check(sizes, edges, layout)
    for start, end in edges:
        assert layout.centres[start][1] < layout.centres[end][1]


@settings(max_examples=50, deadline=None)
@given(graphs())
def test_sideways_it_goes_to_the_right(graph: tuple[Sizes, Edges]) -> None:
    sizes, edges = graph
    layout = layered(sizes, edges, sideways=True)
    for start, end in edges:
        assert layout.centres[start][0] < layout.centres[end][0]
    turned = layered([(h, w) for w, h in sizes], edges)
    assert (layout.width, layout.height) == (turned.height, turned.width)


def test_a_chain_is_straight() -> None:
    layout = layered([(40, 20), (100, 30), (60, 20)], [(0, 1), (1, 2)])
    assert len({round(x, 6) for x, _ in layout.centres}) == 1


def test_a_diamond_has_no_crossing_and_is_symmetric() -> None:
    layout = layered([(40, 20)] * 4, [(0, 1), (0, 2), (1, 3), (2, 3)])
    xs = [x for x, _ in layout.centres]
    assert xs[0] == pytest.approx((xs[1] + xs[2]) / 2) == pytest.approx(xs[3])


def test_a_leaf_stands_just_above_where_it_is_used() -> None:
    # 0 → 1 → 2 → 3, and leaf 4 is used in 3 only
    layout = layered([(40, 20)] * 5, [(0, 1), (1, 2), (2, 3), (4, 3)])
    assert layout.centres[4][1] == layout.centres[2][1]


def test_crossed_pairs_are_uncrossed() -> None:
    layout = layered([(40, 20)] * 4, [(0, 3), (1, 2)])
    (a, _), (b, _), (c, _), (d, _) = layout.centres
    assert (a < b) == (d < c)


def test_no_boxes() -> None:
    assert layered([], []).centres == ()


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        layered([(10, 10)] * 2, [(0, 1), (1, 0)])


def test_three_hundred_boxes_take_no_longer_than_a_blink() -> None:
    edges = [(i // 2, i) for i in range(1, 300)] + [(i, i + 7) for i in range(0, 290, 9)]
    sizes = [(60.0, 30.0)] * 300
    start = time.perf_counter()
    layout = layered(sizes, edges)
    assert time.perf_counter() - start < 3
    check(sizes, edges, layout)
