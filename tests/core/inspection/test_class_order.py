from itertools import pairwise, permutations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.inspection.class_order import ORDERS, chosen_first, similarity
from core.inspection.confusion import ConfusionMatrix


def matrix(*rows: list[int]) -> ConfusionMatrix:
    return ConfusionMatrix(torch.tensor(rows))


# 0 and 3 are taken for each other, and so are 1 and 2; 3 and 1 a little; class 4 has no images
PAIRS = matrix(
    [60, 0, 0, 40, 0],
    [0, 70, 20, 10, 0],
    [0, 30, 70, 0, 0],
    [20, 0, 0, 80, 0],
    [0, 0, 0, 0, 0],
)


def test_similarity_by_hand() -> None:
    alike = similarity(PAIRS)
    assert alike[0, 3] == alike[3, 0] == pytest.approx((0.4 + 0.2) / 2)
    assert alike[1, 3] == pytest.approx((0.1 + 0.0) / 2)
    assert alike[4].tolist() == [0, 0, 0, 0, 1]


def test_classes_taken_for_each_other_stand_side_by_side() -> None:
    order = ORDERS["similarity"].places(PAIRS)
    places = {k: order.index(k) for k in range(5)}
    assert abs(places[0] - places[3]) == abs(places[1] - places[2]) == abs(places[3] - places[1]) == 1


def test_the_worst_recall_comes_first_and_classes_without_images_last() -> None:
    assert ORDERS["recall"].places(PAIRS) == (0, 1, 2, 3, 4)  # 60, 70, 70, 80 %, and none
    assert ORDERS["recall"].places(matrix([9, 1], [5, 5])) == (1, 0)
    assert ORDERS["given"].places(PAIRS) == (0, 1, 2, 3, 4)


@given(st.lists(st.lists(st.integers(0, 9), min_size=4, max_size=4), min_size=4, max_size=4))
def test_each_order_has_every_class_once(rows: list[list[int]]) -> None:
    for order in ORDERS.values():
        assert sorted(order.places(matrix(*rows))) == [0, 1, 2, 3]


def test_of_two_nested_groups_the_order_is_the_best_of_all_that_the_tree_allows() -> None:
    alike = similarity(PAIRS)

    def apart(order: tuple[int, ...]) -> float:
        return sum(1 - alike[a, b] for a, b in pairwise(order))

    # here no permutation at all is better, so neither is any that the tree allows
    assert apart(ORDERS["similarity"].places(PAIRS)) == pytest.approx(min(map(apart, permutations(range(5)))))


def test_one_or_two_classes_stay_as_they_are() -> None:
    assert ORDERS["similarity"].places(matrix([3])) == (0,)
    assert ORDERS["similarity"].places(matrix([3, 1], [2, 2])) == (0, 1)


def test_chosen_classes_come_first() -> None:
    assert chosen_first([3, 1, 3], 5) == (3, 1, 0, 2, 4)
    assert chosen_first([], 3) == (0, 1, 2)
