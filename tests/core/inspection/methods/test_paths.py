"""Shares of the rise from other images, against the rise itself and against brute force."""

import pytest
import torch

from core.data.dataset import LabelledImages
from core.inspection.attribution import SettingError, attribute
from core.inspection.maps import blurred
from tests.core.inspection.small_networks import SHIFTED, background, convolutional, image, linear, logits


@pytest.mark.parametrize("method", ["gradient-shap", "deep-lift-shap"])
def test_on_a_linear_network_they_are_the_way_from_the_mean_image(method: str) -> None:
    model, w = linear()
    others, pixels = background(5, 4), image()
    x, mean = SHIFTED(pixels[None])[0], SHIFTED(others.pixels).mean(0)
    settings = {"images": 5} | ({"samples": 500} if method == "gradient-shap" else {})
    found = attribute(model, pixels, SHIFTED, 1, method, settings, others)
    exact = w[1] * (x - mean)
    torch.testing.assert_close(found.scores, exact, atol=0 if method == "deep-lift-shap" else 0.05, rtol=1e-4)


def test_deep_lift_shap_sums_to_the_rise_from_the_mean_logit_within_one_percent() -> None:
    model, pixels, others = convolutional(), image(12, 12), background(20)
    found = attribute(model, pixels, SHIFTED, 1, "deep-lift-shap", background=others)
    rise = logits(model, SHIFTED(pixels[None]))[0, 1] - logits(model, SHIFTED(others.pixels))[:, 1].mean()
    assert float(found.scores.sum()) == pytest.approx(float(rise), rel=0.01)


def test_gradient_shap_approaches_integrated_gradients_from_each_image() -> None:
    model, pixels, others = convolutional(), image(12, 12), background(5)
    found = attribute(
        model, pixels, SHIFTED, 1, "gradient-shap", {"samples": 500, "images": 5, "seed": 1}, others
    )
    x, starts = SHIFTED(pixels[None]), SHIFTED(others.pixels)
    total = torch.zeros(5, 1, 12, 12)
    for k in range(200):  # the integral by its midpoints
        points = (starts + (k + 0.5) / 200 * (x - starts)).requires_grad_()
        total += torch.autograd.grad(model(points)[:, 1].sum(), points)[0] / 200
    exact = ((x - starts) * total).mean(0)
    assert torch.corrcoef(torch.stack([found.scores.flatten(), exact.flatten()]))[0, 1] > 0.95
    assert float(found.scores.sum()) == pytest.approx(float(exact.sum()), abs=0.1 * float(exact.abs().sum()))


def test_the_blurred_baseline_keeps_the_mean_and_loses_the_detail() -> None:
    flat = torch.full((1, 1, 28, 28), 0.7)
    torch.testing.assert_close(blurred(flat), flat)
    points = torch.rand(1, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    assert blurred(points).std() < 0.1 * points.std()
    assert float(blurred(points).mean()) == pytest.approx(float(points.mean()), abs=0.01)


@pytest.mark.parametrize("method", ["integrated-gradients", "deep-lift"])
def test_scores_sum_to_the_rise_from_the_blurred_image(method: str) -> None:
    model, pixels = convolutional(), image(12, 12)
    x = SHIFTED(pixels[None])
    rises = (logits(model, x) - logits(model, blurred(x)))[0]
    target = int(rises.abs().argmax())
    found = attribute(model, pixels, SHIFTED, target, method, {"baseline": "blurred"})
    assert float(found.scores.sum()) == pytest.approx(float(rises[target]), rel=0.01)


def test_without_other_images_it_says_what_is_missing() -> None:
    with pytest.raises(SettingError, match="compares with other images"):
        attribute(convolutional(), image(12, 12), SHIFTED, 1, "gradient-shap")
    one = LabelledImages(background().pixels[:1], background().labels[:1])
    found = attribute(convolutional(), image(12, 12), SHIFTED, 1, "deep-lift-shap", background=one)
    assert found.scores.isfinite().all()


def test_in_several_parts_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model, pixels, others = convolutional(), image(12, 12), background(20)
    found = []
    for most in (128, 4):  # large images go through the network in small batches
        for module in ("paths", "noise", "changes", "surrogates"):
            monkeypatch.setattr(f"core.inspection.methods.{module}.batch", lambda _case, most=most: most)
        found.append(
            [
                attribute(model, pixels, SHIFTED, 1, method, background=others).scores
                for method in (
                    "deep-lift-shap",
                    "gradient-shap",
                    "integrated-gradients",
                    "smoothgrad",
                    "lime",
                )
            ]
        )
    for whole, parts in zip(*found, strict=True):
        torch.testing.assert_close(whole, parts, atol=1e-5, rtol=1e-3)
