"""Random networks that fit together, of all kinds and with blocks in blocks, for the property tests."""

from dataclasses import replace

from hypothesis import strategies as st

from core.networks.analysis import analyse
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec, Shape

Layers = tuple[LayerSpec, ...]

IMAGE = (1, 28, 28)
CHANNELS = st.sampled_from([1, 2, 3, 4, 6])

# Anything with a window: many of these fit only where the maps are still large.
CONVOLUTIONS = st.builds(
    lambda channels, kernel, stride, padding, dilation, groups, bias: layer(
        "Conv2d",
        out_channels=channels,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        bias=bias,
    ),
    CHANNELS,
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(0, 4),
    st.integers(1, 3),
    st.sampled_from([1, 1, 2, 3]),
    st.booleans(),
)
SEPARABLES = st.builds(
    lambda channels, kernel, stride, padding, dilation, bias: layer(
        "SeparableConv2d",
        out_channels=channels,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        bias=bias,
    ),
    CHANNELS,
    st.integers(1, 5),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(1, 2),
    st.booleans(),
)
POOLINGS = st.builds(
    lambda kind, kernel, stride, padding: layer(
        kind, kernel=kernel, stride=stride, padding=min(padding, kernel // 2)
    ),
    st.sampled_from(["MaxPool2d", "AvgPool2d"]),
    st.integers(1, 4),
    st.none() | st.integers(1, 4),
    st.integers(0, 2),
)
RESIZINGS = st.one_of(
    st.builds(lambda size: layer("AdaptiveAvgPool2d", size=size), st.integers(1, 7)),
    st.just(layer("GlobalAvgPool")),
    st.builds(lambda scale: layer("Upsample", scale=scale), st.integers(2, 3)),
)

# What leaves height and width as they are.
SAME_SIZE = st.one_of(
    st.builds(
        lambda kind, channels, kernel, dilation, bias: layer(
            kind, out_channels=channels, kernel=kernel, padding="same", dilation=dilation, bias=bias
        ),
        st.sampled_from(["Conv2d", "SeparableConv2d"]),
        CHANNELS,
        st.integers(1, 5),
        st.integers(1, 2),
        st.booleans(),
    ),
    st.builds(
        lambda kind: layer(kind, kernel=3, stride=1, padding=1), st.sampled_from(["MaxPool2d", "AvgPool2d"])
    ),
)
ELEMENTWISE = st.one_of(
    st.sampled_from(
        [
            layer(kind)
            for kind in ("ReLU", "GELU", "SiLU", "Hardswish", "Tanh", "Sigmoid", "Hardsigmoid", "Softmax")
        ]
    ),
    st.builds(lambda slope: layer("LeakyReLU", negative_slope=slope), st.sampled_from([0.01, 0.2])),
    st.builds(lambda p: layer("Dropout", p=p), st.sampled_from([0.25, 0.5])),
)
NORMALISATIONS = st.one_of(
    st.builds(
        lambda eps, momentum: layer("BatchNorm2d", eps=eps, momentum=momentum),
        st.sampled_from([1e-5, 1e-3]),
        st.sampled_from([0.1, 0.01]),
    ),
    st.just(layer("LayerNorm")),
    st.builds(lambda groups: layer("GroupNorm", groups=groups), st.integers(1, 3)),
    st.builds(lambda affine: layer("InstanceNorm2d", affine=affine), st.booleans()),
    st.just(layer("Dropout2d")),
)


def blocks(inner: st.SearchStrategy[LayerSpec]) -> st.SearchStrategy[LayerSpec]:
    """Blocks of layers that leave height and width as they are, so that what leaves the branches can be joined."""
    branch = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(lambda body, norm: layer("Residual", body, norm=norm), branch, st.booleans()),
        st.builds(lambda body: layer("Skip", body), branch),
        st.builds(lambda branches: layer("Parallel", *branches), st.lists(branch, min_size=1, max_size=3)),
        st.builds(
            alike, st.lists(branch, min_size=1, max_size=3), CHANNELS, st.sampled_from(["sum", "product"])
        ),
    )


def alike(branches: list[Layers], channels: int, join: str) -> LayerSpec:
    """Branches that all end with so many channels, for joining value by value."""
    end = layer("Conv2d", out_channels=channels, kernel=1)
    return layer("Parallel", *((*branch, end) for branch in branches), join=join)


def halving(body: Layers, channels: int) -> LayerSpec:
    """A residual block that halves height and width, so that x needs a projection with a stride."""
    first = layer("Conv2d", out_channels=channels, stride=2, padding=1)
    return layer("Residual", (first, *body))


def scaled(channels: int) -> LayerSpec:
    """Squeeze and excite: one number a channel, between 0 and 1, scales the channel's map."""
    excite = (layer("Conv2d", out_channels=channels, kernel=1), layer("Sigmoid"))
    maps = layer("Conv2d", out_channels=channels, kernel=1)
    return layer("Parallel", (maps,), (layer("GlobalAvgPool"), *excite), join="product")


INNER = st.recursive(st.one_of(SAME_SIZE, ELEMENTWISE, NORMALISATIONS), blocks, max_leaves=6)
BLOCKS = st.one_of(
    blocks(INNER),
    st.builds(halving, st.lists(INNER, max_size=2).map(tuple), CHANNELS),
    st.builds(scaled, CHANNELS),
)
FEATURE_LAYERS = st.one_of(
    CONVOLUTIONS, SEPARABLES, POOLINGS, RESIZINGS, SAME_SIZE, ELEMENTWISE, NORMALISATIONS, BLOCKS
)

LINEARS = st.builds(
    lambda n, bias: layer("Linear", out_features=n, bias=bias), st.integers(1, 20), st.booleans()
)
FLAT_INNER = st.one_of(
    LINEARS, ELEMENTWISE, st.sampled_from([layer("BatchNorm1d"), layer("LayerNorm"), layer("Flatten")])
)
FLAT_BRANCHES = st.lists(FLAT_INNER, max_size=2).map(tuple)
FLAT_LAYERS = st.one_of(
    FLAT_INNER,
    st.builds(lambda body, norm: layer("Residual", body, norm=norm), FLAT_BRANCHES, st.booleans()),
    st.builds(lambda body: layer("Skip", body), FLAT_BRANCHES),
    st.builds(lambda branches: layer("Parallel", *branches), st.lists(FLAT_BRANCHES, min_size=1, max_size=3)),
)


def fits(layers: Layers, image: Shape) -> bool:
    """Whether nothing is wrong inside; the end may be anything."""
    problems = analyse(NetworkSpec("random", layers), image).problems
    return all(problem.place is None for problem in problems)


def kept(layers: Layers, image: Shape) -> Layers:
    """The layers without those that don't fit, in blocks too."""
    found: Layers = ()
    for one in layers:
        shape = analyse(NetworkSpec("random", found), image).output_shape
        inner = replace(one, branches=tuple(kept(branch, shape) for branch in one.branches))
        if fits((*found, inner), image):
            found = (*found, inner)
    return found


@st.composite
def fitting(draw: st.DrawFn, image: Shape = IMAGE) -> NetworkSpec:
    """Feature layers, each kept only where it fits, then flat ones, then ten outputs: nothing is wrong with it."""
    features = kept(tuple(draw(st.lists(FEATURE_LAYERS, max_size=6))), image)
    flat = tuple(draw(st.lists(FLAT_LAYERS, max_size=3)))
    return NetworkSpec("random", (*features, layer("Flatten"), *flat, layer("Linear")))
