import torch

from core.inspection.lists import LISTS
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
