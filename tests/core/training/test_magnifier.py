"""A step taken apart: what is written down is what happened, and each optimizer did what its formula says."""

import math
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import Batches
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training.config import TrainingConfig
from core.training.loop import Controls, train
from core.training.magnifier import SHOWN, WEIGHTS, Magnifier, image_losses
from core.training.observations import StepUnderMagnifier, WeightUpdate
from core.training.optimizers import OPTIMIZERS
from core.training.update_in_numbers import Worked, work

RATE, DECAY = 0.01, 0.1


def magnified_steps(
    network: NetworkSpec, training: Batches, validation: Batches, config: TrainingConfig, steps: int = 4
) -> list[StepUnderMagnifier]:
    """The first steps of a run, each under the magnifier."""
    torch.manual_seed(0)
    controls, seen = Controls(magnify=True), []
    for event in train(build(network, (1, 28, 28)), training, validation, config, controls):
        if isinstance(event, StepUnderMagnifier):
            seen.append(event)
            controls.magnify = True
            if len(seen) == steps:
                break
    return seen


# Each rule as its paper or PyTorch's documentation writes it: (w, g, what is kept, t, λ) → (w, what is kept)
Update = Callable[[float, float, dict[str, float], int, float], tuple[float, dict[str, float]]]


def sgd(w: float, g: float, kept: dict[str, float], t: int, decay: float) -> tuple[float, dict[str, float]]:
    return w - RATE * (g + decay * w), {}


def momentum(
    w: float, g: float, kept: dict[str, float], t: int, decay: float
) -> tuple[float, dict[str, float]]:
    g += decay * w
    m = g if t == 1 else 0.9 * kept["momentum_buffer"] + g
    return w - RATE * m, {"momentum_buffer": m}


def nesterov(
    w: float, g: float, kept: dict[str, float], t: int, decay: float
) -> tuple[float, dict[str, float]]:
    g += decay * w
    m = g if t == 1 else 0.9 * kept["momentum_buffer"] + g
    return w - RATE * (g + 0.9 * m), {"momentum_buffer": m}


def adam(w: float, g: float, kept: dict[str, float], t: int, decay: float) -> tuple[float, dict[str, float]]:
    g += decay * w
    m = 0.9 * kept.get("exp_avg", 0) + (1 - 0.9) * g
    v = 0.999 * kept.get("exp_avg_sq", 0) + (1 - 0.999) * g * g
    corrected, squares = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return w - RATE * corrected / (math.sqrt(squares) + 1e-8), {"exp_avg": m, "exp_avg_sq": v, "step": t}


def adamw(w: float, g: float, kept: dict[str, float], t: int, decay: float) -> tuple[float, dict[str, float]]:
    after, now = adam(w, g, kept, t, 0.0)
    return after - RATE * decay * w, now


def rmsprop(
    w: float, g: float, kept: dict[str, float], t: int, decay: float
) -> tuple[float, dict[str, float]]:
    g += decay * w
    v = 0.99 * kept.get("square_avg", 0) + 0.01 * g * g
    return w - RATE * g / (math.sqrt(v) + 1e-8), {"square_avg": v}


def adagrad(
    w: float, g: float, kept: dict[str, float], t: int, decay: float
) -> tuple[float, dict[str, float]]:
    g += decay * w
    v = kept.get("sum", 0) + g * g
    return w - RATE * g / (math.sqrt(v) + 1e-10), {"sum": v}


RULES: dict[str, Update] = {
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "adam": adam,
    "adamw": adamw,
    "rmsprop": rmsprop,
    "adagrad": adagrad,
}


@pytest.mark.parametrize("decay", [0.0, DECAY])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_each_optimizer_does_what_its_formula_says(
    optimizer: str, decay: float, network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """The first step, where nothing is remembered, and three more: by the rules above, and by the app's own."""
    config = TrainingConfig(
        epochs=2,
        batch_size=16,
        optimizer=optimizer,
        learning_rate=RATE,
        weight_decay=decay,
        precision="float32",
        device="cpu",
    )
    kind = OPTIMIZERS[optimizer]
    for t, seen in enumerate(magnified_steps(network, training, validation, config), start=1):
        assert (seen.learning_rate, seen.weight_decay) == (RATE, decay)
        for name in seen.parameters:
            for one in seen.updates(name):
                after, kept = RULES[optimizer](one.before, one.gradient, one.kept_before, t, decay)
                step = abs(after - one.before)
                assert one.after == pytest.approx(after, rel=3e-7, abs=1e-4 * step)
                size = max(abs(one.gradient), decay * abs(one.before))
                for key, value in kept.items():
                    assert one.kept[key] == pytest.approx(value, rel=1e-5, abs=1e-6 * size), key
                worked = work(kind.rules, kind.memory, one, seen.learning_rate, seen.weight_decay)
                assert worked.agrees, worked
                assert worked.checks[-1].computed == pytest.approx(after, rel=1e-12)
                assert len(worked.checks) == 1 + len(kind.memory)


def worked(optimizer: str, one: WeightUpdate, decay: float = 0.0) -> Worked:
    kind = OPTIMIZERS[optimizer]
    return work(kind.rules, kind.memory, one, 0.5, decay)


def test_sgd_in_numbers_by_hand() -> None:
    """w = 2, g = −1, η = 0.5: 2 + 0.5 = 2.5; with λ = 0.25 g is −1 + 0.5 = −0.5 and w becomes 2.25."""
    one = WeightUpdate("fc.weight", [0, 0], 2.0, -1.0, 2.5, {}, {})
    (line,) = worked("sgd", one).lines
    assert line.latex == r"w \leftarrow w - \eta \cdot g = 2 - 0.5 \cdot (-1) = 2.5"
    assert worked("sgd", one).agrees
    decayed = worked("sgd", replace(one, after=2.25), 0.25)
    assert [line.latex for line in decayed.lines] == [
        r"g \leftarrow g + \lambda \cdot w = (-1) + 0.25 \cdot 2 = -0.5",
        r"w \leftarrow w - \eta \cdot g = 2 - 0.5 \cdot (-0.5) = 2.25",
    ]
    assert decayed.agrees


def test_the_first_step_of_momentum_by_hand() -> None:
    """Nothing is remembered: m = 0.9·0 + 4 = 4, w = 1 − 0.5·4 = −1."""
    one = WeightUpdate("fc.weight", [0], 1.0, 4.0, -1.0, {}, {"momentum_buffer": 4.0})
    assert [line.value for line in worked("momentum", one).lines] == [4.0, -1.0]
    assert worked("momentum", one).agrees


@pytest.mark.parametrize("off", [1e-5, -1e-5])
def test_an_update_that_is_not_the_rule_s_is_seen(off: float) -> None:
    one = WeightUpdate("fc.weight", [0], 1.0, 0.1, 0.95 * (1 + off), {}, {})
    assert not worked("sgd", one).agrees
    remembers = WeightUpdate("fc.weight", [0], 1.0, 0.1, 0.95, {}, {"momentum_buffer": 0.1 * (1 + off)})
    assert not worked("momentum", remembers).agrees


def test_what_is_written_down_is_what_happened(network: NetworkSpec) -> None:
    torch.manual_seed(0)
    model = build(network, (1, 28, 28))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    magnifier = Magnifier(model, optimizer)
    F.cross_entropy(model(torch.randn(8, 1, 28, 28)), torch.arange(8)).backward()
    optimizer.step()
    assert magnifier.names == list(before)
    norms = [math.sqrt(sum(g * g for g in p.grad.flatten().tolist())) for p in model.parameters()]
    assert magnifier.gradient_norms() == pytest.approx(norms, rel=1e-5)
    updates = [WeightUpdate(**row) for row in magnifier.weights()]
    for name, parameter in model.named_parameters():
        own = [one for one in updates if one.parameter == name]
        largest = parameter.grad.abs().flatten().sort(descending=True).values[:WEIGHTS]
        assert [abs(one.gradient) for one in own] == pytest.approx(largest.tolist())
        for one in own:
            place = tuple(one.index)
            assert one.before == before[name][place].item()
            assert one.gradient == parameter.grad[place].item()
            assert one.after == parameter[place].item()


def test_the_whole_observation(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    """Its images are the batch's, undone; each loss is −log softmax of the label's logit."""
    config = TrainingConfig(epochs=2, batch_size=20, clip_norm=0.01, precision="float32", device="cpu")
    first, *_ = magnified_steps(network, training, validation, config, steps=1)
    pixels, labels = next(training.shuffled(config.seed, 0, 0, 20))
    assert (first.step, first.images, first.shape) == (1, 20, [SHOWN, 1, 28, 28])
    assert torch.equal(torch.tensor(first.shown()), training.normalisation.undo(pixels[:SHOWN]))
    assert first.labels == labels[:SHOWN].tolist()
    for logits, label, loss in zip(first.logits, first.labels, first.losses, strict=True):
        total = sum(math.exp(logit) for logit in logits)
        assert loss == pytest.approx(-math.log(math.exp(logits[label]) / total), rel=1e-4)
    assert first.gradient_norm == pytest.approx(0.01, rel=1e-3)  # clipped: it was longer
    assert first.gradient_norm == pytest.approx(math.hypot(*first.gradient_norms))


def test_looking_changes_nothing(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    ends = []
    for looks in (True, False):
        torch.manual_seed(0)
        model = build(network, (1, 28, 28))
        controls = Controls(magnify=looks)
        for event in train(model, training, validation, TrainingConfig(epochs=1, device="cpu"), controls):
            controls.magnify = looks and event.step < 2
        ends.append(model.state_dict())
    assert all(torch.equal(ends[0][name], ends[1][name]) for name in ends[0])


def test_losses_of_labels_that_are_probabilities() -> None:
    """Logits 0, 0 give ln 2 for any label; ln 3 and 0 give probabilities 3/4 and 1/4."""
    logits = torch.tensor([[0.0, 0.0], [math.log(3), 0.0]])
    mixed = torch.tensor([[0.3, 0.7], [0.5, 0.5]])
    expected = [math.log(2), -(math.log(3 / 4) + math.log(1 / 4)) / 2]
    assert image_losses(logits, mixed) == pytest.approx(expected)
    assert image_losses(logits, torch.tensor([0, 1])) == pytest.approx([math.log(2), math.log(4)])


def test_a_frozen_layer_has_no_update(network: NetworkSpec) -> None:
    model = build(NetworkSpec("frozen", network.layers, frozen=True), (1, 28, 28))
    magnifier = Magnifier(model, torch.optim.SGD(model.parameters(), lr=0.1))
    nn.functional.cross_entropy(model(torch.randn(2, 1, 28, 28)), torch.arange(2)).backward()
    assert magnifier.names == ["linear1.weight", "linear1.bias"]
