"""What is usual, by hand and against numpy."""

import numpy as np
import pytest
import torch

from core.inspection.familiarity import DISTANCE, MEASURES, familiarity, of_test_images, placed, verdict


def known() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(60, 120, (700, 1, 8, 8), dtype=torch.uint8, generator=generator)
    return pixels, torch.randn(700, 4, generator=generator) * 3


def test_the_measures_of_one_image_by_hand() -> None:
    pixels = torch.tensor([[[[0, 10], [20, 10]]]], dtype=torch.uint8)
    logits = torch.tensor([[0.0, float(np.log(3))]])
    values = [float(measure.of(pixels, logits)[0]) for measure in MEASURES]
    # mean 10; deviations −10, 0, 10, 0; neighbours in a row differ by 10 and 10; softmax (¼, ¾); Σ exp = 4
    assert values == pytest.approx([10, 50**0.5, 10, 0.75, -np.log(4)], rel=1e-5)


def test_what_is_usual_are_the_quantiles_of_the_test_images() -> None:
    pixels, logits = known()
    found = familiarity(pixels[5], logits[5], of_test_images(pixels, logits))
    energies = -np.log(np.exp(logits.double().numpy()).sum(1))
    energy = found[-1]
    assert energy.value == pytest.approx(energies[5], rel=1e-4)
    assert (energy.low, energy.high) == pytest.approx(tuple(np.quantile(energies, [0.01, 0.99])), rel=1e-3)
    assert energy.share_below == pytest.approx((energies < energies[5]).mean(), abs=1 / 700)


def test_a_strange_image_is_called_so_with_its_numbers_and_a_usual_one_is_not() -> None:
    pixels, logits = known()
    usual = of_test_images(pixels, logits)
    strange = familiarity(torch.full((1, 8, 8), 250, dtype=torch.uint8), torch.zeros(4), usual)
    assert not strange[0].usual and not strange[1].usual
    assert "numbers: brightness 250 (98 % of the test images: 8" in verdict(strange)
    every = [familiarity(pixels[k], logits[k], usual) for k in range(50)]
    middle = next(found for found in every if all(each.usual for each in found))
    assert "None of 5 numbers is unusual" in verdict(middle)


def test_a_small_distance_is_never_strange_and_a_large_one_is() -> None:
    usual = torch.linspace(0.1, 0.2, 101)
    assert placed(DISTANCE, 0.0, usual).usual and placed(DISTANCE, 0.15, usual).usual
    far = placed(DISTANCE, 0.5, usual)
    assert not far.usual and far.share_below == 1
