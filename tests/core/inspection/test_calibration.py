import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from core.inspection.calibration import HIGHEST, LOWEST, Calibration, fit_temperature
from core.inspection.predictions import Predictions


def two_classes(*images: tuple[float, bool]) -> Predictions:
    """Images given as (confidence ≥ ½, whether that is right); class 0 is always the prediction."""
    logits = torch.tensor([[math.log(p / (1 - p)), 0.0] for p, _ in images], dtype=torch.float64)
    return Predictions(logits, torch.tensor([0 if right else 1 for _, right in images]))


def noisy(n: int, k: int, scale: float, seed: int) -> Predictions:
    """Labels drawn from softmax(z), and a network that says scale · z: its best temperature is about `scale`."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(n, k, generator=generator) * 1.5
    labels = torch.multinomial(z.softmax(dim=1), 1, generator=generator).squeeze(1)
    return Predictions(z * scale, labels)


def test_the_error_by_hand() -> None:
    found = Calibration.of(two_classes((0.95, True), (0.9001, False), (0.65, True), (0.61, True)), bins=10)
    sixth, ninth = found.bins[6], found.bins[9]
    assert [each.images for each in found.bins] == [0, 0, 0, 0, 0, 0, 2, 0, 0, 2]
    assert (sixth.correct, ninth.correct) == (2, 1)
    assert sixth.confidence == pytest.approx(0.63) and ninth.confidence == pytest.approx(0.92505)
    # 2/4 · |1 − 0.63| + 2/4 · |0.5 − 0.92505|
    assert found.ece == pytest.approx(0.185 + 0.212525)
    assert found.confidence == pytest.approx(0.777525) and found.accuracy == 0.75
    # −(ln 0.95 + ln 0.0999 + ln 0.65 + ln 0.61) / 4
    assert found.loss == pytest.approx(0.8200, abs=5e-5)
    assert found.sentence() == (
        "Over-confident by 2.8 points: on average 77.8 % sure, but right for 75.0 % of the images."
    )


def test_a_bin_holds_its_upper_edge() -> None:
    logits = torch.zeros(1, 4, dtype=torch.float64)  # confidence exactly ¼
    found = Calibration.of(Predictions(logits, torch.tensor([0])), bins=4)
    assert [each.images for each in found.bins] == [1, 0, 0, 0]


@given(st.integers(1, 60), st.integers(2, 5), st.integers(1, 30), st.integers(0, 1000))
def test_it_agrees_with_a_loop_over_all_images(n: int, k: int, bins: int, seed: int) -> None:
    predictions = noisy(n, k, 2.0, seed)
    found = Calibration.of(predictions, bins)
    error = 0.0
    for b in range(bins):
        members = []
        for logits, label in zip(
            predictions.logits.double().numpy(), predictions.labels.tolist(), strict=True
        ):
            shares = np.exp(logits - logits.max())
            shares /= shares.sum()
            if b / bins < shares.max() <= (b + 1) / bins:
                members.append((shares.max(), shares.argmax() == label))
        assert found.bins[b].images == len(members)
        if members:
            confidence, right = (np.mean(column) for column in zip(*members, strict=True))
            error += len(members) / n * abs(confidence - right)
    assert found.ece == pytest.approx(error, abs=1e-12)


def test_the_loss_agrees_with_scikit_learn() -> None:
    predictions = noisy(500, 4, 2.0, 0)
    shares = predictions.logits.double().softmax(dim=1).numpy()
    assert Calibration.of(predictions).loss == pytest.approx(
        log_loss(predictions.labels.numpy(), shares, labels=range(4)), rel=1e-12
    )


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
def test_the_temperature_agrees_with_a_grid(scale: float) -> None:
    predictions = noisy(4000, 5, scale, 1)
    found = fit_temperature(predictions)
    grid = np.arange(0.2, 5, 0.001)
    logits = predictions.logits.double().numpy()
    losses = [log_loss_of(logits / t, predictions.labels.numpy()) for t in grid]
    assert found.value == pytest.approx(grid[int(np.argmin(losses))], abs=0.001)
    assert found.value == pytest.approx(scale, rel=0.1)  # labels were drawn so
    assert found.loss_after == pytest.approx(min(losses), abs=1e-6) and found.loss_after <= found.loss_before
    assert not found.at_its_end


def log_loss_of(logits: np.ndarray, labels: np.ndarray) -> float:
    highest = logits.max(axis=1)
    logsum = np.log(np.exp(logits - highest[:, None]).sum(axis=1)) + highest
    return float((logsum - logits[np.arange(len(labels)), labels]).mean())


def test_a_temperature_changes_no_prediction_and_mends_what_was_made_so() -> None:
    predictions = noisy(4000, 5, 3.0, 2)
    before = Calibration.of(predictions)
    after = Calibration.of(predictions, temperature=fit_temperature(predictions).value)
    assert after.accuracy == before.accuracy
    assert before.ece > 0.1 > 0.03 > after.ece  # chance alone leaves about 0.02 here
    assert before.sentence().startswith("Over-confident")
    assert after.sentence().startswith("On average as sure as it should be")
    assert Calibration.of(predictions, temperature=30).sentence().startswith("Under-confident")


def test_without_an_end_to_the_fall_of_the_loss_the_search_ends_at_its_bounds() -> None:
    right = Predictions(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1]))
    assert fit_temperature(right).value == LOWEST and fit_temperature(right).at_its_end
    wrong = Predictions(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([1, 0]))
    assert fit_temperature(wrong).value == HIGHEST


def test_logits_that_are_no_numbers_and_no_images_are_refused() -> None:
    for unusable in (
        Predictions(torch.tensor([[float("nan"), 0.0]]), torch.tensor([0])),
        Predictions(torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64)),
    ):
        with pytest.raises(ValueError):
            Calibration.of(unusable)
        with pytest.raises(ValueError):
            fit_temperature(unusable)
