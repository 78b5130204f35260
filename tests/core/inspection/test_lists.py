import torch

from core.inspection.lists import LISTS, Filter
from core.inspection.predictions import Predictions

# image: 0 wrong and sure, 1 right and sure, 2 wrong and unsure, 3 right and unsure
FOUND = Predictions(
    torch.tensor([[5.0, 0.0], [4.0, 0.0], [0.0, 0.1], [0.2, 0.0]]), labels=torch.tensor([1, 0, 0, 0])
)


def order(name: str) -> list[int]:
    return LISTS[name].choose(FOUND).tolist()


def test_misclassified_and_top_losses_are_different_lists() -> None:
    assert order("misclassified") == [0, 2]
    # losses by hand: ln(1+e^5) = 5.007, ln(1+e^-4) = 0.018, ln(1+e^0.1) = 0.744, ln(1+e^-0.2) = 0.598
    assert order("top-losses") == [0, 2, 3, 1]


def test_surest_mistakes_and_least_sure() -> None:
    assert order("surest-mistakes") == [0, 2]
    assert order("least-sure") == [2, 3, 1, 0]  # the logits' distances are 0.1, 0.2, 4 and 5


def test_a_network_without_mistakes_has_empty_lists_of_mistakes() -> None:
    perfect = Predictions(FOUND.logits, FOUND.predicted)
    assert LISTS["misclassified"].choose(perfect).tolist() == []
    assert LISTS["surest-mistakes"].choose(perfect).tolist() == []
    assert len(LISTS["top-losses"].choose(perfect)) == 4


def test_filters_leave_the_order_as_it_is() -> None:
    images = LISTS["top-losses"].choose(FOUND)  # 0, 2, 3, 1
    assert Filter().keep(FOUND, images).tolist() == [0, 2, 3, 1]
    assert Filter(true=0).keep(FOUND, images).tolist() == [2, 3, 1]
    assert Filter(true=0, predicted=0).keep(FOUND, images).tolist() == [3, 1]
    # confidences by hand: 1 / (1 + e^−d) for d = 5, 4, 0.1, 0.2: 0.993, 0.982, 0.525, 0.550
    assert Filter(low=0.54, high=0.985).keep(FOUND, images).tolist() == [3, 1]
    assert Filter(predicted=1, low=0.9).keep(FOUND, images).tolist() == []
