"""Runs of layers that several networks of the gallery are made of."""

from core.networks.kinds import layer
from core.networks.spec import LayerSpec

Layers = tuple[LayerSpec, ...]

RELU, FLATTEN = layer("ReLU"), layer("Flatten")


def conv(channels: int, kernel: int = 3, stride: int = 1, padding: int | None = None) -> LayerSpec:
    """A convolution without bias, for a batch norm behind it; keeps the size where the stride is 1."""
    return layer(
        "Conv2d",
        out_channels=channels,
        kernel=kernel,
        stride=stride,
        padding=kernel // 2 if padding is None else padding,
        bias=False,
    )


def conv_bn_relu(channels: int, kernel: int = 3, stride: int = 1) -> Layers:
    """Convolution, batch normalisation, ReLU."""
    return (conv(channels, kernel, stride), layer("BatchNorm2d"), RELU)


def conv_relu(channels: int, kernel: int = 3, padding: int | None = None) -> Layers:
    """Convolution with bias, ReLU."""
    padding = kernel // 2 if padding is None else padding
    return (layer("Conv2d", out_channels=channels, kernel=kernel, padding=padding), RELU)


def linear(features: int) -> LayerSpec:
    """A fully connected layer."""
    return layer("Linear", out_features=features)


def averaged(classes: int = 10) -> Layers:
    """The head of networks without hidden linear layers: the mean of each map, then a score a class."""
    return (layer("GlobalAvgPool"), FLATTEN, linear(classes))
