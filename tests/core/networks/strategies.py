"""Random networks that fit together, for the property tests."""

from hypothesis import strategies as st

from core.networks.analysis import analyse
from core.networks.edit import append
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec, Shape

IMAGE = (1, 28, 28)

FEATURE_LAYERS = st.one_of(
    st.builds(
        lambda channels, kernel, stride, padding, dilation, bias: layer(
            "Conv2d",
            out_channels=channels,
            kernel=kernel,
            stride=stride,
            padding=padding,
            dilation=dilation,
            bias=bias,
        ),
        st.integers(1, 6),
        st.integers(1, 6),
        st.integers(1, 3),
        st.integers(0, 4),
        st.integers(1, 3),
        st.booleans(),
    ),
    st.builds(
        lambda kind, kernel, stride, padding: layer(
            kind, kernel=kernel, stride=stride, padding=min(padding, kernel // 2)
        ),
        st.sampled_from(["MaxPool2d", "AvgPool2d"]),
        st.integers(1, 4),
        st.none() | st.integers(1, 4),
        st.integers(0, 2),
    ),
    st.sampled_from(
        [layer(kind) for kind in ("ReLU", "BatchNorm2d", "Tanh", "Sigmoid", "Dropout", "GlobalAvgPool")]
    ),
)
FLAT_LAYERS = st.one_of(
    st.builds(lambda n, bias: layer("Linear", out_features=n, bias=bias), st.integers(1, 20), st.booleans()),
    st.sampled_from([layer("ReLU"), layer("Dropout", p=0.25), layer("Flatten")]),
)


@st.composite
def fitting(draw: st.DrawFn, image: Shape = IMAGE) -> NetworkSpec:
    """Feature layers, each kept only where it fits, then flat ones, then ten outputs."""
    spec = NetworkSpec("random", ())
    for one in draw(st.lists(FEATURE_LAYERS, max_size=6)):
        longer = append(spec, one)
        problem = analyse(longer, image).problems[0]  # there always is one: the end is not ten numbers
        if problem.place is None:
            spec = longer
    flat: list[LayerSpec] = draw(st.lists(FLAT_LAYERS, max_size=3))
    return append(spec, layer("Flatten"), *flat, layer("Linear"))
