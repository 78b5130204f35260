"""Logits whose classes lie first: the same products, losses and gradients, to the last bits of their sums."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.training.classes_first import ClassesFirstLinear, cross_entropy, put_classes_first
from core.training.config import TrainingConfig
from core.training.layout import lay_out
from core.training.loop import step
from core.training.optimizers import OPTIMIZERS
from tests.core.training.exactness import gradients, off

CLASSES = 10
IMAGES = 256  # whose logits are just enough


def network(bias: bool = True) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(36, 12), nn.Tanh(), nn.Linear(12, CLASSES, bias=bias))


def laid(model: nn.Module) -> nn.Module:
    put_classes_first(model)
    return model


def images(count: int = IMAGES) -> Tensor:
    torch.manual_seed(1)
    return torch.randn(count, 1, 6, 6)


def labels(kind: str) -> Tensor:
    torch.manual_seed(2)
    return torch.randint(CLASSES, (IMAGES,)) if kind == "classes" else torch.rand(IMAGES, CLASSES).softmax(1)


def lie_first(logits: Tensor) -> bool:
    return logits.stride() == (1, len(logits))


@pytest.mark.parametrize("bias", [True, False])
def test_the_logits_of_a_large_batch_lie_classes_first_while_the_network_learns(bias: bool) -> None:
    usual, first = network(bias), laid(network(bias))
    logits = first(images())
    assert lie_first(logits)
    torch.testing.assert_close(logits, usual(images()))
    with torch.no_grad():
        assert first(images()).is_contiguous()
    assert first.eval()(images()).is_contiguous()
    assert torch.equal(first(images()), usual(images()))


def test_the_logits_of_a_small_batch_or_of_many_classes_lie_as_ever() -> None:
    assert laid(network())(images(IMAGES - 1)).is_contiguous()
    many = laid(nn.Linear(12, 17))
    assert many(torch.randn(512, 12)).is_contiguous()
    one_each = laid(nn.Linear(12, 10))  # several vectors for each image
    assert one_each(torch.randn(64, 8, 12)).is_contiguous()


@pytest.mark.parametrize("reduction", ["mean", "none"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("kind", ["classes", "probabilities"])
def test_the_loss_and_its_gradient_are_those_of_the_usual_order(
    kind: str, smoothing: float, reduction: str
) -> None:
    torch.manual_seed(3)
    found = []
    given = torch.randn(IMAGES, CLASSES, dtype=torch.float64)
    for lies, loss_of in ((given, F.cross_entropy), (given.t().contiguous().t(), cross_entropy)):
        logits = lies.clone(memory_format=torch.preserve_format).requires_grad_()
        assert lie_first(logits) is (loss_of is cross_entropy)
        target = labels(kind).double() if kind == "probabilities" else labels(kind)
        loss = loss_of(logits, target, label_smoothing=smoothing, reduction=reduction)
        weights = torch.linspace(0.0, 1.0, loss.numel(), dtype=loss.dtype).view_as(loss) + 1
        found.append((loss.detach(), *torch.autograd.grad((weights * loss).sum(), logits)))
    assert found[1][0].shape == (() if reduction == "mean" else (IMAGES,))
    torch.testing.assert_close(found[1], found[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("computed_in", "close"), [("float32", 1e-6), ("bfloat16", 2e-2)])
def test_every_gradient_is_as_exact_as_in_the_usual_order(computed_in: str, close: float) -> None:
    true = gradients(network().double(), images().double(), "float32")
    usual = off(gradients(network(), images(), computed_in), true)
    first = off(gradients(laid(network()), images(), computed_in), true)
    assert max(first) < close
    assert max(first) < 2 * max(usual)


@pytest.mark.parametrize("counted", [False, True])
@pytest.mark.parametrize("kind", ["classes", "probabilities"])
def test_a_step_takes_that_way_and_comes_to_the_same_weights(
    kind: str, counted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = TrainingConfig(optimizer="sgd", learning_rate=0.5, label_smoothing=0.1)
    counts = torch.linspace(0.5, 2, IMAGES) if counted else None
    shapes: list[tuple[int, ...]] = []

    def watched(logits: Tensor, *args: Tensor, **options: float) -> Tensor:
        shapes.append(tuple(logits.shape))
        return loss_of(logits, *args, **options)

    loss_of = F.cross_entropy
    monkeypatch.setattr(F, "cross_entropy", watched)
    moved = []
    for model in (network(), laid(network())):
        optimizer = OPTIMIZERS[config.optimizer].of(model, config.learning_rate, 0.0)
        loss, logits = step(model, optimizer, images(), labels(kind), config, counts=counts)
        moved.append((loss, logits, *model.parameters()))
    torch.testing.assert_close(moved[1], moved[0])
    assert shapes == [(IMAGES, CLASSES), (1, CLASSES, IMAGES)]


def test_only_a_last_linear_becomes_one_and_copies_keep_it() -> None:
    model = network()
    twice = lay_out(copy.deepcopy(lay_out(model, torch.channels_last)), torch.contiguous_format)
    assert [type(module) for module in twice] == [nn.Flatten, nn.Linear, nn.Tanh, ClassesFirstLinear]
    assert twice.state_dict().keys() == network().state_dict().keys()
    assert type(laid(nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(1)))[0]) is nn.Linear


def test_clipping_and_the_penalty_see_the_same_gradients() -> None:
    config = TrainingConfig(optimizer="sgd", learning_rate=0.5, l1=0.01, clip_norm=0.05)
    for changed in (config, replace(config, clip_norm=None)):
        moved = []
        for model in (network(), laid(network())):
            optimizer = OPTIMIZERS[changed.optimizer].of(model, changed.learning_rate, 0.0)
            step(model, optimizer, images(), labels("classes"), changed)
            moved.append(list(model.parameters()))
        torch.testing.assert_close(moved[1], moved[0])
