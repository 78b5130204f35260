"""The six networks of a university course that trained on Fashion-MNIST."""

from core.networks.gallery.entry import GalleryNetwork
from core.networks.gallery.pieces import FLATTEN, RELU, Layers, conv_relu, linear
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec


def _conv(channels: int, kernel: int, padding: int = 0, norm: bool = False) -> Layers:
    """Convolution, batch normalisation where wanted, ReLU, max-pooling by two."""
    conv, relu = conv_relu(channels, kernel, padding)
    return (conv, *((layer("BatchNorm2d"),) if norm else ()), relu, layer("MaxPool2d"))


_OUT = linear(10)

COURSE = (
    GalleryNetwork(
        NetworkSpec("Net_Linear", (FLATTEN, _OUT)),
        "No hidden layer: one weighted sum of all pixels a class, the line that every other network has to beat.",
    ),
    GalleryNetwork(
        NetworkSpec("LeNet_tiny", (*_conv(5, 5), *_conv(12, 5), FLATTEN, linear(125), RELU, _OUT)),
        "Two small convolutions let few weights see strokes and corners wherever they are.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "LeNet-6-12",
            (*_conv(6, 5), *_conv(12, 5), FLATTEN, linear(120), RELU, linear(60), RELU, _OUT),
        ),
        "LeNet's shape of 1998, convolutions that narrow to three linear layers, with ReLU and max-pooling.",
    ),
    GalleryNetwork(
        NetworkSpec("LeNet", (*_conv(20, 5), *_conv(50, 5), FLATTEN, linear(500), RELU, _OUT)),
        "The LeNet of many textbooks: more kernels, and one wide linear layer that holds 93 % of the weights.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "FashionCNN",
            (
                *_conv(32, 3, padding=1, norm=True),
                *_conv(64, 3, norm=True),
                FLATTEN,
                linear(600),
                layer("Dropout", p=0.25),
                linear(120),
                _OUT,
            ),
        ),
        "Batch norm steadies the convolutions and dropout restrains the wide linear layers, which have no "
        "nonlinearity between them: see the warnings.",
    ),
    GalleryNetwork(
        NetworkSpec(
            "ConvNet-1024",
            (*_conv(32, 5, padding=2), *_conv(64, 5, padding=2), FLATTEN, linear(1024), _OUT),
        ),
        "Padding keeps the maps large until they are pooled, so that 3,136 features meet 1,024 units: wide, slow, "
        "and strong.",
    ),
)
