import torch
from torch import nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import anatomy
from core.inspection.last_features import last_features

NORMALISATION = Normalisation((0.0,), (1.0,))
PIXELS = torch.randint(0, 256, (600, 1, 4, 4), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
IMAGES = LabelledImages(PIXELS, torch.zeros(600, dtype=torch.int64))


def features_of(model: nn.Module):
    torch.manual_seed(0)
    return last_features(model, anatomy(model, NORMALISATION(PIXELS[:1])[0]), IMAGES, NORMALISATION)


def test_they_are_what_the_last_layer_gets() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 3)).train()
    found = features_of(model)
    with torch.no_grad():
        expected = model[:3](NORMALISATION(PIXELS))  # evaluated: no dropout
    torch.testing.assert_close(found.values, expected)
    assert found.what == "the 5 numbers that enter the last layer, Linear (4)"
    assert model.training and not model[4]._forward_pre_hooks  # nothing is left on the shared model


def test_without_a_linear_layer_at_the_end_they_are_the_logits() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    found = features_of(model)
    with torch.no_grad():
        torch.testing.assert_close(found.values, model(NORMALISATION(PIXELS)))
    assert found.what == "the 3 logits, since no Linear layer comes last"


def test_one_layer_gets_the_pixels() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3)).eval()
    torch.testing.assert_close(features_of(model).values, NORMALISATION(PIXELS).flatten(1))
