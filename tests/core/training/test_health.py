"""How gradients flow and units work, against numbers by hand and sums written out."""

import math
from collections import OrderedDict

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training import health


def filled(module: nn.Linear | nn.Conv2d, weight: list[float], bias: list[float]) -> nn.Module:
    with torch.no_grad():
        module.weight.copy_(torch.tensor(weight).view_as(module.weight))
        assert module.bias is not None
        module.bias.copy_(torch.tensor(bias))
    return module


def test_norms_and_ratios_by_hand() -> None:
    """Weights (3, 4) and bias 0 have length 5; gradients (1, 2) and 2 have length 3; a step of 0.1 of it is 0.3."""
    model = nn.Sequential(OrderedDict(fc=filled(nn.Linear(2, 1), [3, 4], [0])))
    model.fc.weight.grad = torch.tensor([[1.0, 2.0]])
    model.fc.bias.grad = torch.tensor([2.0])
    before = health.copies(model)
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    flow = health.gradients(model, before)
    assert flow.layers == ["fc"]
    assert flow.norms == [pytest.approx(3)]
    assert flow.update_ratios == [pytest.approx(0.3 / 5)]


def test_norms_and_ratios_of_a_network_number_by_number(network: NetworkSpec) -> None:
    torch.manual_seed(0)
    model = build(network, (1, 28, 28))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    old = {name: p.detach().clone().double() for name, p in model.named_parameters()}
    before = health.copies(model)
    F.cross_entropy(model(torch.randn(8, 1, 28, 28)), torch.arange(8)).backward()
    optimizer.step()
    flow = health.gradients(model, before)
    assert flow.layers == ["conv1", "bn1", "linear1"]
    for layer, norm, ratio in zip(flow.layers, flow.norms, flow.update_ratios, strict=True):
        gradient = step = weights = 0.0
        for name in (f"{layer}.weight", f"{layer}.bias"):
            parameter = model.get_parameter(name)
            for g, new, was in zip(
                parameter.grad.flatten().tolist(),
                parameter.flatten().tolist(),
                old[name].flatten().tolist(),
                strict=True,
            ):
                gradient, step, weights = gradient + g * g, step + (new - was) ** 2, weights + was * was
        assert norm == pytest.approx(math.sqrt(gradient), rel=1e-4)
        assert ratio == pytest.approx(math.sqrt(step / weights), rel=1e-3)


def test_a_layer_without_gradient_and_one_of_zeros() -> None:
    model = nn.Sequential(OrderedDict(unused=nn.Linear(2, 2), zero=filled(nn.Linear(1, 1), [0], [0])))
    flow = health.gradients(model, health.copies(model))
    assert flow.norms == [0, 0]
    assert flow.update_ratios[0] == 0
    assert math.isnan(flow.update_ratios[1])


def test_of_a_frozen_network_only_what_is_learned(network: NetworkSpec) -> None:
    model = build(NetworkSpec("frozen", network.layers, frozen=True), (1, 28, 28))
    assert list(health.copies(model)) == ["linear1"]


def test_dead_channels_of_a_convolution_by_hand() -> None:
    """Of four 1×1 kernels: one is never above 0, one everywhere, one at one pixel of one image, one nowhere."""
    conv = filled(nn.Conv2d(1, 4, 1), [-1, 1, 1, 0], [0, 0, -0.95, 0])
    model = nn.Sequential(OrderedDict(conv=conv, relu=nn.ReLU()))
    images = torch.full((3, 1, 2, 2), 0.5)
    images[1, 0, 1, 0] = 1.0
    units = health.activations(model, images)
    assert units == health.Activations(["relu"], [0.5], [None], 3)


def test_dead_units_of_a_linear_layer_by_hand() -> None:
    """For x = 1 and x = −1: w = 1 gives 1 and 0, w = −1 gives 0 and 1, bias −2 always 0."""
    linear = filled(nn.Linear(1, 3), [1, -1, 1], [0, 0, -2])
    model = nn.Sequential(OrderedDict(linear=linear, relu=nn.ReLU()))
    assert health.activations(model, torch.tensor([[1.0], [-1.0]])).dead == [pytest.approx(1 / 3)]


def test_a_hard_swish_dies_below_minus_three() -> None:
    """x·relu6(x + 3)/6 is 0 with slope 0 below −3, and −1/3 at −1."""
    linear = filled(nn.Linear(1, 2), [1, 1], [-5, -2])
    model = nn.Sequential(OrderedDict(linear=linear, swish=nn.Hardswish()))
    assert health.activations(model, torch.tensor([[1.0], [-1.0]])).dead == [0.5]


@pytest.mark.parametrize(
    ("module", "inputs", "share"),
    [
        # σ(4.6) = 0.99005 and σ(−4.6) are within 1 % of a bound, σ(±4.5) = 0.98901 and σ(0) = 0.5 are not
        (nn.Sigmoid(), [4.6, -4.6, 4.5, -4.5, 0.0], 2 / 5),
        # the way from −1 to 1 is 2, of which 1 % is 0.02: tanh(2.3) = 0.98010 is within, tanh(2.29) = 0.97970 not
        (nn.Tanh(), [2.3, -2.3, 2.29, 9.0], 3 / 4),
        # (x + 3)/6: 1 at 3, 0.99 at 2.94, 0.9833 at 2.9
        (nn.Hardsigmoid(), [3.0, 2.95, 2.9, -4.0], 3 / 4),
    ],
)
def test_saturation_by_hand(module: nn.Module, inputs: list[float], share: float) -> None:
    model = nn.Sequential(OrderedDict(act=module))
    assert health.activations(model, torch.tensor(inputs).view(-1, 1)).saturated == [pytest.approx(share)]


def test_activations_without_a_flat_side_are_left_out() -> None:
    model = nn.Sequential(nn.Linear(2, 2), nn.LeakyReLU(), nn.GELU(), nn.SiLU())
    assert health.activations(model, torch.zeros(1, 2)) == health.Activations([], [], [], 1)


def test_batch_normalisation_uses_the_batch_as_in_the_step() -> None:
    """Inputs around −100: by the statistics so far (mean 0) all would be negative, by the batch's own half is."""
    model = nn.Sequential(OrderedDict(bn=nn.BatchNorm2d(1), relu=nn.ReLU()))
    images = torch.randn(16, 1, 4, 4, generator=torch.Generator().manual_seed(0)) - 100
    assert health.activations(model, images).dead == [0.0]
    assert health.activations(model.eval(), images).dead == [1.0]  # where the step uses the statistics so far


def test_of_a_large_batch_the_first_images_are_looked_at() -> None:
    """Only the last image is above 0: a unit that 64 images leave at 0 counts as dead."""
    model = nn.Sequential(OrderedDict(relu=nn.ReLU()))
    images = torch.full((health.LOOKED_AT + 1, 1), -1.0)
    images[-1] = 1.0
    units = health.activations(model, images)
    assert (units.dead, units.images) == ([1.0], health.LOOKED_AT)


def everything(model: nn.Module) -> dict[str, Tensor]:
    gradients = {f"{name}.grad": p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return {**{name: tensor.clone() for name, tensor in model.state_dict().items()}, **gradients}


class Broken(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        raise RuntimeError("broken on purpose")


@pytest.mark.parametrize("breaks", [False, True])
def test_nothing_is_left_on_the_model(network: NetworkSpec, breaks: bool) -> None:
    """Weights, statistics, gradients, modes, hooks and random numbers are as before, also after an error."""
    model = build(network, (1, 28, 28))
    model.get_submodule("dropout1").eval()  # a mode of its own
    images = torch.randn(4, 1, 28, 28)
    model(images).sum().backward()
    if breaks:
        model.append(Broken())
    before, modes, random = everything(model), [m.training for m in model.modules()], torch.get_rng_state()
    if breaks:
        with pytest.raises(RuntimeError, match="on purpose"):
            health.activations(model, images)
    else:
        health.activations(model, images)
        health.gradients(model, health.copies(model))
    after = everything(model)
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert [m.training for m in model.modules()] == modes
    assert not any(m._forward_hooks for m in model.modules())
    assert torch.equal(random, torch.get_rng_state())
