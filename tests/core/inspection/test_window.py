import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from core.inspection.window import output_pixel, sliding_window


def agree(module: nn.Module, maps: Tensor, flat: bool = False) -> None:
    """Every output pixel, taken apart, is what the module itself gives."""
    with torch.no_grad():
        out = module(maps.flatten()[None] if flat else maps[None])[0]
    out = out.reshape(-1, 1, 1) if flat else out
    window = sliding_window(module, tuple(maps.shape), tuple(out.shape))
    assert window is not None
    assert (len(window.rows), len(window.columns)) == tuple(out.shape[1:])
    for channel, row, column in itertools.product(*map(range, out.shape)):
        pixel = output_pixel(window, maps, channel, row, column)
        expected = float(out[channel, row, column])
        assert pixel.value == pytest.approx(expected, rel=1e-4, abs=1e-5)
        assert float(pixel.products.sum()) + pixel.bias == pytest.approx(pixel.value)
        assert torch.equal(pixel.products, pixel.weights * pixel.values)


@settings(deadline=None, max_examples=60)
@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    padding=st.tuples(st.integers(0, 4), st.integers(0, 4)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    groups=st.sampled_from([(4, 6, 1), (4, 6, 2), (3, 3, 3), (2, 4, 2)]),
    bias=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_convolution_is_its_products_and_their_sum(
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    dilation: tuple[int, int],
    groups: tuple[int, int, int],
    bias: bool,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    module = nn.Conv2d(groups[0], groups[1], kernel, stride, padding, dilation, groups[2], bias)
    agree(module, torch.randn(groups[0], 8, 9))


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, (2, 5)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_padding_given_as_a_word(kernel: int, dilation: int) -> None:
    for padding in ("same", "valid"):
        agree(nn.Conv2d(2, 3, kernel, padding=padding, dilation=dilation), torch.randn(2, 9, 10))


@settings(deadline=None, max_examples=60)
@given(
    kernel=st.integers(1, 4),
    stride=st.integers(1, 3) | st.none(),
    padding=st.integers(0, 2),
    dilation=st.integers(1, 2),
    ceil=st.booleans(),
    counts=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_a_pooling_layer_is_the_largest_or_the_mean_of_its_window(
    kernel: int, stride: int | None, padding: int, dilation: int, ceil: bool, counts: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    padding = min(padding, kernel // 2)
    maps = torch.randn(2, 9, 8) - 1  # mostly negative: a maximum must not take the padding's 0
    agree(nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil), maps)
    agree(nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil, count_include_pad=counts), maps)


@pytest.mark.parametrize("size", [1, 2, 3, (4, 7), (9, 8)])
def test_an_adaptive_pooling_layer_has_windows_of_different_sizes(size: int) -> None:
    agree(nn.AdaptiveAvgPool2d(size), torch.randn(3, 9, 8))


def test_a_linear_layer_reads_all_the_maps_that_were_flattened_for_it() -> None:
    agree(nn.Linear(3 * 4 * 5, 6), torch.randn(3, 4, 5), flat=True)
    module, numbers = nn.Linear(7, 2), torch.randn(7)
    window = sliding_window(module, (7,), (2,))
    assert window is not None
    for unit in range(2):
        assert output_pixel(window, numbers[:, None, None], unit, 0, 0).value == pytest.approx(
            float(module(numbers)[unit]), abs=1e-6
        )


def test_the_numbers_of_one_pixel_by_hand() -> None:
    module = nn.Conv2d(1, 1, 2, padding=1)
    module.weight.data = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
    module.bias.data = torch.tensor([0.5])
    maps = torch.tensor([[[10.0, 20.0], [30.0, 40.0]]])
    window = sliding_window(module, (1, 2, 2), (1, 3, 3))
    assert window is not None
    corner = output_pixel(window, maps, 0, 0, 0)  # only the kernel's last weight lies on the image: 4 · 10
    assert corner.padding.tolist() == [[True, True], [True, False]]
    assert corner.rows == (-1, 0) and corner.columns == (-1, 0)
    assert corner.products.tolist() == [[[0, 0], [0, 40]]]
    assert corner.value == 40.5
    middle = output_pixel(window, maps, 0, 1, 1)
    assert middle.products.tolist() == [[[10, 40], [90, 160]]] and middle.value == 300.5


def test_a_depthwise_convolution_reads_one_channel_each() -> None:
    window = sliding_window(nn.Conv2d(4, 8, 3, groups=4), (4, 5, 5), (8, 3, 3))
    assert window is not None and window.depth == 1
    assert [window.channels_of(o).start for o in range(8)] == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_layer_without_a_window_has_none() -> None:
    for module in (nn.ReLU(), nn.BatchNorm2d(3), nn.Flatten(), nn.Conv2d(3, 3, 3, padding_mode="reflect")):
        assert sliding_window(module, (3, 4, 4), (3, 4, 4)) is None
