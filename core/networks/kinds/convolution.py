"""Convolution."""

from collections.abc import Iterator

from torch import nn

from core.networks.fields import Field
from core.networks.kind import Arguments, Complaint, Formula, LayerKind, Settings, Window, count
from core.networks.kinds.window import grid, grid_formula, misfit
from core.networks.spec import Shape


def window(s: Settings) -> Window:
    return Window(s.kernel, s.stride, s.padding, s.dilation)


def complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    if s.in_channels not in (None, shape[0]):
        yield Complaint(
            f"in_channels is {s.in_channels}, but the layer before gives {shape[0]} "
            f"{'channel' if shape[0] == 1 else 'channels'}.",
            ((f"Set in_channels to {shape[0]}, following the layer before", {"in_channels": None}),),
        )
    yield from misfit(window(s), shape)


def arguments(s: Settings, shape: Shape) -> Arguments:
    return Arguments(
        (shape[0], s.out_channels),
        {
            "kernel_size": s.kernel,
            "stride": s.stride,
            "padding": s.padding,
            "dilation": s.dilation,
            "bias": s.bias,
        },
    )


def parameters(s: Settings, shape: Shape) -> Formula:
    weights = count(s.kernel, s.kernel, shape[0], s.out_channels)
    if not s.bias:
        return weights
    return Formula(f"{weights.text} + {s.out_channels}", weights.value + s.out_channels)


CONVOLUTIONS = (
    LayerKind(
        name="Conv2d",
        stem="conv",
        group="Convolution",
        explanation="Slides small learned kernels over its input; each kernel makes one output channel.",
        module=nn.Conv2d,
        fields=(
            Field(
                "out_channels", "int", 32, "How many kernels, hence how many feature maps come out.", 1, 4096
            ),
            Field("kernel", "int", 3, "Side of the square window in pixels.", 1, 31),
            Field("stride", "int", 1, "Pixels from one window to the next.", 1, 16),
            Field("padding", "int", 0, "Zeros added on each side of the input.", 0, 15),
            Field("dilation", "int", 1, "Pixels from one kernel weight to the next.", 1, 16, rare=True),
            Field("bias", "bool", True, "Whether each output channel adds a learned constant.", rare=True),
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
        macs=lambda s, shape: count(s.kernel, s.kernel, shape[0], s.out_channels, *grid(window(s), shape)),
        window=window,
    ),
)
