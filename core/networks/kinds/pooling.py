"""Pooling and resizing: windows without weights."""

from collections.abc import Callable, Iterator

from torch import nn

from core.networks.calls import call, differing
from core.networks.fields import Field
from core.networks.kind import Arguments, Complaint, LayerKind, Reach, Settings, Window, reads_all
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


def keras_maximum(s: Settings, shape: Shape) -> tuple[str, ...]:
    pool = window(s)
    if pool.padding and pool.keeps_size:
        return (call("layers.MaxPooling2D", s.kernel, strides=pool.stride, padding="same"),)
    pad = call("PadBelow", pool.padding)  # a layer that the program defines: −∞ around the maps
    return (*((pad,) if pool.padding else ()), keras_pool("layers.MaxPooling2D", pool))


def keras_mean(s: Settings, shape: Shape) -> tuple[str, ...]:
    pool = window(s)
    pad = (
        (call("layers.ZeroPadding2D", pool.padding),) if pool.padding else ()
    )  # "same" would not count zeros
    return (*pad, keras_pool("layers.AveragePooling2D", pool))


def keras_pool(name: str, pool: Window) -> str:
    return call(name, pool.kernel, strides=differing(pool.stride, pool.kernel))


def keras_enlarged(s: Settings, shape: Shape) -> tuple[str, ...]:
    return (call("layers.UpSampling2D", s.scale, interpolation="bilinear"),)


FIELDS = (
    Field("kernel", "int", 2, "Side of the square window in pixels.", 1, 31),
    Field("stride", "int", None, "Pixels from one window to the next.", 1, 31, follows="the kernel"),
    Field("padding", "int", 0, "Border added on each side, at most half the kernel.", 0, 15),
)


def pooling(
    name: str,
    explanation: str,
    module: type[nn.Module],
    keras: Callable[[Settings, Shape], tuple[str, ...]],
) -> LayerKind:
    return LayerKind(
        name=name,
        stem="pool",
        group="Pooling",
        explanation=explanation,
        module=module,
        keras=keras,
        fields=FIELDS,
        rank=3,
        arguments=arguments,
        complaints=complaints,
        output=lambda s, shape: (shape[0], *grid(window(s), shape)),
        output_formula=lambda s, shape: f"{shape[0]} channels stay; {grid_formula(window(s), shape)}",
        window=window,
    )


def bins(s: Settings, size: int) -> Reach:
    """Output unit i of n averages the pixels from ⌊i·size/n⌋ to ⌈(i + 1)·size/n⌉ (PyTorch's rule)."""
    return tuple(tuple(range(i * size // s.size, -(-(i + 1) * size // s.size))) for i in range(s.size))


def neighbours(s: Settings, size: int) -> Reach:
    """Output unit i lies at (i + ½)/scale − ½ of the input and mixes the two pixels that it lies between."""
    reach = []
    for i in range(size * s.scale):
        first, between = divmod(max(0, 2 * i + 1 - s.scale), 2 * s.scale)
        reach.append((first, first + 1) if between and first + 1 < size else (first,))
    return tuple(reach)


POOLINGS = (
    pooling(
        "MaxPool2d",
        "Keeps the largest value of each window: smaller maps, the strongest answers.",
        nn.MaxPool2d,
        keras_maximum,
    ),
    pooling("AvgPool2d", "Keeps the mean of each window: smaller, smoother maps.", nn.AvgPool2d, keras_mean),
    LayerKind(
        name="AdaptiveAvgPool2d",
        stem="pool",
        group="Pooling",
        explanation="Averages each map over a grid of so many windows, whatever its size.",
        module=nn.AdaptiveAvgPool2d,
        keras=lambda s, shape: (call("layers.AdaptiveAveragePooling2D", s.size),),
        fields=(Field("size", "int", 4, "Height and width that come out.", 1, 64),),
        rank=3,
        arguments=lambda s, shape: Arguments((s.size,)),
        output=lambda s, shape: (shape[0], s.size, s.size),
        output_formula=lambda s, shape: (
            f"{shape[0]} channels stay; {shape[1]} × {shape[2]} values become {s.size} × {s.size} means"
        ),
        reach=bins,
    ),
    LayerKind(
        name="GlobalAvgPool",
        stem="pool",
        group="Pooling",
        explanation="Keeps one number a channel, the mean of its whole map, whatever its size.",
        module=nn.AdaptiveAvgPool2d,
        keras=lambda s, shape: ("layers.GlobalAveragePooling2D(keepdims=True)",),
        rank=3,
        arguments=lambda s, shape: Arguments((1,)),
        output=lambda s, shape: (shape[0], 1, 1),
        output_formula=lambda s, shape: (
            f"{shape[0]} channels stay; {shape[1]} × {shape[2]} values become their mean"
        ),
        reach=reads_all,
    ),
    LayerKind(
        name="Upsample",
        stem="upsample",
        group="Resizing",
        explanation="Makes each map larger by mixing neighbouring values (bilinear); it adds no information.",
        module=nn.Upsample,
        keras=keras_enlarged,
        fields=(Field("scale", "int", 2, "How many times as high and wide the maps become.", 2, 8),),
        rank=3,
        arguments=lambda s, shape: Arguments((), {"scale_factor": s.scale, "mode": "bilinear"}),
        output=lambda s, shape: (shape[0], s.scale * shape[1], s.scale * shape[2]),
        output_formula=lambda s, shape: (
            f"{shape[0]} channels stay; {s.scale}·{shape[1]} = {s.scale * shape[1]}, "
            f"{s.scale}·{shape[2]} = {s.scale * shape[2]}"
        ),
        reach=neighbours,
    ),
)
