"""Pooling: a window without weights."""

from collections.abc import Iterator

from torch import nn

from core.networks.fields import Field
from core.networks.kind import Arguments, Complaint, LayerKind, Settings, Window
from core.networks.kinds.window import grid, grid_formula, misfit
from core.networks.spec import Shape


def window(s: Settings) -> Window:
    return Window(s.kernel, s.kernel if s.stride is None else s.stride, s.padding)


def complaints(s: Settings, shape: Shape) -> Iterator[Complaint]:
    most = s.kernel // 2
    if s.padding > most:  # PyTorch refuses such windows: some would see nothing but padding
        yield Complaint(
            f"Padding {s.padding} is more than half of the {s.kernel} × {s.kernel} kernel; "
            f"at most {most} is allowed.",
            ((f"Set the padding to {most}", {"padding": most}),),
        )
    yield from misfit(window(s), shape, can_pad=False)


def arguments(s: Settings, shape: Shape) -> Arguments:
    stride = None if s.stride == s.kernel else s.stride  # PyTorch's own default: the kernel
    return Arguments((s.kernel,), {"stride": stride, "padding": s.padding})


FIELDS = (
    Field("kernel", "int", 2, "Side of the square window in pixels.", 1, 31),
    Field("stride", "int", None, "Pixels from one window to the next.", 1, 31, follows="the kernel"),
    Field("padding", "int", 0, "Border added on each side, at most half the kernel.", 0, 15),
)


def pooling(name: str, explanation: str, module: type[nn.Module]) -> LayerKind:
    return LayerKind(
        name=name,
        stem="pool",
        group="Pooling",
        explanation=explanation,
        module=module,
        fields=FIELDS,
        rank=3,
        arguments=arguments,
        complaints=complaints,
        output=lambda s, shape: (shape[0], *grid(window(s), shape)),
        output_formula=lambda s, shape: f"{shape[0]} channels stay; {grid_formula(window(s), shape)}",
        window=window,
    )


POOLINGS = (
    pooling(
        "MaxPool2d",
        "Keeps the largest value of each window: smaller maps, the strongest answers.",
        nn.MaxPool2d,
    ),
    pooling("AvgPool2d", "Keeps the mean of each window: smaller, smoother maps.", nn.AvgPool2d),
    LayerKind(
        name="GlobalAvgPool",
        stem="pool",
        group="Pooling",
        explanation="Keeps one number a channel, the mean of its whole map, whatever its size.",
        module=nn.AdaptiveAvgPool2d,
        rank=3,
        arguments=lambda s, shape: Arguments((1,)),
        output=lambda s, shape: (shape[0], 1, 1),
        output_formula=lambda s, shape: (
            f"{shape[0]} channels stay; {shape[1]} × {shape[2]} values become their mean"
        ),
        sees_all=True,
    ),
)
