"""Regions: ablation and permutation by brute force, Shapley values against all orders."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from core.data.normalisation import Normalisation
from core.inspection.attribution import SettingError, attribute
from core.inspection.segments import squares, superpixels
from tests.core.inspection.small_networks import PLAIN, SHIFTED, background, convolutional, image, logits


class Together(nn.Module):
    """f(x) = 3·a + 2·a·b − c·d of the four quarters' means: pairs that matter only together."""

    def forward(self, x: Tensor) -> Tensor:
        a, b, c, d = (x[..., rows, columns].mean((1, 2, 3)) for rows in HALVES for columns in HALVES)
        return (3 * a + 2 * a * b - c * d)[:, None]


HALVES = (slice(0, 2), slice(2, 4))


def exact_shapley(model: nn.Module, x: Tensor, label: Tensor, start: Tensor) -> Tensor:
    """The value of each region, over all orders."""
    regions = int(label.max()) + 1
    values = torch.zeros(regions)
    orders = list(itertools.permutations(range(regions)))
    for order in orders:
        now = start.clone()
        for region in order:
            before = logits(model, now)[0, 0]
            now = torch.where(label == region, x, now)
            values[region] += (logits(model, now)[0, 0] - before) / len(orders)
    return values


def test_shapley_sampling_approaches_the_exact_values() -> None:
    pixels = image()
    x, label = PLAIN(pixels[None]), squares(4, 4, 2)
    exact = exact_shapley(Together(), x, label, torch.zeros_like(x))
    # by hand: 3a + ab for the first quarter, ab for the second, −cd/2 for each of the others
    a, b, c, d = (float(x[..., rows, columns].mean()) for rows in HALVES for columns in HALVES)
    assert exact.tolist() == pytest.approx([3 * a + a * b, a * b, -c * d / 2, -c * d / 2], abs=1e-5)
    found = attribute(Together(), pixels, PLAIN, 0, "shapley-sampling", {"across": 2, "samples": 200})
    sampled = torch.stack([found.plane[label == region].mean() for region in range(4)])
    torch.testing.assert_close(sampled, exact, atol=0.06, rtol=0)
    # each order's parts sum to the whole rise, so their mean does, too
    explained, change = (float(part) for part in found.facts[0].value.split(" of "))
    assert explained == pytest.approx(change, abs=2e-3) == pytest.approx(float(exact.sum()), abs=2e-3)


def test_feature_ablation_against_a_brute_force_loop() -> None:
    model, pixels = convolutional(), image(12, 12)
    x, label = SHIFTED(pixels[None]), squares(12, 12, 3)
    whole = logits(model, x)[0, 1]
    expected = torch.zeros(12, 12)
    for region in range(16):
        painted = torch.where(label == region, torch.tensor(1.4), x)  # white
        expected[label == region] = whole - logits(model, painted)[0, 1]
    settings = {"regions": "squares", "across": 4, "baseline": "white"}
    found = attribute(model, pixels, SHIFTED, 1, "feature-ablation", settings)
    torch.testing.assert_close(found.plane, expected, atol=1e-5, rtol=1e-4)
    assert found.facts[0].value == "16"


def test_a_region_of_a_colour_image_counts_once() -> None:
    torch.manual_seed(2)
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, 1, bias=False))
    pixels = torch.full((3, 4, 4), 255, dtype=torch.uint8)
    plain = Normalisation((0.0,) * 3, (1.0,) * 3)
    w = model[1].weight.detach().reshape(3, 4, 4)
    quarters = w.sum(0).reshape(2, 2, 2, 2).sum((1, 3))  # what painting one quarter black takes away
    expected = quarters.repeat_interleave(2, 0).repeat_interleave(2, 1)
    for method, settings in {
        "feature-ablation": {"regions": "squares", "across": 2},
        "shapley-sampling": {"across": 2},
        "kernel-shap": {"regions": "squares", "across": 2},
        "occlusion": {"window": 2, "stride": 2},
    }.items():
        found = attribute(model, pixels, plain, 0, method, settings)
        torch.testing.assert_close(found.plane, expected, atol=1e-5, rtol=1e-4)


def test_feature_permutation_finds_what_tells_a_class() -> None:
    others = background(90)
    others.pixels[others.labels == 1, :, :6, :6] = 255  # the first quarter tells class 1

    class Corner(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            corner = x[..., :6, :6].mean((1, 2, 3))
            return torch.stack([-corner, corner, 0 * corner], dim=1)

    found = attribute(Corner(), image(12, 12), PLAIN, 1, "feature-permutation", {"across": 2}, others)
    assert found.plane[:6, :6].min() > 0.1  # two thirds of the images have about 0.5 there instead of 1
    assert found.plane[6:].abs().max() < 1e-6 and found.plane[:6, 6:].abs().max() < 1e-6
    assert found.facts[0].value == "30"
    with pytest.raises(SettingError, match="None of the 60 images"):
        attribute(
            Corner(), image(12, 12), PLAIN, 2, "feature-permutation", background=background(60, classes=2)
        )


def test_superpixels_cover_the_image_and_keep_to_an_edge() -> None:
    pixels = torch.zeros(1, 28, 28)
    pixels[:, :, 13:] = 1  # an edge that the grid of 4×4 does not have
    label = superpixels(pixels, 4)
    assert label.shape == (28, 28)
    assert sorted(set(label.flatten().tolist())) == list(range(int(label.max()) + 1))
    assert 30 <= int(label.max()) + 1 <= 49
    assert not set(label[:, :13].flatten().tolist()) & set(label[:, 13:].flatten().tolist())
    assert squares(5, 6, 4).tolist()[4] == [2, 2, 2, 2, 3, 3]
