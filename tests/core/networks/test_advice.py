"""Warnings that teach: each is given where it is due, says the case's numbers, and its buttons end it."""

import pytest
import torch
from torch import nn

from core.networks.analysis import analyse
from core.networks.gallery import GALLERY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec

IMAGE = (1, 28, 28)
CONV, RELU, POOL, FLAT, OUT = (
    layer("Conv2d", out_channels=8), layer("ReLU"), layer("MaxPool2d"), layer("Flatten"), layer("Linear")
)  # fmt: skip
BN, DROP = layer("BatchNorm2d"), layer("Dropout", p=0.25)
BARE = layer("Conv2d", out_channels=8, bias=False)
MEAN = layer("GlobalAvgPool")
HIDDEN = layer("Linear", out_features=50)

# layers → where, the beginning of what is said, and the labels of what may be done
CASES: dict[str, tuple[tuple[LayerSpec, ...], tuple[int, ...], str, list[str]]] = {
    "two linear layers": (
        (MEAN, FLAT, HIDDEN, DROP, OUT),
        (4,),
        # 1 input, 50 hidden, 10 outputs
        "linear1 and linear2 have no nonlinearity between them, so together they are one linear layer: "
        "W₂(W₁x + b₁) + b₂ = (W₂W₁)x + …, a matrix of 10 × 1 = 10 weights of rank at most 1, written with 550.",
        ["Insert a ReLU after linear1", "Delete linear1"],
    ),
    "pooled to nothing": (
        (
            BARE,
            RELU,
            layer("MaxPool2d", kernel=26),
            layer("Conv2d", out_channels=8, padding=1),
            RELU,
            FLAT,
            OUT,
        ),
        (3,),
        "pool1 pools 26 × 26 down to a single pixel, so the 3 × 3 window of conv2 holds 1 value and 8 of padding",
        ["Delete pool1", "Delete conv2"],
    ),
    "dropout before batch norm": (
        (BARE, DROP, RELU, BN, MEAN, FLAT, OUT),
        (1,),
        "dropout1 stands before bn1. In training dropout scales what it keeps by 1/(1 − 0.25) = 1.33",
        ["Move dropout1 behind bn1", "Delete dropout1"],
    ),
    "a bias that batch norm cancels": (
        (CONV, BN, RELU, MEAN, FLAT, OUT),
        (0,),
        "bn1 subtracts each channel's mean over the batch, and with it the 8 biases of conv1",
        ["Leave the bias of conv1 out"],
    ),
    "one layer has nearly all parameters": (
        (CONV, RELU, FLAT, OUT),
        (3,),
        # 9·8 + 8 and 26·26·8·10 + 10
        "linear1 holds 54,090 of 54,170 parameters, 100%",
        ["Average each map before flatten1: 8 inputs instead of 5,408"],
    ),
    "an activation behind the logits": (
        (MEAN, FLAT, OUT, RELU),
        (3,),
        "relu1 is the last layer: the logits should be free to take any value, and it bends them",
        ["Delete relu1"],
    ),
    "an empty block": (
        (layer("Residual", ()), MEAN, FLAT, OUT),
        (0,),
        "residual1 has no layers inside yet",
        [],
    ),
    "inside a block": (
        (BARE, layer("Residual", (layer("Conv2d", out_channels=8, padding=1), BN)), MEAN, FLAT, OUT),
        (1, 0, 0),
        "bn1 subtracts each channel's mean over the batch, and with it the 8 biases of conv2",
        ["Leave the bias of conv2 out"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_warning_is_given_and_its_buttons_end_it(case: str) -> None:
    layers, place, sentence, labels = CASES[case]
    analysis = analyse(NetworkSpec("x", layers), IMAGE)
    assert analysis.problems == ()
    (warning,) = [one for one in analysis.warnings if one.sentence.startswith(sentence)]
    assert warning.place == place
    offered = [fix.label for fix in warning.fixes]
    assert [label for label in labels if label in offered] == labels, offered
    for fix in warning.fixes:
        after = analyse(fix.spec, IMAGE)
        assert after.problems == ()
        rule = sentence.split()[1:4]
        assert not any(
            one.sentence.split()[1:4] == rule and one.name == warning.name for one in after.warnings
        )


WELL = {
    "ReLU between linear layers": (MEAN, FLAT, HIDDEN, RELU, OUT),
    "batch norm between linear layers does not count, dropout behind it does not matter": (
        MEAN, FLAT, HIDDEN, RELU, DROP, OUT,
    ),
    "convolutions without a bias before batch norm": (BARE, BN, RELU, DROP, MEAN, FLAT, OUT),
    "dropout of nothing": (BARE, layer("Dropout", p=0.0), BN, RELU, MEAN, FLAT, OUT),
}  # fmt: skip


@pytest.mark.parametrize("case", WELL)
def test_nothing_is_said_where_all_is_well(case: str) -> None:
    assert analyse(NetworkSpec("x", WELL[case]), IMAGE).warnings == ()


def test_what_is_said_of_two_linear_layers_is_true() -> None:
    """One matrix does what both do."""
    first, second = nn.Linear(20, 7), nn.Linear(7, 10)
    x = torch.randn(5, 20)
    together = x @ (second.weight @ first.weight).T + second(first.bias)
    torch.testing.assert_close(second(first(x)), together)


def test_what_is_said_of_a_cancelled_bias_is_true() -> None:
    conv, norm = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4)
    x = torch.randn(8, 1, 9, 9)
    (norm(conv(x)) * torch.randn(8, 4, 7, 7)).sum().backward()
    assert conv.weight.grad is not None and conv.bias is not None and conv.bias.grad is not None
    assert conv.bias.grad.abs().max() < 1e-4 * conv.weight.grad.abs().max()


def test_the_gallery_warns_only_of_what_it_shows_on_purpose() -> None:
    warned = {name for name, one in GALLERY.items() if analyse(one.spec, one.image).warnings}
    # of the course, as it was taught: wide linear layers, no nonlinearity between them, biases before batch norm
    assert warned <= {"LeNet", "FashionCNN", "ConvNet-1024"}
    assert len(analyse(NAMED_NETWORKS["FashionCNN"], IMAGE).warnings) == 5
