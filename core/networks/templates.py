"""Runs of layers that people put into a network at once: adding one means adding a record to the table."""

from collections.abc import Callable
from dataclasses import dataclass

from core.networks.analysis import Analysis
from core.networks.edit import sequence_at
from core.networks.gallery.pieces import RELU, Layers, averaged, conv, conv_bn_relu, conv_relu, linear
from core.networks.kind import BlockKind
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.spec import LayerSpec, Place, Shape

USUAL = 32  # channels where none are known, or too few to go on with
_BN, _POOL, _MEAN = layer("BatchNorm2d"), layer("MaxPool2d"), layer("GlobalAvgPool")


@dataclass(frozen=True)
class Template:
    """Several layers, or a block with its inner layers, under one name."""

    name: str
    explanation: str  # one sentence
    layers: Callable[[int], Layers]  # for so many incoming channels


def _width(channels: int) -> int:
    """As many channels as come in, so that x can be added as it is; an image has too few."""
    return channels if channels >= 8 else USUAL


def _residual(channels: int) -> Layers:
    width = _width(channels)
    return (layer("Residual", (*conv_bn_relu(width), conv(width), _BN), norm=True), RELU)


def _bottleneck(channels: int) -> Layers:
    width = _width(channels)
    narrow = max(1, width // 4)
    body = (*conv_bn_relu(narrow, 1), *conv_bn_relu(narrow), conv(width, 1), _BN)
    return (layer("Residual", body, norm=True), RELU)


def _inception(channels: int) -> Layers:
    part = max(1, _width(channels) // 4)
    return (
        layer(
            "Parallel",
            conv_relu(part, 1),
            (*conv_relu(part, 1), *conv_relu(part, 3)),
            (*conv_relu(part, 1), *conv_relu(part, 5)),
            (layer("MaxPool2d", kernel=3, stride=1, padding=1), *conv_relu(part, 1)),
        ),
    )


def _squeeze_and_excite(channels: int) -> Layers:
    gate: tuple[LayerSpec, ...] = (
        _MEAN,
        *conv_relu(max(1, channels // 4), 1),
        layer("Conv2d", out_channels=channels, kernel=1),
        layer("Sigmoid"),
    )
    return (layer("Parallel", (), gate, join="product"),)


TEMPLATES: dict[str, Template] = {
    one.name: one
    for one in (
        Template(
            "Conv-ReLU",
            "A convolution that keeps the size, and the nonlinearity without which two would be one.",
            lambda c: conv_relu(_width(c)),
        ),
        Template(
            "Conv-ReLU-pool",
            "The building block of LeNet's descendants: look, keep what is positive, halve the maps.",
            lambda c: (*conv_relu(_width(c)), _POOL),
        ),
        Template(
            "Conv-BN-ReLU",
            "As Conv-ReLU, with batch norm between them, which steadies training; its shift replaces the bias.",
            lambda c: conv_bn_relu(_width(c)),
        ),
        Template(
            "Conv-BN-ReLU-pool",
            "Convolution, batch norm, ReLU, and a pooling that halves the maps.",
            lambda c: (*conv_bn_relu(_width(c)), _POOL),
        ),
        Template(
            "Linear-ReLU-dropout",
            "A hidden layer for flat inputs; dropout keeps its units from relying on one another.",
            lambda c: (linear(128), RELU, layer("Dropout")),
        ),
        Template(
            "Classifier head",
            "GlobalAvgPool, Flatten, Linear: the mean of each map, then a score for each class; takes any image size.",
            lambda c: averaged(),
        ),
        Template(
            "Residual block",
            "Two convolutions with batch norm around which x is added, then a ReLU (He and others, 2015).",
            _residual,
        ),
        Template(
            "Bottleneck residual",
            "1 × 1 to a quarter of the channels, 3 × 3 among those few, 1 × 1 back, and x added: deep for little.",
            _bottleneck,
        ),
        Template(
            "Dense skip",
            "Twelve new maps beside all that came in, as in DenseNet (Huang and others, 2016).",
            lambda c: (layer("Skip", conv_bn_relu(12)),),
        ),
        Template(
            "Inception block",
            "Windows of 1, 3 and 5 and a pooling look at the same place at once (Szegedy and others, 2014).",
            _inception,
        ),
        Template(
            "Squeeze-and-excite",
            "Two small layers decide from the mean of each map how much of it goes on (Hu and others, 2017).",
            _squeeze_and_excite,
        ),
    )
}


def layers_named(name: str, analysis: Analysis, place: Place) -> Layers:
    """The layers of a template, made for what arrives at `place`; or one of a kind.

    Raises SpecError if there is neither template nor kind of that name.
    """
    if name not in TEMPLATES:
        return new_layers(name)
    shape = shape_before(analysis, place)
    return TEMPLATES[name].layers(shape[0] if shape and len(shape) == 3 else USUAL)


def new_layers(kind: str) -> Layers:
    """One layer of this kind; of a block with empty branches, two where it may have as many."""
    known = LAYER_KINDS.get(kind)
    fewest, most = known.branches if isinstance(known, BlockKind) else (0, 0)
    return (layer(kind, *((),) * min(max(fewest, 2), most)),)


def shape_before(analysis: Analysis, place: Place) -> Shape | None:
    """What arrives at `place`, where a layer may stand or not; None behind a problem.

    Raises SpecError if there is no such sequence.
    """
    before = sequence_at(analysis.spec, place)[: place[-1]]
    for index, one in reversed(list(enumerate(before))):
        if one.enabled:
            row = analysis.row((*place[:-1], index))
            return row.output_shape if row else None
    return shape_before(analysis, place[:-2]) if len(place) > 1 else analysis.input_shape
