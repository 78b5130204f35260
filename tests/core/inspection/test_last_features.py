"""The features against a forward pass by hand."""

import torch
from torch import nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.last_features import LastFeatures, last_features

NORMALISATION = Normalisation((0.0,), (1.0,))
PIXELS = torch.randint(0, 256, (600, 1, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
IMAGES = LabelledImages(PIXELS, torch.zeros(600, dtype=torch.int64))


def features_of(model: nn.Module) -> LastFeatures:
    return last_features(model, IMAGES, NORMALISATION)


def test_they_are_what_the_last_layer_gets() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 3)).train()
    found = features_of(model)
    with torch.no_grad():
        expected = model[:3](NORMALISATION(PIXELS))  # evaluated: no dropout
    torch.testing.assert_close(found.values, expected)
    assert found.what == "the 5 numbers that enter the last layer with weights, Linear (4)"
    assert model.training and not model[4]._forward_pre_hooks  # nothing is left on the shared model


def test_maps_before_a_last_convolution_are_averaged() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.Conv2d(4, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    found = features_of(model)
    with torch.no_grad():
        expected = model[0](NORMALISATION(PIXELS)).mean((2, 3))
    torch.testing.assert_close(found.values, expected)
    assert found.what.endswith("Conv2d (1) (means of its feature maps)")


def test_one_layer_gets_the_pixels_and_so_does_a_network_without_weights() -> None:
    for model in (nn.Sequential(nn.Flatten(), nn.Linear(16, 3)), nn.Sequential(nn.Flatten())):
        torch.testing.assert_close(features_of(model).values, NORMALISATION(PIXELS).flatten(1))


def test_how_far_it_is_is_reported() -> None:
    shares: list[float] = []
    last_features(nn.Sequential(nn.Flatten(), nn.Linear(16, 3)), IMAGES, NORMALISATION, shares.append)
    assert shares == sorted(shares) and shares[-1] == 1.0 and len(shares) > 1
