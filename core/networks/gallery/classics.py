"""Networks without branches, each of which made an idea known."""

from core.networks.gallery.entry import GalleryNetwork
from core.networks.gallery.pieces import FLATTEN, RELU, Layers, averaged, conv_bn_relu, conv_relu, linear
from core.networks.images import COLOUR
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec

_POOL, _TANH, _MEAN = layer("MaxPool2d"), layer("Tanh"), layer("AvgPool2d")


def _conv_tanh(channels: int, padding: int = 0) -> Layers:
    return (layer("Conv2d", out_channels=channels, kernel=5, padding=padding), _TANH)


def _separable(channels: int, stride: int = 1) -> tuple[LayerSpec, ...]:
    one = layer("SeparableConv2d", out_channels=channels, stride=stride, padding=1, bias=False)
    return (one, layer("BatchNorm2d"), RELU)


CLASSICS = (
    GalleryNetwork(
        NetworkSpec(
            "LeNet-5 (1998)",
            (
                *_conv_tanh(6, padding=2),
                _MEAN,
                *_conv_tanh(16),
                _MEAN,
                *_conv_tanh(120),
                FLATTEN,
                linear(84),
                _TANH,
                linear(10),
            ),
        ),
        "LeCun and others' reader of bank cheques: tanh and averages, as ReLU and max-pooling were not in use yet; "
        "here each of its 16 maps reads all six before it, and softmax stands for its radial units.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "VGG-like",
            (
                *conv_relu(32),
                *conv_relu(32),
                _POOL,
                *conv_relu(64),
                *conv_relu(64),
                _POOL,
                *conv_relu(128),
                *conv_relu(128),
                _POOL,
                FLATTEN,
                linear(256),
                RELU,
                layer("Dropout"),
                linear(10),
            ),
        ),
        "Only 3 × 3 kernels, in pairs: two of them see 5 × 5 with 18 weights a channel pair instead of 25, and with "
        "one more nonlinearity (Simonyan and Zisserman, 2014).",
    ),
    GalleryNetwork(
        NetworkSpec(
            "Small MobileNet",
            (
                *conv_bn_relu(32),
                *_separable(64),
                *_separable(96, stride=2),
                *_separable(96),
                *_separable(128, stride=2),
                *_separable(128),
                *averaged(),
            ),
        ),
        "Each 3 × 3 convolution in two steps, one kernel a channel and then 1 × 1 across channels, for about a "
        "ninth of the weights and work (Howard and others, 2017).",
    ),
    GalleryNetwork(
        NetworkSpec(
            "Three convolutions in colour",
            (
                *(piece for channels in (32, 64, 128) for piece in (*conv_relu(channels), _POOL)),
                FLATTEN,
                linear(256),
                RELU,
                layer("Dropout"),
                linear(10),
            ),
        ),
        "Colour images have three channels and more to tell apart, so it doubles the channels each time that pooling "
        "halves the maps, and ends with two linear layers.",
        COLOUR,
    ),
)
