"""Layers stop learning after their share of a run: which weights that are, when, and after a resume."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import Batches
from core.figures.health import flow_table
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import freezing, journal
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.diagnosis.finding import History
from core.training.diagnosis.rules import diagnose
from core.training.events import Event
from core.training.observations import Change, Health
from core.training.optimizers import OPTIMIZERS
from tests.core.training.small_runs import run, small, states

# four epochs of three steps, the first six of which are half of the run
CONFIG = TrainingConfig(
    epochs=4, batch_size=16, weight_decay=0.1, precision="float32", device="cpu", first_learns=0.5
)


@pytest.fixture
def deep() -> NetworkSpec:
    """Three layers that learn."""
    hidden = (layer("Linear", out_features=8), layer("ReLU"))
    return NetworkSpec("deep", (layer("Flatten"), *hidden, *hidden, layer("Linear")))


def frozen_at(events: list[Event]) -> list[tuple[int, str]]:
    return [(event.step, event.by) for event in events if isinstance(event, Change)]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_is_a_loop_that_takes_the_first_layers_gradient_away(
    optimizer: str, network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """Also of weight decay and momentum, which would move a weight whose gradient is 0."""
    config = replace(CONFIG, optimizer=optimizer)
    model = small(network)
    events = run(model, training, validation, config)
    assert frozen_at(events) == [(6, "plan")]

    other = small(network).to(memory_format=training.layout)
    rule = OPTIMIZERS[optimizer].of(other, config.learning_rate, config.weight_decay)
    torch.manual_seed(config.seed)  # for the dropout
    step = 0
    for epoch in range(4):
        for images, labels in training.shuffled(config.seed, epoch):
            other.train().zero_grad()
            F.cross_entropy(other(images), labels).backward()
            if step >= 6:
                for parameter in list(other.parameters())[
                    :4
                ]:  # the convolution and its normalisation, by hand
                    parameter.grad = None
            rule.step()
            step += 1
    for ours, theirs in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs)
    half, end = states(events)[2].model, states(events)[-1].model
    moved = {name for name in dict(model.named_parameters()) if not torch.equal(half[name], end[name])}
    assert len(moved) == 2 and moved.isdisjoint(list(half)[:4])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_in_turn_it_is_a_loop_that_takes_one_gradient_after_the_other_away(
    optimizer: str, deep: NetworkSpec, training: Batches, validation: Batches
) -> None:
    config = replace(CONFIG, optimizer=optimizer, first_learns=0.25, stopping_layers=2)
    model = small(deep)
    # twelve steps and three layers, the last of which learns to the end: 0.25 · 12 and 0.625 · 12 = 7.5
    assert frozen_at(run(model, training, validation, config)) == [(3, "plan"), (8, "plan")]

    other = small(deep).to(memory_format=training.layout)
    rule = OPTIMIZERS[optimizer].of(other, config.learning_rate, config.weight_decay)
    batches = [batch for epoch in range(4) for batch in training.shuffled(config.seed, epoch)]
    for step, (images, labels) in enumerate(batches):
        other.train().zero_grad()
        F.cross_entropy(other(images), labels).backward()
        for parameter in list(other.parameters())[: 0 if step < 3 else 2 if step < 8 else 4]:  # by hand
            parameter.grad = None
        rule.step()
    for ours, theirs in zip(model.state_dict().values(), other.state_dict().values(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_in_turn_resuming_from_any_step_gives_the_same_weights_and_marks(
    deep: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_SECONDS", 0.0)  # each step
    config = replace(CONFIG, first_learns=0.25, stopping_layers=2)
    model = small(deep)
    for state in states(run(model, training, validation, config)):
        again = small(deep, seed=9)
        events = run(again, training, validation, config, resumed=state)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
        assert frozen_at(events) == [(step, "plan") for step in (3, 8) if step >= state.step]


def test_it_may_begin_within_an_epoch(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    events = run(small(network), training, validation, replace(CONFIG, first_learns=0.4))
    assert frozen_at(events) == [(5, "plan")]  # 5 of 12 steps is the first share of at least 0.4


def test_of_1_nothing_is_frozen(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    model = small(network)
    events = run(model, training, validation, replace(CONFIG, first_learns=1.0))
    assert frozen_at(events) == []
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert not any(state.frozen_layers for state in states(events))


def test_resuming_from_any_step_gives_the_same_weights_and_one_mark_in_all(
    network: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_SECONDS", 0.0)  # each step
    model = small(network)
    kept = states(run(model, training, validation, CONFIG))
    assert {state.step for state in kept} == set(range(13))
    for state in kept:
        again = small(network, seed=9)
        events = run(again, training, validation, CONFIG, resumed=state)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
        assert frozen_at(events) == ([(6, "plan")] if state.step <= 6 else [])


def test_a_fork_that_lets_it_learn_to_the_end_does(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    late = states(run(small(network), training, validation, CONFIG))[3]  # after nine steps, frozen since six
    for share, moves in ((1.0, True), (0.9, True), (0.6, False)):
        model = small(network)
        run(model, training, validation, replace(CONFIG, first_learns=share), resumed=late)
        assert moves is not torch.equal(late.model["conv1.weight"], model.state_dict()["conv1.weight"])


def test_its_health_ends_where_it_does(
    network: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "HEALTH_SECONDS", 0.0)
    events = run(small(network), training, validation, CONFIG)
    looks = [event for event in events if isinstance(event, Health)]
    assert [len(look.layers) for look in looks] == [3] * 6 + [1] * 6
    table = flow_table(looks)
    assert table.groupby("layer")["order"].unique().map(list).to_dict() == {
        layer: [place] for place, layer in enumerate(looks[0].layers)
    }
    request = RunRequest(network, DataChoice(), CONFIG)
    history = History(request, 10, (), looks, "completed", 12)
    assert list(history.typical("gradient_norms", since=0)) == looks[0].layers
    assert min(history.typical("gradient_norms").values()) > 0
    (flow,) = (found for found in diagnose(history) if found.kind == "vanishing")
    assert flow.level == "good" and looks[0].layers[0] in flow.sentence
    (frozen,) = (found for found in diagnose(history) if found.kind == "frozen")
    assert frozen.sentence.startswith(
        f"{' and '.join(looks[0].layers[:2])} stopped learning between steps 6 and 7"
    )
    assert "for 50 % of the run" in frozen.sentence and "12 looks" in frozen.measured
    assert not any(found.kind == "frozen" for found in diagnose(replace(history, looks=looks[:6])))


@pytest.mark.parametrize(  # parameters of each layer, counted by hand: kernels and bias, then a norm's two
    ("name", "counts"),
    [("LeNet", [2, 2, 2, 2]), ("Quick", [3, 3, 2]), ("Net_Linear", [2])],
)
def test_the_learning_layers_of_a_named_network(name: str, counts: list[int]) -> None:
    model = build(NAMED_NETWORKS[name], (1, 28, 28))
    layers = freezing.learning_layers(model)
    assert [len(layer) for layer in layers] == counts
    found = [parameter for layer in layers for parameter in layer]
    assert all(one is other for one, other in zip(found, model.parameters(), strict=True))


def test_what_stands_before_the_first_kernels_belongs_to_the_first_layer() -> None:
    model = nn.Sequential(nn.BatchNorm2d(1), nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2, 2))
    assert [len(layer) for layer in freezing.learning_layers(model)] == [4, 2]
    assert freezing.learning_layers(nn.Flatten()) == [[]]


@pytest.mark.parametrize(
    ("stopping", "layers", "ends"),
    [
        (1, 4, [0.4]),
        (2, 4, [0.4, 0.7]),
        (3, 4, [0.4, 0.6, 0.8]),
        (9, 4, [0.4, 0.6, 0.8]),  # the last layer never stops
        (1, 2, [0.4]),
        (1, 1, []),
    ],
)
def test_the_ends_lie_evenly_up_to_the_end_of_the_run(stopping: int, layers: int, ends: list[float]) -> None:
    assert freezing.ends(0.4, stopping, layers) == pytest.approx(ends)


def test_where_nothing_could_go_on_learning_it_is_refused_before_the_start(request_small: RunRequest) -> None:
    config = replace(request_small.config, first_learns=0.5)
    request = replace(request_small, config=config)
    assert request.problems() == []
    alone = NetworkSpec("alone", (layer("Flatten"), layer("Linear", out_features=10)))
    (problem_alone,) = replace(request, network=alone).problems()
    assert "none that could go on learning" in problem_alone and "be 1" in problem_alone
    assert replace(request, network=alone, config=replace(config, first_learns=1.0)).problems() == []
    off = replace(alone, layers=(*alone.layers, replace(layer("Linear"), enabled=False)))
    assert freezing.refusal(off, 0.5, False) == problem_alone
    assert freezing.refusal(replace(alone, layers=(*alone.layers, layer("Linear"))), 0.5, False) == ""
    (problem,) = replace(request, config=replace(config, first_learns=1.0, stopping_layers=2)).problems()
    assert "only once the first one has stopped" in problem
    (problem,) = replace(request, config=replace(config, stopping_layers=0)).problems()
    assert problem == "The number of layers that stop learning is 0; allowed is 1 to 1000."
    (problem,) = replace(request, network=replace(request.network, frozen=True)).problems()
    assert "never learns" in problem
    (problem,) = replace(request, config=replace(config, first_learns=0.0)).problems()
    assert (
        problem == "The share of the run in which the first layer learns is 0.0; allowed is above 0, up to 1."
    )
