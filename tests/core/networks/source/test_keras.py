"""The generated Keras programs run on their own and compute what our own module does."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings

from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.gallery import EMPTY, GALLERY, NAMED_NETWORKS, GalleryNetwork
from core.networks.kinds import layer
from core.networks.source import to_source
from core.networks.spec import LayerSpec, NetworkSpec, Shape
from tests.core.networks.source.keras_weights import copy_weights, flatten_as_keras
from tests.core.networks.source.programs import run, varied
from tests.core.networks.strategies import IMAGE, fitting


def check_keras(spec: NetworkSpec, image: Shape = IMAGE) -> None:
    """Same number of parameters, same shape; and, from the same weights, the same output."""
    analysis = analyse(spec, image)
    names = run(to_source(spec, image, "keras"))
    model = names["model"]
    learned = [weight for weight in model.weights if not weight.name.startswith("moving_")]  # frozen ones too
    assert sum(math.prod(weight.shape) for weight in learned) == analysis.parameters
    assert tuple(names["logits"].shape) == (2, 10)
    built = flatten_as_keras(varied(build(spec, image))).eval()
    copy_weights(built, model)
    images = torch.randn(2, *image)
    with torch.no_grad():
        ours, theirs = built(images), model(images.permute(0, 2, 3, 1), training=False)
    torch.testing.assert_close(theirs.cpu(), ours, rtol=1e-3, atol=1e-4 * max(1.0, ours.abs().max().item()))


@pytest.mark.parametrize("network", list(GALLERY.values()), ids=lambda network: network.spec.name)
def test_named_networks(network: GalleryNetwork) -> None:
    check_keras(network.spec, network.image)


@settings(max_examples=20, deadline=None)
@given(spec=fitting())
def test_random_networks(spec: NetworkSpec) -> None:
    check_keras(spec)


# What Keras does in another way than PyTorch: each case alone, between a layer that makes negative values
# and one that mixes all places.
CASES = {
    "strided with padding": layer("Conv2d", out_channels=4, kernel=3, stride=2, padding=1),
    "more padding than same": layer("Conv2d", out_channels=4, kernel=3, padding=2),
    "same, even kernel": layer("Conv2d", out_channels=4, kernel=4, padding="same"),
    "same by number": layer("Conv2d", out_channels=4, kernel=3, padding=2, dilation=2),
    "stride and dilation": layer("Conv2d", out_channels=4, stride=2, dilation=2, padding=1),
    "groups": layer("Conv2d", out_channels=6, groups=3, bias=False),
    "separable, stride and dilation": layer(
        "SeparableConv2d", out_channels=5, stride=3, dilation=2, padding=4
    ),
    "max, padding": layer("MaxPool2d", kernel=3, stride=2, padding=1),
    "max, padding as same": layer("MaxPool2d", kernel=3, stride=1, padding=1),
    "max, overlapping": layer("MaxPool2d", kernel=4, stride=3),
    "mean, padding": layer("AvgPool2d", kernel=3, stride=1, padding=1),
    "mean, rest dropped": layer("AvgPool2d", kernel=5),
    "adaptive, uneven": layer("AdaptiveAvgPool2d", size=5),
    "upsample": layer("Upsample", scale=3),
    "layer norm": layer("LayerNorm"),
    "group norm": layer("GroupNorm", groups=2),
    "instance norm": layer("InstanceNorm2d"),
    "instance norm, affine": layer("InstanceNorm2d", affine=True),
    "batch norm": layer("BatchNorm2d", eps=0.01),
    "softmax over channels": layer("Softmax"),
    "gelu": layer("GELU"),
    "leaky": layer("LeakyReLU", negative_slope=0.3),
    "hard swish": layer("Hardswish"),
}


@pytest.mark.parametrize("one", list(CASES.values()), ids=list(CASES))
def test_what_keras_does_otherwise(one: LayerSpec) -> None:
    first = layer("Conv2d", out_channels=6, kernel=4)
    check_keras(NetworkSpec("x", (first, one, layer("Flatten"), layer("Linear"))), (2, 15, 13))


def test_batch_norm_follows_the_batches_as_ours_does() -> None:
    spec = NetworkSpec("x", (layer("Flatten"), layer("BatchNorm1d", momentum=0.2), layer("Linear")))
    built, model = build(spec, (1, 4, 4)), run(to_source(spec, (1, 4, 4), "keras"))["model"]
    copy_weights(built, model)  # the program's two black images have moved its statistics
    images = torch.randn(500, 1, 4, 4)
    built(images), model(images.permute(0, 2, 3, 1), training=True)
    (norm,) = (one for one in model.layers if type(one).__name__ == "BatchNormalization")
    torch.testing.assert_close(norm.moving_mean.value.detach(), built.bn1.running_mean)
    # Keras divides by N, PyTorch by N − 1
    torch.testing.assert_close(norm.moving_variance.value.detach(), built.bn1.running_var, rtol=2e-3, atol=0)


def test_it_reads_as_people_write_it() -> None:
    source = to_source(NAMED_NETWORKS["FashionCNN"], IMAGE, "keras")
    assert "        keras.Input(shape=(28, 28, 1)),\n" in source
    assert '        layers.Conv2D(32, 3, padding="same"),  # conv1: 28 × 28 × 32\n' in source
    assert "        layers.MaxPooling2D(2),  # pool1: 14 × 14 × 32\n" in source
    assert "        layers.BatchNormalization(momentum=0.9, epsilon=1e-05)," in source
    assert "        layers.Flatten(),  # flatten1: 2,304, in another order than PyTorch's" in source
    assert "PadBelow" not in source


def test_a_branching_network_has_the_functional_form() -> None:
    body = (layer("Conv2d", out_channels=8, stride=2, padding=1), layer("ReLU"))
    spec = NetworkSpec("x", (layer("Residual", body), layer("Flatten"), layer("Linear")))
    assert """\
inputs = keras.Input(shape=(28, 28, 1))
residual1 = layers.ZeroPadding2D(1)(inputs)  # conv1
residual1 = layers.Conv2D(8, 3, strides=2)(residual1)  # conv1: 14 × 14 × 8
residual1 = layers.ReLU()(residual1)  # relu1: 14 × 14 × 8
shortcut1 = layers.Conv2D(8, 1, strides=2)(inputs)  # shortcut1: 14 × 14 × 8
x = layers.Add()([residual1, shortcut1])  # residual1: 14 × 14 × 8

x = layers.Flatten()(x)""" in to_source(spec, IMAGE, "keras")


def test_problems_are_named_and_the_rest_runs() -> None:
    layers = (layer("Conv2d", out_channels=4, kernel=5), layer("Conv2d", kernel=31))
    for before in ((), (layer("Skip", (layer("ReLU"),)),)):
        source = to_source(NetworkSpec("x", (*before, *layers)), IMAGE, "keras")
        assert "# conv2 and what follows are left out: The 31 × 31 kernel is larger" in source
        assert tuple(run(source)["outputs"].shape) == (2, 24, 24, 4)
    assert tuple(run(to_source(EMPTY, IMAGE, "keras"))["outputs"].shape) == (2, 28, 28, 1)


def test_it_can_be_saved_and_opened(tmp_path: Any) -> None:
    pool = layer("MaxPool2d", kernel=3, stride=2, padding=1)
    names = run(to_source(NetworkSpec("x", (pool, layer("Flatten"), layer("Linear"))), IMAGE, "keras"))
    keras, path = names["keras"], tmp_path / "x.keras"
    names["model"].save(path)
    again = keras.models.load_model(path, custom_objects={"PadBelow": names["PadBelow"]})
    images = torch.randn(2, 28, 28, 1)
    assert torch.equal(again(images), names["model"](images))
