"""Three networks of torchvision as specs of ours, for its weights and a new head.

They were trained on photographs of 224 × 224 and halve the resolution four or five times: of 28 × 28 a single
pixel would be left. So an Upsample comes first, to four times the size: of 112 × 112 they leave 4 × 4 to
6 × 6, at a quarter of the cost of 224 × 224.
"""

from collections.abc import Iterable, Iterator

from core.networks.gallery.entry import GalleryNetwork
from core.networks.gallery.pieces import FLATTEN, RELU, Layers, conv, linear
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec

ENLARGE = layer("Upsample", scale=4)  # 28 × 28 → 112 × 112
HEAD = (FLATTEN, linear(10))  # new: ten classes instead of a thousand


def _network(name: str, weights: str, *parts: Iterable[LayerSpec]) -> NetworkSpec:
    """Begins with the head alone to be trained: minutes, not hours, without a GPU."""
    return NetworkSpec(name, tuple(layer for part in parts for layer in part), weights, frozen=True)


# SqueezeNet 1.1: https://arxiv.org/abs/1602.07360


def _fire(squeeze: int, expand: int) -> Layers:
    """A 1 × 1 convolution squeezes the channels; 1 × 1 and 3 × 3 kernels, side by side, expand them again."""
    return (
        layer("Conv2d", out_channels=squeeze, kernel=1),
        RELU,
        layer(
            "Parallel",
            (layer("Conv2d", out_channels=expand, kernel=1), RELU),
            (layer("Conv2d", out_channels=expand, kernel=3, padding=1), RELU),
        ),
    )


def squeezenet1_1() -> NetworkSpec:
    """Its head in torchvision is a 1 × 1 convolution, ReLU and the mean over all places.

    Without that ReLU the mean may as well come first (both are linear): then a Linear does it, on 512 numbers
    instead of 512 maps, and the head is what it is in the other two.
    """
    pool = layer("MaxPool2d", kernel=3, stride=2)
    return _network(
        "SqueezeNet 1.1 (ImageNet)",
        "squeezenet1_1",
        (ENLARGE, layer("Conv2d", out_channels=64, kernel=3, stride=2), RELU, pool),
        (*_fire(16, 64), *_fire(16, 64), pool),
        (*_fire(32, 128), *_fire(32, 128), pool),
        (*_fire(48, 192), *_fire(48, 192), *_fire(64, 256), *_fire(64, 256)),
        (layer("Dropout", p=0.5), layer("GlobalAvgPool"), *HEAD),
    )


# ResNet-18: https://arxiv.org/abs/1512.03385


def _basic(channels: int, stride: int = 1) -> Layers:
    """Two 3 × 3 convolutions, added to their input; where the shape changes, a 1 × 1 projection of it."""
    norm = layer("BatchNorm2d")
    body = (conv(channels, stride=stride), norm, RELU, conv(channels), norm)
    return layer("Residual", body, norm=True), RELU


def resnet18() -> NetworkSpec:
    """Four stages of two blocks; each stage but the first halves the maps and doubles the channels."""
    stem = (
        ENLARGE,
        conv(64, kernel=7, stride=2),
        layer("BatchNorm2d"),
        RELU,
        layer("MaxPool2d", kernel=3, stride=2, padding=1),
    )
    return _network(
        "ResNet-18 (ImageNet)",
        "resnet18",
        stem,
        (*_basic(64), *_basic(64)),
        (*_basic(128, stride=2), *_basic(128)),
        (*_basic(256, stride=2), *_basic(256)),
        (*_basic(512, stride=2), *_basic(512)),
        (layer("GlobalAvgPool"), *HEAD),
    )


# MobileNetV3-small: https://arxiv.org/abs/1905.02244

# kernel, channels inside, channels out, of the squeeze (0: none), activation, stride
BOTTLENECKS = (
    (3, 16, 16, 8, "ReLU", 2),
    (3, 72, 24, 0, "ReLU", 2),
    (3, 88, 24, 0, "ReLU", 1),
    (5, 96, 40, 24, "Hardswish", 2),
    (5, 240, 40, 64, "Hardswish", 1),
    (5, 240, 40, 64, "Hardswish", 1),
    (5, 120, 48, 32, "Hardswish", 1),
    (5, 144, 48, 40, "Hardswish", 1),
    (5, 288, 96, 72, "Hardswish", 2),
    (5, 576, 96, 144, "Hardswish", 1),
    (5, 576, 96, 144, "Hardswish", 1),
)


def _conv(channels: int, kernel: int, activation: str = "", stride: int = 1, groups: int = 1) -> Layers:
    """Convolution that keeps the size but for its stride, batch norm, activation if any."""
    first = layer(
        "Conv2d",
        out_channels=channels,
        kernel=kernel,
        stride=stride,
        padding=kernel // 2,
        groups=groups,
        bias=False,
    )
    norm = layer("BatchNorm2d", eps=1e-3, momentum=0.01)  # as the network was trained
    return (first, norm, *((layer(activation),) if activation else ()))


def _squeeze_and_excite(channels: int, squeezed: int) -> LayerSpec:
    """Each map times a number in 0 to 1 that follows from the means of all maps; branch 1 is x itself."""
    gate = (
        layer("GlobalAvgPool"),
        layer("Conv2d", out_channels=squeezed, kernel=1),
        RELU,
        layer("Conv2d", out_channels=channels, kernel=1),
        layer("Hardsigmoid"),
    )
    return layer("Parallel", (), gate, join="product")


def _bottlenecks(channels: int) -> Iterator[LayerSpec]:
    """Inverted residual blocks: widen by 1 × 1, one kernel a channel, scale the channels, narrow by 1 × 1."""
    for kernel, inside, out, squeezed, activation, stride in BOTTLENECKS:
        body = (
            *(_conv(inside, 1, activation) if inside != channels else ()),
            *_conv(inside, kernel, activation, stride, groups=inside),
            *((_squeeze_and_excite(inside, squeezed),) if squeezed else ()),
            *_conv(out, 1),
        )
        keeps_shape = stride == 1 and channels == out
        yield from ((layer("Residual", body),) if keeps_shape else body)
        channels = out


def mobilenet_v3_small() -> NetworkSpec:
    """Depthwise convolutions, squeeze-and-excitation and cheap activations, found by search for phones."""
    tail = (linear(1024), layer("Hardswish"), layer("Dropout", p=0.2))
    return _network(
        "MobileNetV3-small (ImageNet)",
        "mobilenet_v3_small",
        (ENLARGE, *_conv(16, 3, "Hardswish", stride=2)),
        _bottlenecks(16),
        _conv(576, 1, "Hardswish"),
        (layer("GlobalAvgPool"), FLATTEN, *tail, linear(10)),
    )


PRETRAINED_NETWORKS = (
    GalleryNetwork(
        squeezenet1_1(),
        "Squeezes the channels by 1 × 1 before each 3 × 3 convolution: AlexNet's accuracy on ImageNet with a fiftieth "
        "of its weights; here with these weights and a new head.",
    ),
    GalleryNetwork(
        resnet18(),
        "What most people fine-tune first: features learned on 1.3 million photographs, under a new head; the "
        "images are enlarged, as it halves them five times.",
    ),
    GalleryNetwork(
        mobilenet_v3_small(),
        "Found by search for phones: depthwise convolutions, squeeze-and-excitation and cheap activations give "
        "nearly ResNet-18's accuracy for a thirtieth of its work.",
    ),
)
