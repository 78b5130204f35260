"""One step of the loop, against the same step written out by hand."""

from dataclasses import replace
from itertools import product

import pytest
import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training.config import TrainingConfig
from core.training.loop import step
from core.training.optimizers import OPTIMIZERS, set_learning_rate, update

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


def test_nothing_of_an_earlier_gradient_is_left(batch: tuple[Tensor, Tensor]) -> None:
    """Two steps move the weights as two steps on fresh copies do."""
    images, labels = batch
    model = linear()
    optimizer = OPTIMIZERS["sgd"].of(model, 0.1, 0.0)
    expected = [parameter.detach().clone() for parameter in model.parameters()]
    for shown in (images, -images):
        twin = linear()
        twin.load_state_dict(dict(zip(twin.state_dict(), expected, strict=True)))
        loss = nn.functional.cross_entropy(twin(shown), labels)
        gradients = torch.autograd.grad(loss, list(twin.parameters()))
        expected = [before - 0.1 * slope for before, slope in zip(expected, gradients, strict=True)]
        step(model, optimizer, shown, labels, CONFIG)
    torch.testing.assert_close(list(model.parameters()), expected)


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


# steps in which the first layer gets no gradient; PyTorch's fused SGD can't begin with one of them
NEVER, LATER, FIRST = (), (1, 4), (0, 1, 4)


@pytest.mark.parametrize(
    ("optimizer", "silent"),
    [*product(OPTIMIZERS, (NEVER, LATER)), ("adam", FIRST), ("adamw", FIRST)],
)
def test_an_update_is_pytorchs_own_step_to_the_last_bit(optimizer: str, silent: tuple[int, ...]) -> None:
    """With weight decay, a rate that changes, and a layer that gets no gradient at times."""
    ours, theirs = two_layers(), two_layers()
    kinds = [OPTIMIZERS[optimizer].of(model, 0.01, 0.1) for model in (ours, theirs)]
    generator = torch.Generator().manual_seed(1)
    for number in range(5):
        gradients = [torch.randn(p.shape, generator=generator) for p in ours.parameters()]
        for model in (ours, theirs):
            for place, (parameter, gradient) in enumerate(zip(model.parameters(), gradients, strict=True)):
                parameter.grad = None if number in silent and place < 2 else gradient.clone()
        for kind in kinds:
            set_learning_rate(kind, 0.01 / (1 + number))
        update(kinds[0])
        kinds[1].step()
        assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    states = [kind.state_dict()["state"] for kind in kinds]
    assert states[0].keys() == states[1].keys()
    for place, state in states[0].items():
        assert state.keys() == states[1][place].keys()
        assert all(
            torch.equal(value, states[1][place][name]) for name, value in state.items() if value is not None
        )


def two_layers() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 4), nn.Linear(4, 3))
