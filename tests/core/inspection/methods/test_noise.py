"""SmoothGrad and VarGrad against the means and variances that they stand for."""

import torch
from torch import Tensor, nn

from core.inspection.attribution import attribute
from tests.core.inspection.small_networks import PLAIN, SHIFTED, convolutional, image, linear


class Square(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x**2).flatten(1).sum(dim=1, keepdim=True)


def test_on_a_linear_network_noise_changes_nothing() -> None:
    model, w = linear()
    smooth = attribute(model, image(), SHIFTED, 1, "smoothgrad")
    torch.testing.assert_close(smooth.scores, w[1].abs())
    assert not smooth.signed
    varied = attribute(model, image(), SHIFTED, 1, "vargrad")
    torch.testing.assert_close(varied.scores, torch.zeros(1, 4, 4), atol=1e-6, rtol=0)


def test_means_and_variances_of_a_square() -> None:
    # f = Σx²: the gradient at x + ε is 2(x + ε), whose variance is 4σ²
    pixels = torch.tensor([[[100, 255], [0, 200]]], dtype=torch.uint8)  # from black to white: σ = 0.1
    given = {"samples": 100, "noise": 10, "seed": 3}
    varied = attribute(Square(), pixels, PLAIN, 0, "vargrad", {**given, "method": "input-x-gradient"})
    assert not varied.signed
    x = pixels / 255
    # input × gradient is 2(x + ε)², of variance 4·(4x²σ² + 2σ⁴)
    expected = 4 * (4 * x**2 * 0.01 + 2 * 0.0001)
    torch.testing.assert_close(varied.scores, expected, rtol=0.5, atol=2e-3)
    smooth = attribute(Square(), pixels, PLAIN, 0, "smoothgrad", {**given, "method": "input-x-gradient"})
    torch.testing.assert_close(smooth.scores, 2 * (x**2 + 0.01), rtol=0.1, atol=0.02)
    assert smooth.signed


def test_smoothing_integrated_gradients_is_their_mean() -> None:
    model, pixels = convolutional(), image(12, 12)
    settings = {"method": "integrated-gradients", "samples": 10, "noise": 5, "seed": 4}
    found = attribute(model, pixels, SHIFTED, 1, "smoothgrad", settings)
    x = SHIFTED(pixels[None])
    draw = torch.Generator().manual_seed(4)
    sigma = 0.05 * float(x.max() - x.min())
    maps = []
    for count in (4, 4, 2):  # copies are drawn four at a time
        for noise in torch.randn(count, 1, 12, 12, generator=draw):
            start, end = torch.full_like(x, -0.6), x + sigma * noise
            slopes = []
            nodes, weights = _gauss_legendre(20)
            for node, weight in zip(nodes, weights, strict=True):
                point = (start + node * (end - start)).requires_grad_()
                slopes.append(weight * torch.autograd.grad(model(point)[0, 1], point)[0])
            maps.append((end - start) * torch.stack(slopes).sum(0))
    torch.testing.assert_close(found.scores, torch.stack(maps).mean(0)[0], atol=1e-5, rtol=1e-3)


def _gauss_legendre(steps: int) -> tuple[list[float], list[float]]:
    import numpy as np

    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return [float((node + 1) / 2) for node in nodes], [float(weight / 2) for weight in weights]
