"""Layer activation, Guided Grad-CAM and Deconvolution by hand."""

import pytest
import torch
from torch import nn

from core.inspection.attribution import SettingError, attribute
from tests.core.inspection.small_networks import PLAIN, SHIFTED, convolutional, image
from tests.core.inspection.test_attribution import two_detectors


def test_layer_activation_by_hand() -> None:
    pixels = image()
    x = pixels / 255  # the maps are 2x and 1 − x
    all_of_them = attribute(two_detectors(), pixels, PLAIN, 0, "layer-activation", {"layer": "0"})
    torch.testing.assert_close(all_of_them.scores, (2 * x + (1 - x)) / 2)
    second = attribute(two_detectors(), pixels, PLAIN, 0, "layer-activation", {"layer": "0", "channel": 2})
    torch.testing.assert_close(second.scores, 1 - x)
    assert not second.signed
    with pytest.raises(SettingError, match="choose 1 to 2"):
        attribute(two_detectors(), pixels, PLAIN, 0, "layer-activation", {"layer": "0", "channel": 3})


def test_deconvolution_asks_only_what_comes_back() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 3, bias=False), nn.ReLU(), nn.Linear(3, 1, bias=False))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0], [-5.0, -6.0]]))
        model[3].weight.copy_(torch.tensor([[1.0, -1.0, 1.0]]))  # the second speaks against, the third is off
    pixels = torch.full((1, 1, 2), 255, dtype=torch.uint8)
    assert attribute(model, pixels, PLAIN, 0, "guided-backprop").scores.flatten().tolist() == [1.0, 2.0]
    assert attribute(model, pixels, PLAIN, 0, "deconvolution").scores.flatten().tolist() == [-4.0, -4.0]


def test_guided_grad_cam_is_the_product() -> None:
    model, pixels = convolutional(), image(12, 12)
    for layer in ("4", "0"):
        cam = attribute(model, pixels, SHIFTED, 1, "grad-cam", {"layer": layer}).scores
        guided = attribute(model, pixels, SHIFTED, 1, "guided-backprop").scores
        both = attribute(model, pixels, SHIFTED, 1, "guided-grad-cam", {"layer": layer})
        torch.testing.assert_close(both.scores, cam * guided)
        assert both.facts[0].value == {"4": "6×6", "0": "12×12"}[layer]
