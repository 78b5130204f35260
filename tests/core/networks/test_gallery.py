"""The gallery: the six networks of the course are what their architectures say, and the others what they are for."""

import time

import pytest

from core.networks.analysis import analyse
from core.networks.gallery import GALLERY, NAMED_NETWORKS
from core.networks.gallery.course import COURSE
from core.networks.spec import NetworkSpec, walk

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
    assert [one.spec.name for one in COURSE] == list(PARAMETERS)
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
    for name in PARAMETERS:
        kinds = [layer.kind for layer in NAMED_NETWORKS[name].layers]
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


# By hand, or from the papers where these give a number for the same layers.
CLASSIC = {
    # LeCun and others, 1998, without their trainable pooling and with all 6 maps read by each of the 16:
    # (25 + 1)·6 + (25·6 + 1)·16 + (25·16 + 1)·120 + 121·84 + 85·10
    "LeNet-5 (1998)": 156 + 2_416 + 48_120 + 10_164 + 850,
    # torchvision's resnet18 has 11,689,512; its first layer here has 9·64 weights for 49·3·64, its last 5,130 for
    # 513,000
    "ResNet-18": 11_689_512 - 49 * 3 * 64 + 9 * 64 - 513_000 + 5_130,
    # Zagoruyko and Komodakis give 2.7 million for colour images. By hand: a first convolution; three stages from n to
    # w channels of BN, convolution, BN, convolution, a projection with bias, and twice more BN and convolution; a
    # last BN; the linear layer
    "WRN-16-4": 9 * 16
    + sum(
        2 * n + 9 * n * w + 2 * w + 9 * w * w + (n * w + w) + 2 * (2 * w + 9 * w * w)
        for n, w in ((16, 64), (64, 128), (128, 256))
    )
    + 2 * 256
    + 2_570,
}


@pytest.mark.parametrize("name", CLASSIC)
def test_known_networks_have_their_parameters(name: str) -> None:
    assert analyse(NAMED_NETWORKS[name], GALLERY[name].image).parameters == CLASSIC[name]


def test_the_inception_network_is_small_and_has_three_paths_with_their_own_pooling() -> None:
    spec = NAMED_NETWORKS["Two Inception blocks"]
    assert 9_000 < analyse(spec, IMAGE).parameters < 11_000
    blocks = [layer for layer in spec.layers if layer.kind == "Parallel"]
    assert len(blocks) == 2
    for block in blocks:
        assert len(block.branches) == 3
        pools = [branch[-1] for branch in block.branches]
        assert len(set(pools)) == 3 and all("Pool" in pool.kind for pool in pools)
        assert not block.settings  # concatenated


def test_the_small_network_stays_under_100_000_parameters() -> None:
    # 9·32 + 9·32·48 + 9·48·48 + 9·48·96 weights, twice 32 + 48 + 48 + 96 of batch norm, 9·96·10 + 10
    assert (
        analyse(NAMED_NETWORKS["Under 100,000"], IMAGE).parameters
        == 288 + 13_824 + 20_736 + 41_472 + 448 + 8_650
    )


@pytest.mark.parametrize("name", GALLERY)
def test_each_network_can_be_trained_and_says_why_it_is_there(name: str) -> None:
    one = GALLERY[name]
    analysis = analyse(one.spec, one.image)
    assert analysis.problems == ()
    assert analysis.output_shape == (10,)
    assert one.why.endswith(".") and len(one.why) > 60


def test_the_networks_with_branches_have_the_blocks_that_they_are_there_for() -> None:
    def blocks(name: str) -> set[str]:
        return {layer.kind for _, layer in walk(NAMED_NETWORKS[name].layers) if layer.branches}

    assert blocks("Small ResNet") == blocks("ResNet-18") == blocks("WRN-16-4") == {"Residual"}
    assert blocks("Small DenseNet") == {"Skip"}
    assert GALLERY["Three convolutions in colour"].image[0] == 3


def test_the_analysis_of_resnet_18_takes_less_than_50_ms() -> None:
    seconds = []
    for i in range(5):
        spec = NetworkSpec(f"n{i}", NAMED_NETWORKS["ResNet-18"].layers)  # another name: nothing is remembered
        start = time.perf_counter()
        assert len(analyse(spec, IMAGE).rows) > 60
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.05
