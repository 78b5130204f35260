import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from core.inspection.confusion import ConfusedPair, ConfusionMatrix, cell_images
from core.inspection.predictions import Predictions


def predictions(true: list[int], predicted: list[int], classes: int = 3, sure: float = 2.0) -> Predictions:
    logits = torch.zeros(len(true), classes)
    logits[torch.arange(len(true)), torch.tensor(predicted, dtype=torch.int64)] = sure
    return Predictions(logits, torch.tensor(true, dtype=torch.int64))


def test_rows_are_true_and_columns_predicted() -> None:
    matrix = ConfusionMatrix.of(predictions([0, 0, 0, 1, 2], [0, 1, 1, 1, 0]))
    assert matrix.counts.tolist() == [[1, 2, 0], [0, 1, 0], [1, 0, 0]]


def test_shares_of_a_row_of_a_column_and_of_an_absent_class() -> None:
    matrix = ConfusionMatrix.of(
        predictions([0, 0, 0, 1], [0, 1, 1, 1])
    )  # class 2 is neither there nor predicted
    rows = matrix.normalised("row")
    torch.testing.assert_close(rows[:2], torch.tensor([[1 / 3, 2 / 3, 0], [0, 1, 0]]).double())
    assert rows[2].isnan().all()
    columns = matrix.normalised("column")
    torch.testing.assert_close(columns[:, :2], torch.tensor([[1, 2 / 3], [0, 1 / 3], [0, 0]]).double())
    assert columns[:, 2].isnan().all()
    assert matrix.normalised("counts").tolist() == [[1, 2, 0], [0, 1, 0], [0, 0, 0]]
    with pytest.raises(KeyError):
        matrix.normalised("diagonal")


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=60))
def test_the_matrix_agrees_with_scikit_learn_and_sums_to_the_images(pairs: list[tuple[int, int]]) -> None:
    true, predicted = [t for t, _ in pairs], [p for _, p in pairs]
    counts = ConfusionMatrix.of(predictions(true, predicted, classes=5)).counts
    assert int(counts.sum()) == len(pairs)
    if pairs:
        assert np.array_equal(counts.numpy(), confusion_matrix(true, predicted, labels=range(5)))


def test_most_confused_pairs_come_largest_first_and_without_the_diagonal() -> None:
    true = [0] * 10 + [1] * 4 + [2] * 2
    predicted = [0] * 5 + [1] * 3 + [2] * 2 + [1, 1, 1, 0] + [2, 2]
    pairs = ConfusionMatrix.of(predictions(true, predicted)).most_confused()
    assert pairs == (ConfusedPair(0, 1, 3, 10), ConfusedPair(0, 2, 2, 10), ConfusedPair(1, 0, 1, 4))
    assert pairs[0].sentence(("Shirt", "Coat", "Bag")) == "Shirt taken for Coat: 3 of 10 (30.0 %)"


def test_a_perfect_network_confuses_nothing() -> None:
    assert ConfusionMatrix.of(predictions([0, 1, 2], [0, 1, 2])).most_confused() == ()


def test_the_images_of_a_cell_come_by_loss() -> None:
    found = predictions([0, 1, 0, 0], [1, 1, 1, 1])
    found.logits[:, 1] = torch.tensor(
        [1.0, 5.0, 3.0, 2.0]
    )  # the surer of the wrong class, the higher the loss
    assert cell_images(found, true=0, predicted=1).tolist() == [2, 3, 0]
    assert cell_images(found, true=2, predicted=0).tolist() == []
