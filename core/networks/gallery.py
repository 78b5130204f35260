"""The networks that are there by name; for images of 1 × 28 × 28 and ten classes."""

from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec


def _conv(channels: int, kernel: int, padding: int = 0, norm: bool = False) -> tuple[LayerSpec, ...]:
    """Convolution, batch normalisation where wanted, ReLU, max-pooling by two."""
    conv = layer("Conv2d", out_channels=channels, kernel=kernel, padding=padding)
    return (conv, *((layer("BatchNorm2d"),) if norm else ()), layer("ReLU"), layer("MaxPool2d"))


def _linear(features: int, relu: bool = True) -> tuple[LayerSpec, ...]:
    linear = layer("Linear", out_features=features)
    return (linear, layer("ReLU")) if relu else (linear,)


_OUT = _linear(10, relu=False)
_FLATTEN = (layer("Flatten"),)

_GALLERY = (
    NetworkSpec("Net_Linear", (*_FLATTEN, *_OUT)),
    NetworkSpec("LeNet_tiny", (*_conv(5, 5), *_conv(12, 5), *_FLATTEN, *_linear(125), *_OUT)),
    NetworkSpec("LeNet-6-12", (*_conv(6, 5), *_conv(12, 5), *_FLATTEN, *_linear(120), *_linear(60), *_OUT)),
    NetworkSpec("LeNet", (*_conv(20, 5), *_conv(50, 5), *_FLATTEN, *_linear(500), *_OUT)),
    NetworkSpec(
        "FashionCNN",
        (
            *_conv(32, 3, padding=1, norm=True),
            *_conv(64, 3, norm=True),
            *_FLATTEN,
            *_linear(600, relu=False),
            layer("Dropout", p=0.25),
            *_linear(120, relu=False),
            *_OUT,
        ),
    ),
    NetworkSpec(
        "ConvNet-1024",
        (*_conv(32, 5, padding=2), *_conv(64, 5, padding=2), *_FLATTEN, *_linear(1024, relu=False), *_OUT),
    ),
)

NAMED_NETWORKS: dict[str, NetworkSpec] = {network.name: network for network in _GALLERY}
EMPTY = NetworkSpec("My network", ())  # to begin with nothing
