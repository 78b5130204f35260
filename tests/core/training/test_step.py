"""One step of the loop, against the same step written out by hand."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training.config import TrainingConfig
from core.training.loop import step
from core.training.optimizers import OPTIMIZERS

CONFIG = TrainingConfig(optimizer="sgd", learning_rate=0.1)


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 10))


def stepped(config: TrainingConfig, images: Tensor, labels: Tensor) -> tuple[nn.Linear, Tensor]:
    """The layer after one step, and the loss."""
    model = linear()
    optimizer = OPTIMIZERS[config.optimizer].of(model, config.learning_rate, config.weight_decay)
    loss, _ = step(model, optimizer, images, labels, config)
    layer = model[1]
    assert isinstance(layer, nn.Linear)
    return layer, loss


def gradient(images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Mean cross-entropy against probabilities (N, 10), and its gradient to weight and bias, by hand.

    With p = softmax(Wx + b) and targets t: ∂loss/∂logits = (p − t) / N.
    """
    layer = linear()[1]
    assert isinstance(layer, nn.Linear)
    x = images.flatten(1)
    p = (x @ layer.weight.T + layer.bias).detach().softmax(1)
    upstream = (p - targets) / len(images)
    return -(targets * p.log()).sum(1).mean(), upstream.T @ x, upstream.sum(0)


@pytest.fixture
def batch(training: Batches) -> tuple[Tensor, Tensor]:
    return training.first()


def one_hot(labels: Tensor) -> Tensor:
    return torch.eye(10)[labels]


def test_plain(batch: tuple[Tensor, Tensor]) -> None:
    images, labels = batch
    layer, loss = stepped(CONFIG, images, labels)
    by_hand, weight, bias = gradient(images, one_hot(labels))
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-5)
    torch.testing.assert_close(layer.weight.data, linear()[1].weight.data - 0.1 * weight)
    torch.testing.assert_close(layer.bias.data, linear()[1].bias.data - 0.1 * bias)


def test_label_smoothing_spreads_a_share_of_the_target_over_all_classes(batch: tuple[Tensor, Tensor]) -> None:
    images, labels = batch
    layer, loss = stepped(replace(CONFIG, label_smoothing=0.2), images, labels)
    by_hand, weight, _ = gradient(images, 0.8 * one_hot(labels) + 0.02)
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-5)
    torch.testing.assert_close(layer.weight.data, linear()[1].weight.data - 0.1 * weight)


def test_probabilities_as_labels(batch: tuple[Tensor, Tensor]) -> None:
    images, labels = batch
    mixed = 0.7 * one_hot(labels) + 0.3 * one_hot(labels.roll(1))
    layer, loss = stepped(CONFIG, images, mixed)
    by_hand, weight, _ = gradient(images, mixed)
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-5)
    torch.testing.assert_close(layer.weight.data, linear()[1].weight.data - 0.1 * weight)


def test_the_l1_penalty_pulls_every_weight_towards_zero_and_is_not_in_the_loss(
    batch: tuple[Tensor, Tensor],
) -> None:
    images, labels = batch
    layer, loss = stepped(replace(CONFIG, l1=0.01), images, labels)
    by_hand, weight, _ = gradient(images, one_hot(labels))
    before = linear()[1].weight.data
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-5)
    torch.testing.assert_close(layer.weight.data, before - 0.1 * (weight + 0.01 * before.sign()))


def test_weight_decay_is_added_to_the_gradient(batch: tuple[Tensor, Tensor]) -> None:
    images, labels = batch
    layer, _ = stepped(replace(CONFIG, weight_decay=0.05), images, labels)
    _, weight, _ = gradient(images, one_hot(labels))
    before = linear()[1].weight.data
    torch.testing.assert_close(layer.weight.data, before - 0.1 * (weight + 0.05 * before))


def test_a_long_gradient_is_shortened_and_a_short_one_is_not(batch: tuple[Tensor, Tensor]) -> None:
    images, labels = batch
    _, weight, bias = gradient(images, one_hot(labels))
    length = torch.cat([weight.flatten(), bias]).norm().item()
    before = linear()[1].weight.data
    for longest, factor in ((length / 4, 0.25), (length * 4, 1.0)):
        layer, _ = stepped(replace(CONFIG, clip_norm=longest), images, labels)
        torch.testing.assert_close(layer.weight.data, before - 0.1 * factor * weight, rtol=1e-4, atol=1e-6)


def test_in_bfloat16_products_are_rounded_and_weights_stay_float32(
    network: NetworkSpec, batch: tuple[Tensor, Tensor]
) -> None:
    images, labels = batch
    torch.manual_seed(0)
    model = build(network, (1, 28, 28))
    optimizer = OPTIMIZERS["sgd"].of(model, 0.1, 0.0)
    loss, logits = step(model, optimizer, images, labels, CONFIG, "bfloat16")
    assert logits.dtype == torch.bfloat16 and loss.dtype == torch.float32
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
