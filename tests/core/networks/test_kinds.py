"""The numbers of each kind, by hand; that they agree with the modules is test_build's business."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.networks.analysis import analyse
from core.networks.kind import BlockKind, LayerKind
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, NetworkSpec, SpecError
from tests.core.networks.test_build import check_against_module

MAPS = (16, 28, 28)
END = (layer("Flatten"), layer("Linear"))


def row(*layers: LayerSpec, shape: tuple[int, ...] = MAPS) -> LayerRow:
    """The row of the last of `layers`."""
    analysis = analyse(NetworkSpec("x", (*layers, *END)), shape)
    assert analysis.problems == ()
    found = analysis.row((len(layers) - 1,))
    assert found
    return found


# kind and settings → output, parameters, MACs, with their calculations for an input of 16 × 28 × 28
BY_HAND = {
    "grouped convolution": (
        layer("Conv2d", out_channels=32, groups=4, padding="same"),
        (32, 28, 28),
        "3·3·(16/4)·32 + 32 = 1,184",
        "3·3·(16/4)·32·28·28 = 903,168",
    ),
    "even kernel, same size": (
        layer("Conv2d", out_channels=8, kernel=4, padding="same", bias=False),
        (8, 28, 28),
        "4·4·16·8 = 2,048",
        "4·4·16·8·28·28 = 1,605,632",
    ),
    "separable": (
        layer("SeparableConv2d", out_channels=32, padding=1, stride=2),
        (32, 14, 14),
        "3·3·16 + 16·32 + 32 = 688",
        "(3·3·16 + 16·32)·14·14 = 128,576",
    ),
    "batch norm": (layer("BatchNorm2d"), MAPS, "2·16 = 32", "0"),
    "layer norm": (layer("LayerNorm"), MAPS, "2·16·28·28 = 25,088", "0"),
    "group norm": (layer("GroupNorm", groups=8), MAPS, "2·16 = 32", "0"),
    "instance norm": (layer("InstanceNorm2d"), MAPS, "0", "0"),
    "instance norm with scale and shift": (layer("InstanceNorm2d", affine=True), MAPS, "2·16 = 32", "0"),
    "adaptive pooling": (layer("AdaptiveAvgPool2d", size=5), (16, 5, 5), "0", "0"),
    "global pooling": (layer("GlobalAvgPool"), (16, 1, 1), "0", "0"),
    "upsampling": (layer("Upsample", scale=3), (16, 84, 84), "0", "0"),
    "leaky ReLU": (layer("LeakyReLU", negative_slope=0.2), MAPS, "0", "0"),
    "dropout of maps": (layer("Dropout2d"), MAPS, "0", "0"),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_by_hand(case: str) -> None:
    one, output, parameters, macs = BY_HAND[case]
    found = row(one)
    assert found.output_shape == output
    assert found.formulas.parameters == parameters
    assert found.formulas.macs == macs
    check_against_module(NetworkSpec("x", (one, *END)), MAPS)


def test_the_formula_of_an_even_kernel_shows_its_uneven_padding() -> None:
    assert row(layer("Conv2d", kernel=4, padding="same")).formulas.output == (
        "32 kernels; ⌊(28 + (1 + 2) − 4)/1⌋ + 1 = 28"
    )


def test_flat_kinds() -> None:
    norm = row(layer("BatchNorm1d"), shape=(20,))
    assert (norm.output_shape, norm.parameters) == ((20,), 40)
    assert row(layer("LayerNorm"), shape=(20,)).parameters == 40


@pytest.mark.parametrize(
    ("one", "sentence"),
    [
        # (28 − 3) mod 2 = 1: the last row and column
        (
            layer("Conv2d", stride=2),
            "A stride of 2 does not come out even: the last row and the last column of the input are never read "
            "((28 − 3) mod 2 = 1).",
        ),
        # (28 + 2 − 3) mod 2 = 1, but that is padding
        (layer("Conv2d", stride=2, padding=1), ""),
        (layer("MaxPool2d"), ""),
        (
            layer("MaxPool2d", kernel=5),
            "A stride of 5 does not come out even: the last 3 rows and the last 3 columns of the input are never "
            "read ((28 − 5) mod 5 = 3).",
        ),
        (
            layer("Conv2d", kernel=1, stride=3),
            "The stride 3 is larger than the window of 1: 2 of 3 rows and columns are never read.",
        ),
    ],
)
def test_pixels_that_a_stride_drops_are_pointed_out(one: LayerSpec, sentence: str) -> None:
    assert row(one).unread == sentence


@settings(max_examples=40, deadline=None)
@given(
    kernel=st.integers(1, 5),
    stride=st.integers(1, 6),
    padding=st.integers(0, 3),
    size=st.integers(5, 20),
)
def test_what_is_said_to_be_unread_is(kernel: int, stride: int, padding: int, size: int) -> None:
    one = layer("Conv2d", kernel=kernel, stride=stride, padding=padding)
    read = {
        pixel
        for start in range(-padding, size + padding - kernel + 1, stride)
        for pixel in range(start, start + kernel)
    }
    assert bool(row(one, shape=(1, size, size)).unread) == bool(set(range(size)) - read)


def test_every_kind_is_explained_in_one_sentence() -> None:
    for kind in LAYER_KINDS.values():
        assert kind.explanation.endswith(".") and kind.explanation.count(". ") == 0
        assert all(field.meaning.endswith(".") for field in kind.fields)
        assert all(field.accepts(field.default) for field in kind.fields), kind.name
        if isinstance(kind, LayerKind) and kind.twin:
            assert isinstance(LAYER_KINDS[kind.twin], LayerKind)


def test_the_issue_kinds_are_there() -> None:
    wanted = """Conv2d SeparableConv2d MaxPool2d AvgPool2d AdaptiveAvgPool2d GlobalAvgPool BatchNorm2d BatchNorm1d
    LayerNorm GroupNorm InstanceNorm2d ReLU LeakyReLU GELU SiLU Tanh Sigmoid Dropout Dropout2d Flatten Linear Softmax
    Residual Skip Parallel"""
    assert set(wanted.split()) <= set(LAYER_KINDS)
    assert "cross-entropy" in LAYER_KINDS["Softmax"].note
    assert {name for name, kind in LAYER_KINDS.items() if isinstance(kind, BlockKind)} == {
        "Residual",
        "Skip",
        "Parallel",
    }


@pytest.mark.parametrize(
    ("kind", "branches", "settings", "message"),
    [
        ("Conv2d", 0, {"padding": "valid"}, "'valid', allowed a whole number from 0 to 15, or \"same\""),
        ("Conv2d", 0, {"kernel": "same"}, "'same', allowed a whole number from 1 to 31"),
        ("Parallel", 2, {"join": "append"}, '"concatenate" or "sum" or "product"'),
        ("Residual", 2, {}, "2 branches, allowed 1"),
        ("Residual", 0, {}, "0 branches, allowed 1"),
        ("Parallel", 9, {}, "9 branches, allowed 1 to 8"),
        ("ReLU", 1, {}, "1 branches, allowed 0"),
    ],
)
def test_what_a_kind_does_not_take_is_refused(
    kind: str, branches: int, settings: dict[str, str], message: str
) -> None:
    with pytest.raises(SpecError) as caught:
        layer(kind, *((),) * branches, **settings)
    assert message in str(caught.value)
