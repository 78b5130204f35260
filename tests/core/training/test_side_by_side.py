"""Convolutions that learn from images side by side: the same gradients as PyTorch's own, in whatever shape."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.batches import Batches
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import side_by_side
from core.training.config import TrainingConfig
from core.training.layout import lay_out
from core.training.precision import autocast
from core.training.side_by_side import SideBySideConv2d, in_a_row, in_rows, weight_gradient
from tests.core.training import small_runs
from tests.core.training.exactness import gradients, off

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be used for the small layers of these tests, on whatever CPU they run."""
    monkeypatch.setattr(side_by_side, "FEWEST_WEIGHTS", 1)
    monkeypatch.setattr(side_by_side, "pays", lambda _device: True)


def channels_last(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, dtype=dtype).contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("images", [1, 2, 3, 6])
@pytest.mark.parametrize(
    ("size", "kernel", "padding"),
    [
        ((7, 7), (3, 3), (1, 1)),
        ((7, 7), (3, 3), (0, 0)),
        ((5, 7), (5, 5), (2, 2)),
        ((8, 4), (1, 3), (0, 1)),
        ((4, 8), (3, 2), (1, 0)),
        ((3, 3), (3, 3), (0, 0)),  # one column is left of each map
        ((6, 5), (3, 5), (4, 1)),  # more rows than before, fewer columns
        ((5, 1), (3, 3), (1, 1)),
    ],
)
def test_the_gradient_is_that_of_pytorch(
    images: int, size: tuple[int, int], kernel: tuple[int, int], padding: tuple[int, int]
) -> None:
    maps, weight = channels_last(6, 3, *size), channels_last(4, 3, *kernel).requires_grad_()
    bias = torch.randn(4, dtype=torch.float64, requires_grad=True)
    output = F.conv2d(maps, weight, bias, padding=padding)
    gradient = torch.randn_like(output)
    expected = torch.autograd.grad(output, (weight, bias), gradient)
    torch.testing.assert_close(weight_gradient(gradient, maps, weight, padding, images, True), expected)
    assert weight_gradient(gradient, maps, weight, padding, images)[1] is None


def test_maps_lie_in_rows_in_their_order_with_empty_columns_after_each() -> None:
    maps = torch.arange(1.0, 25.0).view(4, 1, 2, 3)  # four maps of one channel, two rows and three columns
    rows = in_rows(maps, 2, 4)
    assert rows.shape == (2, 1, 2, 8)
    assert rows[0, 0].tolist() == [[1, 2, 3, 0, 7, 8, 9, 0], [4, 5, 6, 0, 10, 11, 12, 0]]


def test_as_many_images_in_a_row_as_divide_the_batch_and_fit() -> None:
    found = {(n, w): in_a_row(torch.empty(n, 1, 5, w)) for n in (160, 6, 7) for w in (2, 4, 7, 8, 9)}
    assert [found[160, w] for w in (2, 4, 7, 8, 9)] == [16, 16, 8, 8, 1]
    assert [found[6, w] for w in (4, 9)] == [2, 1]
    assert found[7, 4] == 1


@pytest.mark.parametrize(
    ("module", "taken"),
    [
        (nn.Conv2d(4, 8, 3, padding=1), True),
        (nn.Conv2d(4, 8, 5, bias=False), True),
        (nn.Conv2d(4, 8, (1, 3), padding=(3, 1)), True),
        (nn.Conv2d(4, 8, 3, stride=2), False),
        (nn.Conv2d(4, 8, 3, dilation=2), False),
        (nn.Conv2d(4, 8, 3, groups=2), False),
        (nn.Conv2d(4, 8, 3, padding="same"), False),
        (nn.Conv2d(4, 8, 3, padding=1, padding_mode="reflect"), False),
        (nn.Conv2d(4, 8, 3, padding=2), False),  # its output is wider than its maps
        (nn.Conv2d(4, 8, 1), False),
        (nn.ConvTranspose2d(4, 8, 3), False),
        (nn.Linear(4, 8), False),
    ],
)
def test_convolutions_of_one_kind_are_taken(module: nn.Module, taken: bool) -> None:
    assert type(lay_out(nn.Sequential(module), torch.channels_last)[0]) is (
        SideBySideConv2d if taken else type(module)
    )


def test_none_is_taken_where_the_network_does_not_lie_with_its_channels_last() -> None:
    model = lay_out(nn.Sequential(nn.Conv2d(4, 8, 3)), torch.contiguous_format)
    assert type(model[0]) is nn.Conv2d


def test_only_layers_of_many_weights_are_taken_and_only_where_it_pays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = nn.Sequential(nn.Conv2d(64, 64, 3), nn.Conv2d(64, 32, 3), nn.Conv2d(32, 64, 3))
    monkeypatch.setattr(side_by_side, "FEWEST_WEIGHTS", 64 * 64 * 9)
    monkeypatch.setattr(side_by_side, "pays", lambda _device: False)
    assert {type(module) for module in lay_out(model, torch.channels_last)} == {nn.Conv2d}
    monkeypatch.setattr(side_by_side, "pays", lambda _device: True)
    assert [type(module) for module in lay_out(model, torch.channels_last)] == [
        SideBySideConv2d,
        nn.Conv2d,
        nn.Conv2d,
    ]


@pytest.mark.parametrize("capable", [True, False])
def test_it_pays_where_the_cpu_multiplies_in_tiles(monkeypatch: pytest.MonkeyPatch, capable: bool) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True} if capable else {})
    assert side_by_side.pays(CPU) is capable
    assert not side_by_side.pays(torch.device("cuda"))


def network(bias: bool = True) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 16, 3, padding=1, bias=bias),
        nn.ReLU(),
        nn.Conv2d(16, 24, 3, bias=bias),
        nn.Flatten(),
        nn.Linear(24 * 25, 5),
    )


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many images lay in a row each time that a gradient was computed so."""
    seen: list[int] = []
    own = weight_gradient

    def watched(*arguments: Any) -> Any:
        seen.append(arguments[4])
        return own(*arguments)

    monkeypatch.setattr(side_by_side, "weight_gradient", watched)
    return seen


@pytest.mark.parametrize("bias", [True, False])
def test_a_network_has_gradients_as_exact_as_without_it(bias: bool, rows: list[int]) -> None:
    """In bfloat16, compared with float64: rounded elsewhere, but no more than PyTorch's own."""
    images = channels_last(8, 2, 7, 7, dtype=torch.float32)
    plain = network(bias).to(memory_format=torch.channels_last)
    laid = lay_out(network(bias), torch.channels_last)
    assert type(laid[0]) is type(laid[2]) is SideBySideConv2d
    true = gradients(network(bias).double(), images.double(), "float32")
    here, there = gradients(laid, images, "bfloat16"), gradients(plain, images, "bfloat16")
    assert [one.dtype for one in here] == [one.dtype for one in there]
    assert [one.stride() for one in here] == [one.stride() for one in there]
    for ours, theirs in zip(off(here, true), off(there, true), strict=True):
        assert ours < 1.5 * theirs + 1e-3
    assert rows == [8, 8]


def test_only_what_learns_has_a_gradient(rows: list[int]) -> None:
    images = channels_last(8, 2, 7, 7, dtype=torch.float32)
    laid, plain = lay_out(network(), torch.channels_last), network().to(memory_format=torch.channels_last)
    for model in (laid, plain):
        model[0].requires_grad_(False)
        model[2].bias.requires_grad_(False)
    for ours, theirs in zip(
        gradients(laid, images, "bfloat16"), gradients(plain, images, "bfloat16"), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=0.02, atol=0.002)
    assert rows == [8]


@pytest.mark.parametrize(
    ("images", "computed_in"),
    [
        (channels_last(8, 2, 7, 7, dtype=torch.float32), "float32"),
        (channels_last(7, 2, 7, 7, dtype=torch.float32), "bfloat16"),  # a batch that nothing divides
    ],
)
def test_all_else_is_computed_by_pytorch_itself(images: Tensor, computed_in: str, rows: list[int]) -> None:
    laid, plain = lay_out(network(), torch.channels_last), network().to(memory_format=torch.channels_last)
    here, there = gradients(laid, images, computed_in), gradients(plain, images, computed_in)
    for ours, theirs in zip(here, there, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=0)
    assert not rows


def test_what_it_computes_forward_is_what_pytorch_computes() -> None:
    images = channels_last(8, 2, 7, 7, dtype=torch.float32)
    laid, plain = lay_out(network(), torch.channels_last), network().to(memory_format=torch.channels_last)
    with autocast("bfloat16", CPU):
        assert torch.equal(laid(images), plain(images))
        with torch.inference_mode():
            assert torch.equal(laid(images), plain(images))


def test_a_copy_and_the_weights_are_those_of_a_convolution() -> None:
    laid = lay_out(network(), torch.channels_last)
    twin = lay_out(copy.deepcopy(laid), torch.channels_last)
    assert type(twin[0]) is SideBySideConv2d and twin[0].weight is not laid[0].weight
    network().load_state_dict(laid.state_dict())


def test_a_run_in_bfloat16_learns_so_and_goes_on_to_the_same_weights(
    training: Batches, validation: Batches, rows: list[int]
) -> None:
    spec = NetworkSpec(
        "narrow",
        (
            layer("Conv2d", out_channels=4, kernel=4, stride=4),
            layer("Conv2d", out_channels=8, kernel=3, padding=1),
            layer("Flatten"),
            layer("Linear", out_features=10),
        ),
    )
    config = TrainingConfig(epochs=3, batch_size=16, device="cpu", precision="bfloat16")
    model = small_runs.small(spec)
    kept = small_runs.states(small_runs.run(model, training, validation, config))
    assert rows == [8, 8, 8] * 3  # batches of 16, 16 and 8 images, whose second maps are 7 columns wide
    for state in kept:
        again = small_runs.small(spec, seed=9)
        small_runs.run(again, training, validation, config, resumed=state)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
