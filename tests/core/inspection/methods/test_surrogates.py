"""LIME and Kernel SHAP against scikit-learn's fit and exact Shapley values."""

from types import SimpleNamespace

import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.linear_model import Ridge as Reference

from core.inspection.attribution import attribute
from core.inspection.methods.surrogates import Ridge
from core.inspection.segments import squares
from tests.core.inspection.methods.test_regions import Together, exact_shapley
from tests.core.inspection.small_networks import PLAIN, SHIFTED, image, linear


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_the_fit_is_scikit_learns(penalty: float) -> None:
    draw = torch.Generator().manual_seed(0)
    x = torch.randint(0, 2, (60, 8), generator=draw).float()
    y, w = torch.randn(60, generator=draw), torch.rand(60, generator=draw)
    ours = Ridge(penalty)
    ours.fit(SimpleNamespace(dataset=SimpleNamespace(tensors=(x, y, w))))
    reference = (Reference(penalty) if penalty else LinearRegression()).fit(x, y, sample_weight=w)
    assert ours.coefficients.tolist() == pytest.approx(reference.coef_.tolist(), abs=1e-5)
    assert ours.r2 == pytest.approx(reference.score(x, y, sample_weight=w), abs=1e-5)


def test_kernel_shap_approaches_the_exact_values() -> None:
    pixels = image()
    x, label = PLAIN(pixels[None]), squares(4, 4, 2)
    exact = exact_shapley(Together(), x, label, torch.zeros_like(x))
    settings = {"across": 2, "regions": "squares", "samples": 1000}
    found = attribute(Together(), pixels, PLAIN, 0, "kernel-shap", settings)
    fitted = torch.stack([found.plane[label == region].mean() for region in range(4)])
    torch.testing.assert_close(fitted, exact, atol=0.03, rtol=0)


@pytest.mark.parametrize("method", ["lime", "kernel-shap"])
def test_a_linear_network_is_its_own_stand_in(method: str) -> None:
    model, w = linear()
    pixels = image()
    change = (w[1] * (SHIFTED(pixels[None])[0] + 0.6))[0]  # from black, −0.6
    expected = change.reshape(2, 2, 2, 2).sum((1, 3))
    settings = {"across": 2, "regions": "squares", "samples": 1000}
    found = attribute(model, pixels, SHIFTED, 1, method, settings)
    blocks = found.plane.reshape(2, 2, 2, 2).mean((1, 3))
    # LIME's penalty shrinks its coefficients a little
    torch.testing.assert_close(blocks, expected, atol=1e-4 if method == "kernel-shap" else 0.1, rtol=1e-3)
    assert found.facts[1].name == "Fit, R²" and float(found.facts[1].value) > 0.95


def test_too_few_samples_are_said_so() -> None:
    model, _ = linear()
    found = attribute(
        model,
        image(),
        SHIFTED,
        1,
        "lime",
        {"across": 28, "regions": "squares", "samples": 50},
    )
    assert found.facts[0].value == "16" and "fewer images" not in found.facts[1].meaning
    large = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(144, 2))
    found = attribute(
        large, image(12, 12), SHIFTED, 1, "lime", {"across": 12, "regions": "squares", "samples": 50}
    )
    assert "fewer images than regions" in found.facts[1].meaning
