"""A ReLU that waits for the pooling behind it: nothing that a network gives or learns is another number."""

import copy

import pytest
import torch
from torch import Tensor, nn

from core.training import health
from core.training.late_relu import LateReLU, MaxPool2dThenReLU, pool_first
from core.training.layout import lay_out
from tests.core.training.exactness import gradients

FORMATS = [torch.channels_last, torch.contiguous_format]


def network(pool: nn.Module | None = None) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 6, 3),
        nn.ReLU(),
        pool or nn.MaxPool2d(2),
        nn.Conv2d(6, 8, 3),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.LazyLinear(5),
    )


def images(form: torch.memory_format = torch.contiguous_format) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(8, 2, 19, 19).contiguous(memory_format=form)


def early_and_late(model: nn.Module, form: torch.memory_format) -> tuple[nn.Module, nn.Module]:
    with torch.no_grad():
        model(images())  # a lazy layer gets its shape
    early = copy.deepcopy(model).to(memory_format=form)
    late = model.to(memory_format=form)
    pool_first(late)
    assert sum(isinstance(module, LateReLU) for module in late.modules())
    return early, late


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("computed_in", ["float32", "bfloat16"])
@pytest.mark.parametrize("pool", [nn.MaxPool2d(2), nn.MaxPool2d(3, stride=2, padding=1), nn.MaxPool2d(3, 1)])
def test_each_gradient_is_the_same_bit_by_bit(
    pool: nn.MaxPool2d, computed_in: str, form: torch.memory_format
) -> None:
    early, late = early_and_late(network(copy.deepcopy(pool)), form)
    there, here = (gradients(model, images(form), computed_in) for model in (early, late))
    assert all(torch.equal(one, other) for one, other in zip(here, there, strict=True))
    assert torch.equal(late.eval()(images(form)), early.eval()(images(form)))


@pytest.mark.parametrize("form", FORMATS)
def test_it_is_the_same_where_values_of_a_window_are_equal_or_none_is_above_zero(
    form: torch.memory_format,
) -> None:
    """Which of two largest values gets the gradient is the pooling's choice; of windows below 0 none does."""
    early, late = early_and_late(nn.Sequential(nn.Identity(), nn.ReLU(), nn.MaxPool2d(3, 2)), form)
    torch.manual_seed(2)
    maps = torch.randint(-4, 3, (16, 8, 15, 15)).float().contiguous(memory_format=form)
    found = []
    for model in (early, late):
        given = maps.clone(memory_format=torch.preserve_format).requires_grad_()
        pooled = model(given)
        pooled.backward(torch.arange(pooled.numel(), dtype=torch.float32).view_as(pooled))
        found.append((pooled.detach(), given.grad))
    for one, other in zip(*found, strict=True):
        assert torch.equal(one, other)
    assert (found[0][0] == 0).any() and (found[0][0] > 0).any()


def test_the_pooling_gets_what_the_relu_did_not_change_only_while_the_network_learns() -> None:
    _, late = early_and_late(network(), torch.channels_last)
    seen: list[bool] = []
    late[2].register_forward_pre_hook(lambda _module, inputs: seen.append(bool((inputs[0] < 0).any())))
    late.train()(images())
    with torch.no_grad():
        late(images())
    late.eval()(images())
    assert seen == [True, False, False]


def test_only_a_relu_that_goes_straight_into_a_maximum_pooling_waits() -> None:
    model = nn.Sequential(
        *(nn.ReLU(), nn.Dropout(), nn.MaxPool2d(2)),
        *(nn.MaxPool2d(2), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.ReLU(), nn.MaxPool2d(2, return_indices=True)),
        *(nn.LeakyReLU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)),
        nn.ModuleList([nn.ReLU(), nn.MaxPool2d(2)]),
    )
    before = [type(module) for module in model.modules()]
    pool_first(model)
    changed = {
        place: type(module)
        for place, (module, was) in enumerate(zip(model.modules(), before, strict=True))
        if type(module) is not was
    }
    inner = before.index(nn.Sequential, 1)
    assert changed == {inner + 1: LateReLU, inner + 2: MaxPool2dThenReLU}


@pytest.mark.parametrize("form", FORMATS)
def test_a_network_is_laid_out_with_it_once_and_copies_keep_it(form: torch.memory_format) -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2))
    twice = lay_out(copy.deepcopy(lay_out(model, form)), form)
    assert [type(module) for module in twice][1:] == [LateReLU, MaxPool2dThenReLU]
    assert model.state_dict().keys() == twice.state_dict().keys()


def test_its_health_is_that_of_a_relu() -> None:
    """A unit whose bias is far below 0 is dead, whether its ReLU waits or not."""
    model = network()
    with torch.no_grad():
        model(images())
        model[0].bias[:3] = -100.0
    early, late = early_and_late(model, torch.channels_last)
    there, here = (health.activations(one.train(), images()) for one in (early, late))
    assert here == there
    assert here.dead[0] == 0.5  # three of six
