"""Networks whose layers do not all stand in one row."""

from core.networks.gallery.entry import GalleryNetwork
from core.networks.gallery.pieces import RELU, Layers, averaged, conv, conv_bn_relu, conv_relu
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec

_BN, _POOL = layer("BatchNorm2d"), layer("MaxPool2d")


def _inception(narrow: int, middle: int, wide: int) -> LayerSpec:
    """Three paths with a window each, 1, 3 and 5, and a pooling each; all halve height and width."""
    return layer(
        "Parallel",
        (*conv_relu(narrow, 1), _POOL),
        (*conv_relu(middle, 3), layer("AvgPool2d")),
        (*conv_relu(wide, 5), layer("MaxPool2d", kernel=3, stride=2, padding=1)),
    )


def _basic(channels: int, stride: int = 1) -> Layers:
    """ResNet's basic block (He and others, 2015): two 3 × 3 convolutions around which x is added."""
    body = (*conv_bn_relu(channels, stride=stride), conv(channels), _BN)
    return (layer("Residual", body, norm=True), RELU)


def _stage(channels: int, stride: int) -> Layers:
    return (*_basic(channels, stride), *_basic(channels))


def _wide_stage(channels: int, stride: int) -> Layers:
    """Two pre-activated blocks (Zagoruyko and Komodakis, 2016); the first shares BN and ReLU with its projection."""
    first = (*conv_bn_relu(channels, stride=stride), conv(channels))
    second = (_BN, RELU, *conv_bn_relu(channels), conv(channels))
    return (_BN, RELU, layer("Residual", first), layer("Residual", second))


def _dense(growth: int) -> LayerSpec:
    return layer("Skip", conv_bn_relu(growth))


BRANCHING = (
    GalleryNetwork(
        NetworkSpec(
            "Two Inception blocks",
            (_inception(4, 8, 4), _inception(16, 24, 14), *averaged()),
        ),
        "Three paths with windows of 1, 3 and 5 and a pooling each look at the same place at once, and the next layer "
        "chooses: about 10,000 parameters are enough for that.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "Small ResNet",
            (*conv_bn_relu(16), *_basic(16), *_basic(32, stride=2), *_basic(64, stride=2), *averaged()),
        ),
        "Each block adds what it learns to what it got, so that gradients reach the first layer undiminished.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "Small DenseNet",
            (
                *conv_bn_relu(16),
                _dense(12),
                _dense(12),
                *conv_bn_relu(24, 1),
                _POOL,
                _dense(12),
                _dense(12),
                *conv_bn_relu(32, 1),
                _POOL,
                _dense(16),
                *averaged(),
            ),
        ),
        "Each block hands on all that came before beside what it adds, so that later layers may use early maps; "
        "1 × 1 convolutions keep the growing number of channels in bounds (Huang and others, 2016).",
    ),
    GalleryNetwork(
        NetworkSpec(
            "ResNet-18",
            (
                *conv_bn_relu(64),
                *_stage(64, stride=1),
                *_stage(128, stride=2),
                *_stage(256, stride=2),
                *_stage(512, stride=2),
                *averaged(),
            ),
        ),
        "Eight residual blocks as on ImageNet, but with a 3 × 3 first layer and no pooling behind it: at 28 × 28 there "
        "is no resolution to give away.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "WRN-16-4",
            (
                conv(16),
                *_wide_stage(64, stride=1),
                *_wide_stage(128, stride=2),
                *_wide_stage(256, stride=2),
                _BN,
                RELU,
                *averaged(),
            ),
        ),
        "Wider instead of deeper: 16 layers with four times the channels learn as well as a thin network of a hundred, "
        "and faster.",
    ),
)
