import pytest
import torch

from core.inspection.cell_summary import CellSummary
from core.inspection.predictions import Predictions


def test_means_by_hand() -> None:
    # logits (0, ln 3): probabilities ¼ and ¾
    logits = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]) * torch.tensor(3.0).log()
    predictions = Predictions(logits, torch.tensor([0, 1, 1]))
    pixels = torch.tensor([0, 100, 201], dtype=torch.uint8).reshape(3, 1, 1, 1).expand(3, 1, 2, 2)
    found = CellSummary.of(predictions, pixels, torch.tensor([1, 2]))
    assert found is not None
    assert found.images == 2
    assert found.confidence == pytest.approx(0.75)
    assert found.loss == pytest.approx((-torch.tensor(0.75).log() - torch.tensor(0.25).log()).item() / 2)
    assert found.mean.tolist() == [[[150.5, 150.5], [150.5, 150.5]]]
    assert found.sentence() == "2 images, mean loss 0.84, 75 % sure on average"
    one = CellSummary.of(predictions, pixels, torch.tensor([1]))
    assert one is not None and one.sentence().startswith("1 image, ")


def test_of_no_image_there_is_no_mean() -> None:
    predictions = Predictions(torch.zeros(1, 2), torch.tensor([0]))
    assert CellSummary.of(predictions, torch.zeros(1, 1, 2, 2), torch.tensor([], dtype=torch.int64)) is None
