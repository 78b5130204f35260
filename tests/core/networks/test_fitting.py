"""Fitting a network to a data set: what changes, what stays, and that the result really takes a batch."""

import pytest
import torch

from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.edit import layer_at
from core.networks.fitting import fitted
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.gallery.pretrained import squeezenet1_1
from core.networks.kinds import layer, settings_of
from core.networks.spec import LayerSpec, NetworkSpec, Shape, SpecError

TARGETS = [((1, 28, 28), 47), ((3, 32, 32), 10), ((3, 64, 64), 102), ((1, 8, 8), 3)]


def linear(outputs: int) -> LayerSpec:
    return layer("Linear", out_features=outputs)


@pytest.mark.parametrize("name", NAMED_NETWORKS)
@pytest.mark.parametrize(("shape", "classes"), TARGETS, ids=str)
def test_every_named_network_can_be_fitted_and_takes_a_batch(name: str, shape: Shape, classes: int) -> None:
    found = fitted(NAMED_NETWORKS[name], shape, classes)
    assert analyse(found.spec, shape, classes).problems == ()
    assert found.spec.name == NAMED_NETWORKS[name].name
    with torch.device("meta"):
        model = build(found.spec, shape, classes).eval()
        assert model(torch.empty(2, *shape)).shape == (2, classes)


def test_what_fits_stays_as_it_is() -> None:
    lenet = NAMED_NETWORKS["LeNet"]
    found = fitted(lenet, (1, 28, 28), 10)
    assert found.spec == lenet
    assert (found.changes, found.sentence) == ((), "Nothing had to be changed.")


def test_only_the_head_changes_for_other_classes() -> None:
    lenet = NAMED_NETWORKS["LeNet"]
    found = fitted(lenet, (1, 28, 28), 47)
    assert found.spec.layers[:-1] == lenet.layers[:-1]
    assert settings_of(layer_at(found.spec, (len(lenet.layers) - 1,))).out_features == 47
    assert found.sentence == "What was changed: give linear2 47 outputs."


def test_the_outputs_of_the_last_linear_change_and_not_those_inside() -> None:
    flat = NetworkSpec("flat", (layer("Flatten"), linear(100), layer("ReLU"), linear(10)))
    found = fitted(flat, (3, 32, 32), 4)
    assert found.spec.layers == (layer("Flatten"), linear(100), layer("ReLU"), linear(4))


def test_a_network_that_ends_with_a_convolution_and_a_mean_gets_other_channels() -> None:
    convolutional = NetworkSpec(
        "fully convolutional",
        (layer("Conv2d", out_channels=10, kernel=3), layer("GlobalAvgPool"), layer("Flatten")),
    )
    found = fitted(convolutional, (3, 32, 32), 5)
    assert settings_of(found.spec.layers[0]).out_channels == 5
    assert len(found.spec.layers) == 3


def test_pooling_that_leaves_nothing_of_a_small_image_is_mended() -> None:
    deep = NetworkSpec(
        "deep",
        (*(layer("MaxPool2d") for _ in range(4)), layer("Flatten"), linear(10)),
    )
    assert analyse(deep, (1, 28, 28)).problems == ()  # 28 → 14 → 7 → 3 → 1
    assert analyse(deep, (1, 8, 8)).problems
    found = fitted(deep, (1, 8, 8), 6)
    assert analyse(found.spec, (1, 8, 8), 6).problems == ()
    assert len(found.changes) == 2
    assert "outputs" in found.changes[-1]


def test_a_network_without_layers_gets_a_head() -> None:
    found = fitted(EMPTY, (1, 28, 28), 7)
    assert analyse(found.spec, (1, 28, 28), 7).problems == ()


def test_pretrained_weights_stay_where_they_fit() -> None:
    spec = squeezenet1_1()
    found = fitted(spec, (3, 64, 64), 102)
    assert (found.spec.weights, found.spec.frozen) == (spec.weights, spec.frozen)


def test_what_leads_nowhere_is_a_sentence() -> None:
    broken = NetworkSpec("broken", (layer("Flatten"), linear(65_536)))
    with pytest.raises(SpecError, match=r"broken can't be fitted by itself: .* Design page"):
        fitted(broken, (1, 28, 28), 10, memory=1000)
