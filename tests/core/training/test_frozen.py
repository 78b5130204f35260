"""Training the head alone: everything before it stays as it is, through training, checkpoints and resuming."""

import copy
from dataclasses import replace
from itertools import count

import pytest
import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.networks.build import build
from core.networks.kinds import layer
from core.networks.network import last_linear
from core.networks.spec import NetworkSpec, SpecError
from core.training.checkpoint import TrainingState
from core.training.config import TrainingConfig
from core.training.events import Checkpoint
from core.training.loop import train
from core.training.optimizers import OPTIMIZERS

SHAPE = (1, 28, 28)
HEAD = {"linear2.weight", "linear2.bias"}


@pytest.fixture
def network() -> NetworkSpec:
    """With batch normalisation alone, in a block and in a projection; with dropout; and with two Linears."""
    body = (layer("Conv2d", out_channels=8, kernel=3, padding=1, bias=False), layer("BatchNorm2d"))
    return NetworkSpec(
        "frozen",
        (
            layer("Conv2d", out_channels=4, kernel=5, bias=False),
            layer("BatchNorm2d"),
            layer("ReLU"),
            layer("Residual", body, norm=True),
            layer("GlobalAvgPool"),
            layer("Flatten"),
            layer("Linear", out_features=16),
            layer("BatchNorm1d"),
            layer("ReLU"),
            layer("Dropout", p=0.5),
            layer("Linear", out_features=10),
        ),
        frozen=True,
    )


def state(model: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy(model.state_dict())


def moved(before: dict[str, Tensor], after: dict[str, Tensor]) -> set[str]:
    return {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_only_the_head_moves(
    optimizer: str, network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """Weight decay would move the others, too, and a step in train mode the statistics."""
    config = TrainingConfig(epochs=2, batch_size=16, optimizer=optimizer, learning_rate=0.1, weight_decay=0.1)
    model = build(network, SHAPE)
    before = state(model)
    steps = set()
    for event in train(model, training, validation, config, clock=count(step=1.0).__next__):
        steps.add(event.step)
        assert moved(before, state(model)) == (HEAD if event.step else set())
    assert steps == set(range(7))  # a report after each


def test_without_it_all_move(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    model = build(replace(network, frozen=False), SHAPE)
    before = state(model)
    list(train(model, training, validation, TrainingConfig(epochs=1, batch_size=16)))
    assert moved(before, state(model)) == set(before)


def test_the_frozen_part_says_the_same_of_an_image_in_both_modes(network: NetworkSpec) -> None:
    """In whatever company the image comes; only dropout draws, and only in train mode."""
    model = build(network, SHAPE)
    images = torch.randn(8, *SHAPE)
    before_dropout = model[:-2]
    model.train()
    training = before_dropout(images)
    assert not training.requires_grad  # nothing is recorded for what can't learn
    alone = before_dropout(images[:2])
    dropped = model[-2](training)
    model.eval()
    torch.testing.assert_close(training, before_dropout(images))
    torch.testing.assert_close(alone, training[:2])
    assert not torch.equal(dropped, training)
    assert torch.equal(model[-2](training), training)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resuming_gives_the_weights_of_an_uninterrupted_run_bit_for_bit(
    optimizer: str, network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    config = TrainingConfig(epochs=3, batch_size=16, optimizer=optimizer, learning_rate=0.1)
    torch.manual_seed(0)
    model = build(network, SHAPE)
    states: list[TrainingState] = []
    for event in train(model, training, validation, config):
        if isinstance(event, Checkpoint):
            states.append(copy.deepcopy(event.state))
    assert [taken.step for taken in states] == [0, 3, 6, 9]
    for taken in states:
        torch.manual_seed(99)
        again = build(network, SHAPE)
        list(train(again, training, validation, config, resumed=taken))
        assert not moved(state(model), state(again))


def test_the_head_is_the_last_linear_also_within_a_block() -> None:
    branches = ((layer("Linear", out_features=5),), (layer("Linear", out_features=5),))
    spec = NetworkSpec("n", (layer("Flatten"), layer("Parallel", *branches)), frozen=True)
    model = build(spec, SHAPE)
    path, head = last_linear(model)
    learned = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert learned == {f"{path}.weight", f"{path}.bias"}
    assert head is list(model.modules())[-1]


def test_without_a_linear_there_is_no_head() -> None:
    spec = NetworkSpec("n", (layer("Conv2d", out_channels=10, kernel=28), layer("Flatten")), frozen=True)
    with pytest.raises(SpecError, match="add a Linear at the end, or train the whole network"):
        build(spec, SHAPE)
