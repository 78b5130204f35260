"""Methods that draw: their seed decides, and nothing else."""

import random

import numpy as np
import pytest
import torch

from core.inspection.attribution import METHODS, attribute
from tests.core.inspection.small_networks import SHIFTED, background, convolutional, image

RANDOM = [key for key, method in METHODS.items() if method.random]


def test_which_methods_draw() -> None:
    assert RANDOM == [
        "smoothgrad", "vargrad", "gradient-shap", "deep-lift-shap",
        "shapley-sampling", "feature-permutation", "lime", "kernel-shap",
    ]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_a_map_neither_depends_on_the_shared_random_numbers_nor_takes_any(method: str) -> None:
    model, pixels, found = convolutional(), image(12, 12), []
    for seed in (0, 1):
        torch.manual_seed(seed), np.random.seed(seed), random.seed(seed)
        states = torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()  # type: ignore[index]
        found.append(attribute(model, pixels, SHIFTED, 1, method, background=background()).scores)
        assert torch.equal(torch.get_rng_state(), states[0])
        assert np.random.get_state()[1].tolist() == states[1]  # type: ignore[index]
        assert random.getstate() == states[2]
    assert torch.equal(*found)


@pytest.mark.parametrize("method", RANDOM)
def test_another_seed_gives_another_map(method: str) -> None:
    model, pixels = convolutional(), image(12, 12)
    maps = [
        attribute(model, pixels, SHIFTED, 1, method, {"seed": seed}, background()).scores for seed in (0, 1)
    ]
    if method == "feature-permutation" or method == "deep-lift-shap":  # all 60 images, in another order
        assert not torch.equal(*maps)
    else:
        assert not torch.allclose(*maps)
