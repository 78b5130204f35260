"""The six named networks: their architecture is what the issue states."""

import pytest

from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS

IMAGE = (1, 28, 28)

# By hand from the architectures: weights + biases, layer by layer.
PARAMETERS = {
    "Net_Linear": 784 * 10 + 10,
    "LeNet_tiny": (25 * 5 + 5) + (25 * 5 * 12 + 12) + (192 * 125 + 125) + (125 * 10 + 10),
    "LeNet-6-12": (25 * 6 + 6) + (25 * 6 * 12 + 12) + (192 * 120 + 120) + (120 * 60 + 60) + (60 * 10 + 10),
    "LeNet": (25 * 20 + 20) + (25 * 20 * 50 + 50) + (800 * 500 + 500) + (500 * 10 + 10),
    "FashionCNN": (9 * 32 + 32)
    + 2 * 32
    + (9 * 32 * 64 + 64)
    + 2 * 64
    + (2304 * 600 + 600)
    + (600 * 120 + 120)
    + (120 * 10 + 10),
    "ConvNet-1024": (25 * 32 + 32) + (25 * 32 * 64 + 64) + (3136 * 1024 + 1024) + (1024 * 10 + 10),
}
# The numbers that go into the linear layers, as the issue gives them.
WIDTHS = {
    "Net_Linear": [784, 10],
    "LeNet_tiny": [192, 125, 10],
    "LeNet-6-12": [192, 120, 60, 10],
    "LeNet": [800, 500, 10],
    "FashionCNN": [2304, 600, 120, 10],
    "ConvNet-1024": [3136, 1024, 10],
}


def test_the_six_networks_are_there() -> None:
    assert list(NAMED_NETWORKS) == list(PARAMETERS)
    assert all(spec.name == name for name, spec in NAMED_NETWORKS.items())


@pytest.mark.parametrize("name", PARAMETERS)
def test_each_is_what_the_issue_says(name: str) -> None:
    analysis = analyse(NAMED_NETWORKS[name], IMAGE)
    assert analysis.problems == ()
    assert analysis.parameters == PARAMETERS[name]
    linear = [row for row in analysis.rows if row.kind == "Linear"]
    assert [linear[0].input_shape[0], *(row.output_shape[0] for row in linear)] == WIDTHS[name]


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_relu_follows_each_convolution(name: str) -> None:
    kinds = [layer.kind for layer in NAMED_NETWORKS[name].layers if layer.kind != "BatchNorm2d"]
    after = [kinds[i + 1 : i + 3] for i, kind in enumerate(kinds) if kind == "Conv2d"]
    assert after == [["ReLU", "MaxPool2d"]] * len(after)


def test_only_fashioncnn_normalises_and_drops() -> None:
    for name, spec in NAMED_NETWORKS.items():
        kinds = [layer.kind for layer in spec.layers]
        assert kinds.count("BatchNorm2d") == (2 if name == "FashionCNN" else 0)
        assert kinds.count("Dropout") == (1 if name == "FashionCNN" else 0)


@pytest.mark.parametrize(
    ("name", "relus"),
    [
        ("Net_Linear", 0),
        ("LeNet_tiny", 3),
        ("LeNet-6-12", 4),
        ("LeNet", 3),
        ("FashionCNN", 2),
        ("ConvNet-1024", 2),
    ],
)
def test_relus_between_linear_layers_only_where_the_issue_wants_them(name: str, relus: int) -> None:
    assert [layer.kind for layer in NAMED_NETWORKS[name].layers].count("ReLU") == relus
