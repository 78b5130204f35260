"""Mean and standard deviation of each channel, and their use."""

from pathlib import Path

import pytest
import torch

from core.data import catalogue
from core.data.normalisation import Normalisation


def test_by_hand() -> None:
    pixels = torch.tensor(
        [[[[0, 255]], [[51, 51]]], [[[255, 0]], [[51, 51]]]], dtype=torch.uint8
    )  # (2, 2, 1, 2)
    found = Normalisation.of(pixels)
    # channel 0 has as many 0s as 1s: mean 1/2, deviation 1/2; channel 1 is 51 / 255 = 0.2 everywhere
    assert found.mean == pytest.approx((0.5, 0.2), abs=1e-12)
    assert found.std[0] == pytest.approx(0.5, abs=1e-12)
    expected = torch.tensor([[[[-1.0, 1.0]], [[0.0, 0.0]]], [[[1.0, -1.0]], [[0.0, 0.0]]]])
    assert torch.allclose(found(pixels), expected, atol=1e-6)


def test_against_torch_on_random_pixels() -> None:
    pixels = torch.randint(
        0, 256, (40, 3, 7, 5), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    found = Normalisation.of(pixels)
    scaled = pixels.double() / 255
    assert found.mean == pytest.approx(scaled.mean((0, 2, 3)).tolist(), abs=1e-12)
    assert found.std == pytest.approx(scaled.std((0, 2, 3), correction=0).tolist(), abs=1e-12)
    normalised = found(pixels)
    assert normalised.dtype == torch.float32
    assert normalised.shape == pixels.shape
    assert torch.allclose(normalised.mean((0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(normalised.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("form", [torch.contiguous_format, torch.channels_last])
def test_images_keep_their_order_in_memory_and_their_values(channels: int, form: torch.memory_format) -> None:
    pixels = torch.randint(
        0, 256, (6, channels, 4, 5), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    found = Normalisation.of(pixels)
    mean, std = (torch.tensor(each, dtype=torch.float64).view(-1, 1, 1) for each in (found.mean, found.std))
    expected = (pixels.double() / 255 - mean) / std
    laid = pixels.contiguous(memory_format=form)
    for given in (found(laid), found.of_scaled(laid.float() / 255)):
        assert given.is_contiguous(memory_format=form)
        assert torch.allclose(given.double(), expected, atol=1e-6)


def test_scaled_images_hand_a_gradient_back() -> None:
    normalisation = Normalisation((0.5, 0.2), (0.25, 2.0))
    images = torch.rand(3, 2, 4, 4, requires_grad=True)
    with torch.inference_mode():
        normalisation.of_scaled(images.detach().clone())  # what is kept for the next time serves both modes
    (gradient,) = torch.autograd.grad(normalisation.of_scaled(images * 1.0).sum(), images)
    assert gradient[:, 0].eq(4.0).all()  # one over the deviation of each channel
    assert gradient[:, 1].eq(0.5).all()


def test_one_grey_level_is_not_divided_by_zero() -> None:
    found = Normalisation.of(torch.full((2, 1, 3, 3), 255, dtype=torch.uint8))
    assert found.std == (1.0,)
    assert found(torch.full((1, 1, 3, 3), 255, dtype=torch.uint8)).abs().max() < 1e-6


@pytest.mark.parametrize(
    "pixels",
    [
        torch.zeros(2, 1, 3, 3),
        torch.zeros(2, 3, 3, dtype=torch.uint8),
        torch.zeros(0, 1, 3, 3, dtype=torch.uint8),
    ],
    ids=["float", "no channel", "no image"],
)
def test_what_cannot_be_measured_is_named(pixels: torch.Tensor) -> None:
    with pytest.raises(ValueError, match=r"needs uint8 pixels \(N, C, H, W\)"):
        Normalisation.of(pixels)


@pytest.mark.real_data
def test_fashion_mnist_has_its_published_figures(
    real_data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(real_data_folder))
    found = Normalisation.of(catalogue.load("fashion-mnist").train.pixels)
    assert round(found.mean[0], 4) == 0.2860  # the figures that PyTorch tutorials give for Fashion-MNIST
    assert round(found.std[0], 4) == 0.3530
