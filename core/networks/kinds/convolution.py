"""Convolution, in one step and in two."""

from collections.abc import Iterator
from math import gcd

from torch import nn

from core.networks.calls import call, differing
from core.networks.fields import Field
from core.networks.kind import Arguments, Complaint, Formula, LayerKind, Part, Settings, Window, count
from core.networks.kinds.window import grid, grid_formula, misfit
from core.networks.modules import DepthwiseSeparable
from core.networks.spec import Shape


def window(s: Settings) -> Window:
    if s.padding != "same":
        return Window(s.kernel, s.stride, s.padding, s.dilation)
    total = s.dilation * (s.kernel - 1)  # an odd one is split unevenly, as PyTorch does
    return Window(s.kernel, s.stride, total // 2, s.dilation, extra=total % 2)


def padding_complaints(s: Settings) -> Iterator[Complaint]:
    if s.padding == "same" and s.stride != 1:
        half = s.dilation * (s.kernel - 1) // 2
        yield Complaint(
            f'Padding "same" keeps height and width, which a stride of {s.stride} can\'t; '
            "PyTorch allows it with stride 1 only.",
            ((f"Set the padding to {half}", {"padding": half}), ("Set the stride to 1", {"stride": 1})),
        )


def complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    if s.in_channels not in (None, shape[0]):
        yield Complaint(
            f"in_channels is {s.in_channels}, but the layer before gives {shape[0]} "
            f"{'channel' if shape[0] == 1 else 'channels'}.",
            ((f"Set in_channels to {shape[0]}, following the layer before", {"in_channels": None}),),
        )
    for number, name in ((shape[0], "incoming"), (s.out_channels, "outgoing")):
        if number % s.groups:
            fitting = gcd(shape[0], s.out_channels, s.groups)
            nearest = max(s.groups, round(s.out_channels / s.groups) * s.groups)
            yield Complaint(
                f"{s.groups} groups don't divide the {number} {name} channels: "
                f"{number} mod {s.groups} = {number % s.groups}; each group needs as many channels as the others.",
                (
                    (f"Set groups to {fitting}", {"groups": fitting}),
                    (f"Set out_channels to {nearest}", {"out_channels": nearest}),
                    ("Set groups to 1", {"groups": 1}),
                ),
            )
    yield from padding_complaints(s)
    yield from misfit(window(s), shape)


def arguments(s: Settings, shape: Shape) -> Arguments:
    return Arguments(
        (shape[0], s.out_channels),
        {
            "kernel_size": s.kernel,
            "stride": s.stride,
            "padding": s.padding,
            "dilation": s.dilation,
            "groups": s.groups,
            "bias": s.bias,
        },
    )


def parameters(s: Settings, shape: Shape) -> Formula:
    return with_bias(s, weights(s, shape))


def weights(s: Settings, shape: Shape) -> Formula:
    """k·k·(C/groups)·C'."""
    product = count(s.kernel, s.kernel, shape[0] // s.groups, s.out_channels)
    if s.groups == 1:
        return product
    return Formula(f"{s.kernel}·{s.kernel}·({shape[0]}/{s.groups})·{s.out_channels}", product.value)


def with_bias(s: Settings, weights: Formula) -> Formula:
    if not s.bias:
        return weights
    return Formula(f"{weights.text} + {s.out_channels}", weights.value + s.out_channels)


def macs(s: Settings, shape: Shape) -> Formula:
    """Each weight is used at each place of its window."""
    one, places = weights(s, shape), grid(window(s), shape)
    return Formula("·".join((one.text, *map(str, places))), one.value * places[0] * places[1])


def separable_complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    yield from padding_complaints(s)
    yield from misfit(window(s), shape)


def separable_parameters(s: Settings, shape: Shape) -> Formula:
    depthwise, pointwise = count(s.kernel, s.kernel, shape[0]), count(shape[0], s.out_channels)
    return with_bias(s, Formula(f"{depthwise.text} + {pointwise.text}", depthwise.value + pointwise.value))


def separable_macs(s: Settings, shape: Shape) -> Formula:
    height, width = grid(window(s), shape)
    each = s.kernel * s.kernel * shape[0] + shape[0] * s.out_channels
    text = f"({s.kernel}·{s.kernel}·{shape[0]} + {shape[0]}·{s.out_channels})·{height}·{width}"
    return Formula(text, each * height * width)


def separable_arguments(s: Settings, shape: Shape) -> Arguments:
    named = dict(arguments(Settings(**{**vars(s), "groups": 1}), shape).named)
    del named["groups"]
    return Arguments((shape[0], s.out_channels), named)


def separable_parts(s: Settings, shape: Shape) -> tuple[Part, ...]:
    depthwise = Settings(**{**vars(s), "out_channels": shape[0], "groups": shape[0], "bias": False})
    mixing = Arguments((shape[0], s.out_channels), {"kernel_size": 1, "bias": s.bias})
    return ((nn.Conv2d, arguments(depthwise, shape)), (nn.Conv2d, mixing))


def keras_calls(name: str, s: Settings, groups: int) -> tuple[str, ...]:
    """The convolution in Keras, which pads by "same" or not at all, and has no stride where it has a dilation."""
    w = window(s)
    in_two_steps = w.stride > 1 and w.dilation > 1
    convolution = call(
        name,
        s.out_channels,
        s.kernel,
        strides=None if in_two_steps else differing(w.stride, 1),
        padding="same" if w.keeps_size and w.span > 1 else None,
        dilation_rate=differing(w.dilation, 1),
        groups=differing(groups, 1),
        use_bias=differing(s.bias, True),
    )
    pad = () if w.keeps_size or not w.padding else (call("layers.ZeroPadding2D", w.padding),)
    every_other = (call("layers.MaxPooling2D", 1, strides=w.stride),) if in_two_steps else ()
    return (*pad, convolution, *every_other)


OUT_CHANNELS = Field(
    "out_channels", "int", 32, "How many kernels, hence how many feature maps come out.", 1, 4096
)
KERNEL = Field("kernel", "int", 3, "Side of the square window in pixels.", 1, 31)
STRIDE = Field("stride", "int", 1, "Pixels from one window to the next.", 1, 16)
PADDING = Field(
    "padding",
    "int",
    0,
    'Zeros added on each side of the input; "same" keeps height and width.',
    0,
    15,
    words=("same",),
)
DILATION = Field("dilation", "int", 1, "Pixels from one kernel weight to the next.", 1, 16, rare=True)
BIAS = Field("bias", "bool", True, "Whether each output channel adds a learned constant.", rare=True)

CONVOLUTIONS = (
    LayerKind(
        name="Conv2d",
        stem="conv",
        group="Convolution",
        explanation="Slides small learned kernels over its input; each kernel makes one output channel.",
        module=nn.Conv2d,
        keras=lambda s, shape: keras_calls("layers.Conv2D", s, s.groups),
        fields=(
            OUT_CHANNELS,
            KERNEL,
            STRIDE,
            PADDING,
            DILATION,
            Field(
                "groups",
                "int",
                1,
                "The channels are split into so many parts, and each kernel reads one part only.",
                1,
                4096,
                rare=True,
            ),
            BIAS,
            Field(
                "in_channels",
                "int",
                None,
                "Feature maps that come in; PyTorch wants this number.",
                1,
                1_000_000,
                rare=True,
                follows="the layer before",
            ),
        ),
        rank=3,
        arguments=arguments,
        complaints=complaints,
        output=lambda s, shape: (s.out_channels, *grid(window(s), shape)),
        output_formula=lambda s, shape: f"{s.out_channels} kernels; {grid_formula(window(s), shape)}",
        parameters=parameters,
        macs=macs,
        window=window,
    ),
    LayerKind(
        name="SeparableConv2d",
        stem="sepconv",
        group="Convolution",
        explanation="A depthwise convolution, one kernel a channel, and then a 1 × 1 convolution that mixes the "
        "channels: close to Conv2d for a fraction of its weights (MobileNet).",
        module=DepthwiseSeparable,
        parts=separable_parts,
        keras=lambda s, shape: keras_calls("layers.SeparableConv2D", s, groups=1),
        fields=(OUT_CHANNELS, KERNEL, STRIDE, PADDING, DILATION, BIAS),
        rank=3,
        arguments=separable_arguments,
        complaints=separable_complaints,
        output=lambda s, shape: (s.out_channels, *grid(window(s), shape)),
        output_formula=lambda s, shape: f"{s.out_channels} 1 × 1 kernels; {grid_formula(window(s), shape)}",
        parameters=separable_parameters,
        macs=separable_macs,
        window=window,
    ),
)
