"""Attribution of networks whose layers do not all stand in one row."""

import pytest
import torch

from core.data.normalisation import Normalisation
from core.inspection.anatomy import anatomy
from core.inspection.attribution import METHODS, MethodUnableError, attribute
from core.networks.build import build
from core.networks.gallery import GALLERY
from core.networks.kinds import layer
from core.networks.network import Network
from core.networks.spec import NetworkSpec
from tests.core.inspection.small_networks import background

PLAIN = Normalisation((0.0,), (1.0,))
BRANCHING = ["Two Inception blocks", "Small ResNet", "Small DenseNet"]


def network(name: str) -> Network:
    torch.manual_seed(0)
    model = build(GALLERY[name].spec, (1, 28, 28))
    model.train()(torch.rand(8, 1, 28, 28))  # statistics of batch norm that are not 0 and 1
    return model.eval()


def image() -> torch.Tensor:
    draw = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (1, 28, 28), dtype=torch.uint8, generator=draw)


@pytest.mark.parametrize("name", BRANCHING)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_serves_them(name: str, method: str) -> None:
    others = background(30, 28, 10)
    settings = {"images": 50} if method == "feature-permutation" else {}
    scores = attribute(network(name), image(), PLAIN, 3, method, settings, others).scores
    assert scores.shape == (1, 28, 28) and scores.isfinite().all()


@pytest.mark.parametrize("name", BRANCHING)
@pytest.mark.parametrize("method", ["integrated-gradients", "deep-lift"])
def test_scores_sum_to_the_rise_from_the_baseline(name: str, method: str) -> None:
    model, pixels = network(name), image()
    settings = {"baseline": "black", **({"steps": 200} if method == "integrated-gradients" else {})}
    found = attribute(model, pixels, PLAIN, 3, method, settings)
    with torch.no_grad():
        images = torch.stack([pixels / 255, torch.zeros(1, 28, 28)])
        rise = (model(images)[0, 3] - model(images)[1, 3]).item()
    assert found.scores.sum().item() == pytest.approx(rise, rel=0.01, abs=0.002)


def test_blocks_are_layers_too_and_empty_sequences_are_not() -> None:
    spec = NetworkSpec("x", (layer("Parallel", (layer("ReLU"),), ()), layer("Flatten"), layer("Linear")))
    found = anatomy(build(spec, (1, 28, 28)), torch.zeros(1, 28, 28))
    assert [one.name for one in found.layers] == [
        "parallel1.branch1.relu1",
        "parallel1",
        "flatten1",
        "linear1",
    ]


def test_deep_lift_has_no_rule_for_a_product() -> None:
    gate = layer("Parallel", (), (layer("GlobalAvgPool"), layer("Sigmoid")), join="product")
    model = build(NetworkSpec("x", (gate, layer("Flatten"), layer("Linear"))), (1, 28, 28)).eval()
    with pytest.raises(MethodUnableError, match="no DeepLIFT rule for Product"):
        attribute(model, image(), PLAIN, 0, "deep-lift")
