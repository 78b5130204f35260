"""Layers that learn in oneDNN's own layout: exact, their pooling bit by bit, and only while they learn."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import onednn, side_by_side
from core.training.config import TrainingConfig
from core.training.layout import lay_out
from core.training.onednn import OneDNNConv2d, enter, enter_if_large, knows, leave, may_begin_so
from tests.core.training import small_runs
from tests.core.training.exactness import gradients, off

CPU = torch.device("cpu")
AS_IT_IS = onednn.pays(CPU)

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this PyTorch has no oneDNN")
in_bfloat16 = pytest.mark.skipif(not AS_IT_IS, reason="oneDNN has no bfloat16 on this CPU")


@pytest.fixture(autouse=True)
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let these tests use it on whatever CPU they run."""
    monkeypatch.setattr(onednn, "pays", lambda device: device.type == "cpu")


def network(bias: bool = False) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 16, 5, padding=2, bias=bias),
        nn.MaxPool2d(2),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, padding=1, bias=bias),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.Flatten(),
        nn.Linear(32 * 25, 5),
    )


def narrow() -> nn.Sequential:
    """Of blocks that are not full."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 12, 3, padding=1),
        nn.BatchNorm2d(12),
        nn.MaxPool2d(3, stride=2, padding=1),
        nn.Flatten(),
        nn.Linear(12 * 25, 5),
    )


def images(number: int = 8, side: int = 19) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(number, 2, side, side).contiguous(memory_format=torch.channels_last)


def plain(model: nn.Module) -> nn.Module:
    return model.to(memory_format=torch.channels_last)


@pytest.fixture
def layouts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each convolution's maps, whether they lay in oneDNN's layout, forward."""
    seen: list[bool] = []
    own = OneDNNConv2d._conv_forward

    def watched(self: OneDNNConv2d, maps: Tensor, *rest: Any) -> Tensor:
        seen.append(maps.is_mkldnn)
        return own(self, maps, *rest)

    monkeypatch.setattr(OneDNNConv2d, "_conv_forward", watched)
    return seen


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("computed_in", ["float32", pytest.param("bfloat16", marks=in_bfloat16)])
def test_gradients_are_as_exact_as_those_of_pytorch(
    bias: bool, computed_in: str, layouts: list[bool]
) -> None:
    """Compared with float64: rounded elsewhere, but no more than PyTorch's own."""
    laid, usual = lay_out(network(bias=bias), torch.channels_last), plain(network(bias=bias))
    true = gradients(network(bias=bias).double(), images().double(), "float32")
    here, there = gradients(laid, images(), computed_in), gradients(usual, images(), computed_in)
    assert layouts == [True, True]
    assert [one.dtype for one in here] == [one.dtype for one in there]
    learns_nothing = 2 if bias else None  # the first bias, which batch normalisation takes away: noise
    for place, (ours, theirs) in enumerate(zip(off(here, true), off(there, true), strict=True)):
        assert place == learns_nothing or ours < 1.5 * theirs + 1e-6
    for ours, theirs in zip(laid.buffers(), usual.buffers(), strict=True):  # the running statistics
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize(
    ("number", "computed_in", "so"),
    [(256, "float32", True), (255, "float32", False), (256, "bfloat16", False)],
)
def test_few_channels_are_computed_so_in_large_batches_of_float32_alone(
    number: int, computed_in: str, so: bool, layouts: list[bool]
) -> None:
    laid, usual, given = lay_out(narrow(), torch.channels_last), plain(narrow()), images(number)
    assert may_begin_so(narrow(), number, computed_in) is so
    true = gradients(narrow().double(), given.double(), "float32")
    here, there = gradients(laid, given, computed_in), gradients(usual, given, computed_in)
    assert layouts == [so, so]
    learns_nothing = 4  # the second bias, which batch normalisation takes away: noise
    for place, (ours, theirs) in enumerate(zip(off(here, true), off(there, true), strict=True)):
        assert place == learns_nothing or ours < 1.5 * theirs + 1e-6


@pytest.mark.parametrize(
    "pool", [nn.MaxPool2d(2), nn.MaxPool2d(3, stride=2, padding=1), nn.MaxPool2d((3, 2), stride=(1, 3))]
)
@pytest.mark.parametrize("dtype", [torch.float32, pytest.param(torch.bfloat16, marks=in_bfloat16)])
def test_its_pooling_is_that_of_pytorch_bit_by_bit_also_of_equal_maxima(
    pool: nn.MaxPool2d, dtype: torch.dtype
) -> None:
    maps = torch.randint(-2, 3, (4, 16, 9, 8)).to(
        dtype
    )  # of five values, most windows have their largest twice
    here, there = maps.clone().requires_grad_(), maps.clone().requires_grad_()
    ours, theirs = pool(here.to_mkldnn()).to_dense(), pool(there)
    assert torch.equal(ours, theirs)
    gradient = torch.randint(1, 9, theirs.shape).to(dtype)  # whole numbers, whose sums no order rounds
    ours.backward(gradient)
    theirs.backward(gradient)
    assert torch.equal(here.grad, there.grad)


@pytest.mark.parametrize(
    ("module", "known"),
    [
        (nn.Conv2d(4, 16, 3, stride=2, padding=1), True),
        (nn.Conv2d(4, 16, (3, 5), dilation=2), True),
        (nn.Conv2d(4, 16, 1), False),
        (nn.Conv2d(4, 16, 3, groups=2), False),
        (nn.Conv2d(4, 16, 3, padding="same"), False),
        (nn.Conv2d(4, 16, 3, padding=1, padding_mode="reflect"), False),
        (nn.MaxPool2d(3, stride=1, padding=1), True),
        (nn.MaxPool2d(2, dilation=2), False),
        (nn.MaxPool2d(2, ceil_mode=True), False),
        (nn.MaxPool2d(2, return_indices=True), False),
        (nn.BatchNorm2d(4), True),
        (nn.BatchNorm2d(4, affine=False), False),
        (nn.ReLU(), True),
        (nn.GELU(), False),
        (nn.AvgPool2d(2), False),
        (nn.Dropout(), False),
    ],
)
def test_it_knows_layers_of_few_kinds(module: nn.Module, known: bool) -> None:
    assert knows(module) is known


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Conv2d(2, 16, 3), nn.ReLU(), nn.Flatten()],  # nothing to gain
        [nn.ReLU(), nn.Conv2d(2, 16, 3), nn.MaxPool2d(2), nn.Flatten()],
        [nn.Conv2d(2, 16, 3), nn.GELU(), nn.MaxPool2d(2), nn.Flatten()],
        # blocks that are not full: two with one pooling, one without, one behind the Flatten …
        [nn.Conv2d(2, 6, 3), nn.Conv2d(6, 6, 3), nn.MaxPool2d(2), nn.Flatten()],
        [nn.Conv2d(2, 6, 3), nn.MaxPool2d(2), nn.Conv2d(6, 6, 3), nn.Flatten()],
        [nn.Conv2d(2, 6, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Unflatten(1, (6, 8, 8)), nn.Conv2d(6, 6, 3)],
        # … and of more than a block, of several, of hardly anything
        [nn.Conv2d(2, 6, 3), nn.MaxPool2d(2), nn.Conv2d(6, 24, 3), nn.MaxPool2d(2), nn.Flatten()],
        [nn.Conv2d(2, 24, 3), nn.MaxPool2d(2), nn.Flatten()],
        [nn.Conv2d(2, 3, 3), nn.MaxPool2d(2), nn.Flatten()],
        [nn.Conv2d(2, 16, 3), nn.MaxPool2d(2)],  # nobody would take the maps
    ],
)
def test_other_networks_stay_as_they_are(layers: list[nn.Module]) -> None:
    model = lay_out(nn.Sequential(*layers), torch.channels_last)
    assert all(type(module) is not OneDNNConv2d for module in model.modules())
    assert not any(
        {enter, enter_if_large, leave} & set(module._forward_pre_hooks.values()) for module in model
    )


@pytest.mark.parametrize("missing", ["", "avx512_bw", "avx512_dq", "avx512_vl"])
def test_it_pays_where_the_cpu_has_the_instructions(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.undo()
    able = {name: name != missing for name in ("avx512_bw", "avx512_dq", "avx512_vl")}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: able)
    assert onednn.pays(CPU) is (not missing)
    assert not onednn.pays(torch.device("cuda"))


def test_only_what_learns_is_computed_so(layouts: list[bool]) -> None:
    laid, usual = lay_out(network(), torch.channels_last), plain(network())
    with torch.no_grad():
        assert torch.equal(laid(images()), usual(images()))
    laid.eval(), usual.eval()
    assert torch.equal(laid(images()), usual(images()))
    with torch.inference_mode():
        assert torch.equal(laid(images()), usual(images()))
    assert not any(layouts)


@pytest.mark.parametrize(("keeps_statistics", "inside"), [(False, [True, True]), (True, [True])])
def test_layers_that_stopped_have_no_gradient(
    keeps_statistics: bool, inside: list[bool], layouts: list[bool]
) -> None:
    def stopped() -> nn.Sequential:
        model = network()
        for part in model[:3]:
            part.requires_grad_(False)
        model[2].train(not keeps_statistics)  # as those of a frozen network do
        return model

    laid, usual = lay_out(stopped(), torch.channels_last), plain(stopped())
    for ours, theirs in zip(
        gradients(laid, images(), "float32"), gradients(usual, images(), "float32"), strict=True
    ):
        torch.testing.assert_close(ours, theirs)
    assert layouts == inside  # a convolution behind such a normalisation is PyTorch's own


def test_maps_come_out_with_their_channels_last() -> None:
    model = network()
    model[6] = nn.Sequential(nn.GELU(), nn.Flatten())
    seen: list[Tensor] = []
    lay_out(model, torch.channels_last)[6][0].register_forward_pre_hook(
        lambda _module, inputs: seen.append(inputs[0])
    )
    model(images())
    assert not seen[0].is_mkldnn and seen[0].is_contiguous(memory_format=torch.channels_last)


@in_bfloat16
def test_small_maps_come_out_to_learn_side_by_side(
    monkeypatch: pytest.MonkeyPatch, layouts: list[bool]
) -> None:
    rows: list[int] = []
    own = side_by_side.weight_gradient

    def watched(*arguments: Any) -> Any:
        rows.append(arguments[4])
        return own(*arguments)

    monkeypatch.setattr(side_by_side, "weight_gradient", watched)
    monkeypatch.setattr(side_by_side, "FEWEST_WEIGHTS", 1)
    monkeypatch.setattr(side_by_side, "pays", lambda _device: True)
    given = images(side=14)  # whose maps are 7 columns wide before the second convolution

    def small() -> nn.Sequential:
        model = network()
        model[7] = nn.Linear(32 * 16, 5)
        return model

    laid, usual = lay_out(small(), torch.channels_last), plain(small())
    true = gradients(small().double(), given.double(), "float32")
    here, there = gradients(laid, given, "bfloat16"), gradients(usual, given, "bfloat16")
    for ours, theirs in zip(off(here, true), off(there, true), strict=True):
        assert ours < 1.5 * theirs
    assert rows == [8] and layouts == [True]


def test_laid_out_twice_and_copied_it_enters_and_leaves_once(layouts: list[bool]) -> None:
    model = lay_out(copy.deepcopy(lay_out(network(), torch.channels_last)), torch.channels_last)
    assert list(model[0]._forward_pre_hooks.values()) == [enter]
    assert list(model[6]._forward_pre_hooks.values()).count(leave) == 1
    gradients(model, images(), "float32")
    assert layouts == [True, True]
    network().load_state_dict(model.state_dict())


@pytest.mark.parametrize(
    ("channels", "computed_in"),
    [(16, "float32"), (6, "float32"), pytest.param(16, "bfloat16", marks=in_bfloat16)],
)
def test_a_run_learns_so_and_goes_on_to_the_same_weights(
    channels: int,
    computed_in: str,
    training: Batches,
    validation: Batches,
    layouts: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(onednn, "FEWEST_IMAGES", 2)
    spec = NetworkSpec(
        "blocks",
        (
            layer("Conv2d", out_channels=channels, kernel=5, bias=False),
            layer("MaxPool2d"),
            layer("BatchNorm2d"),
            layer("ReLU"),
            layer("Conv2d", out_channels=channels, kernel=3),
            layer("MaxPool2d"),
            layer("ReLU"),
            layer("Flatten"),
            layer("Linear", out_features=10),
        ),
    )
    config = TrainingConfig(epochs=3, batch_size=16, device="cpu", precision=computed_in)
    model = small_runs.small(spec)
    kept = small_runs.states(small_runs.run(model, training, validation, config))
    assert layouts.count(True) >= 2 * 3 * training.steps  # two convolutions a step
    for state in kept:
        again = small_runs.small(spec, seed=9)
        small_runs.run(again, training, validation, config, resumed=state)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
