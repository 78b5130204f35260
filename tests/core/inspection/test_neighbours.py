"""The nearest training images against scikit-learn, and the features against a forward pass by hand."""

import pytest
import torch
from sklearn.neighbors import NearestNeighbors
from torch import nn

from core.data.normalisation import Normalisation
from core.inspection import neighbours
from core.inspection.last_features import FeatureNetwork
from core.inspection.neighbours import (
    feature_bank,
    features_of,
    nearest_features,
    nearest_pixels,
    usual_distances,
)

NORMALISATION = Normalisation((0.4,), (0.3,))


def images(n: int = 300) -> torch.Tensor:
    return torch.randint(0, 256, (n, 1, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(2))


def model() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(4 * 36, 12),
        nn.Tanh(),
        nn.Linear(12, 3),
    )


def finished(work):  # type: ignore[no-untyped-def]
    shares = []
    while True:
        try:
            shares.append(next(work))
        except StopIteration as stop:
            assert shares == sorted(shares) and shares[-1] == 1.0
            return stop.value


def test_the_features_are_what_the_last_layer_takes_in_of_length_1() -> None:
    network, own = FeatureNetwork(model(), NORMALISATION, images()[0]), model()
    with torch.no_grad():
        hidden = own[:5]((images() / 255 - 0.4) / 0.3)
    expected = hidden / hidden.norm(dim=1, keepdim=True)
    assert torch.allclose(features_of(network, images()), expected, atol=1e-5)


def test_the_nearest_are_those_that_scikit_learn_finds() -> None:
    network, pixels = FeatureNetwork(model(), NORMALISATION, images()[0]), images()
    places = torch.arange(0, 300, 2)
    bank = finished(feature_bank(network, pixels, places))
    query = features_of(network, pixels[7:8])[0]
    found = nearest_features(bank, query, 6)
    theirs = NearestNeighbors(n_neighbors=6, metric="cosine").fit(
        features_of(network, pixels[places]).numpy()
    )
    distances, order = theirs.kneighbors(query[None].numpy())
    assert found.images.tolist() == places[order[0]].tolist()
    assert found.distances.tolist() == pytest.approx(distances[0].tolist(), abs=1e-5)

    by_pixels = nearest_pixels(pixels, places, pixels[7], 6)
    flat = pixels.flatten(1).double().numpy()
    distances, order = NearestNeighbors(n_neighbors=6).fit(flat[places]).kneighbors(flat[7:8])
    assert by_pixels.images.tolist() == places[order[0]].tolist()
    assert by_pixels.distances.tolist() == pytest.approx((distances[0] / 8).tolist(), rel=1e-5)  # √64 pixels


def test_an_image_is_nearest_to_itself() -> None:
    network, pixels = FeatureNetwork(model(), NORMALISATION, images()[0]), images()
    bank = finished(feature_bank(network, pixels, torch.arange(300)))
    assert nearest_features(bank, features_of(network, pixels[9:10])[0], 1).images.tolist() == [9]
    found = nearest_pixels(pixels, torch.arange(300), pixels[9], 1)
    assert found.images.tolist() == [9] and found.distances.tolist() == [0.0]


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "MOST_BYTES", 40 * 4 * 12)
    network = FeatureNetwork(model(), NORMALISATION, images()[0])
    bank = finished(feature_bank(network, images(), torch.arange(300)))
    assert bank.features.shape == (40, 12)
    assert bank.images[0] == 0 and bank.images[-1] == 299 and (bank.images.diff() > 0).all()


def test_the_shared_network_gets_no_hook() -> None:
    shared = model()
    FeatureNetwork(shared, NORMALISATION, images()[0])(images())
    assert not any(module._forward_pre_hooks for module in shared.modules())


def test_usual_distances_are_those_of_each_image_to_its_nearest() -> None:
    network, pixels = FeatureNetwork(model(), NORMALISATION, images()[0]), images()
    bank = finished(feature_bank(network, pixels, torch.arange(200)))
    expected = [
        float(nearest_features(bank, features_of(network, pixels[k : k + 1])[0], 1).distances)
        for k in range(200, 300)
    ]
    assert usual_distances(network, bank, pixels[200:]).tolist() == pytest.approx(sorted(expected), abs=1e-5)
