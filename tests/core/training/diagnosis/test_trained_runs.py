"""Runs that are really trained: a healthy one gets no warning, each broken one its own."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from torch import nn

from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.diagnosis.finding import Finding, History
from core.training.diagnosis.rules import diagnose
from core.training.events import Evaluated, Event, Finished, StepReport
from core.training.loop import train
from core.training.observations import Health
from core.training.runs.records import Metric
from core.training.setup import set_up

SECONDS_A_STEP = 0.1  # by the clock of these tests, so that every twentieth step is looked at, on any machine


def linear(width: int) -> LayerSpec:
    return layer("Linear", out_features=width)


SMALL = NetworkSpec("small", (layer("Flatten"), linear(64), layer("ReLU"), linear(10)))
DEEP_SIGMOID = NetworkSpec(
    "deep",
    (layer("Flatten"), *(part for _ in range(6) for part in (linear(32), layer("Sigmoid"))), linear(10)),
)
TANH = NetworkSpec("tanh", (layer("Flatten"), linear(64), layer("Tanh"), linear(10)))
CONV = NAMED_NETWORKS["LeNet_tiny"]
CONFIG = TrainingConfig(epochs=3, precision="float32", device="cpu")
DATA = DataChoice("silhouettes")


@dataclass
class Clock:
    """Goes on by the training steps."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def metric(event: StepReport | Evaluated) -> Metric:
    split, kind = ("train", "running") if isinstance(event, StepReport) else (event.split, "evaluated")
    return Metric(
        0,
        event.step,
        event.epoch,
        split,
        kind,
        event.loss,
        event.accuracy,
        event.images,
        event.learning_rate,
        event.seconds,
    )


def trained(
    network: NetworkSpec,
    data: DataChoice = DATA,
    config: TrainingConfig = CONFIG,
    bias: float | None = None,
) -> History:
    """What a run leaves behind; with `bias`, all biases of the first layer begin there."""
    request = RunRequest(network, data, config)
    setup = set_up(request, catalogue.load("silhouettes"))
    if bias is not None:
        first = next(m for m in setup.model.modules() if isinstance(m, nn.Linear | nn.Conv2d))
        assert first.bias is not None
        nn.init.constant_(first.bias, bias)
    clock = Clock()

    def tick(model: nn.Module, _inputs: object) -> None:
        clock.now += SECONDS_A_STEP * model.training

    setup.model.register_forward_pre_hook(tick)
    events: list[Event] = list(train(setup.model, setup.training, setup.validation, config, clock=clock))
    end = events[-1]
    assert isinstance(end, Finished)
    return History(
        request,
        10,
        [metric(event) for event in events if isinstance(event, StepReport | Evaluated)],
        [event for event in events if isinstance(event, Health)],
        end.reason,
        end.step,
    )


def warnings(history: History) -> dict[str, Finding]:
    return {finding.kind: finding for finding in diagnose(history) if finding.level == "warning"}


@pytest.mark.parametrize(
    ("network", "changes"),
    [
        (SMALL, {}),
        (SMALL, {"optimizer": "rmsprop"}),
        (SMALL, {"optimizer": "sgd", "learning_rate": 0.05}),
        (SMALL, {"optimizer": "adamw", "schedule": "one-cycle", "learning_rate": 3e-3}),
        (CONV, {}),
        (CONV, {"optimizer": "momentum", "learning_rate": 0.01}),
        (TANH, {}),
        (NAMED_NETWORKS["Net_Linear"], {"optimizer": "adagrad", "learning_rate": 0.01}),
    ],
)
def test_a_healthy_run_gets_no_warning(
    network: NetworkSpec, changes: dict[str, str | float], silhouettes: Path
) -> None:
    history = trained(network, config=replace(CONFIG, **changes))  # type: ignore[arg-type]
    assert history.validated[-1].accuracy > 0.7  # it did learn
    assert warnings(history) == {}
    good = {finding.kind for finding in diagnose(history) if finding.level == "good"}
    assert {"start", "updates", "overfitting"} <= good


def test_a_rate_that_is_far_too_high_diverges(silhouettes: Path) -> None:
    history = trained(SMALL, config=replace(CONFIG, optimizer="sgd", learning_rate=1e6))
    found = warnings(history)["diverged"]
    assert f"at step {history.step}" in found.sentence
    assert found.rate == 1e5
    assert "a tenth of the rate, 100000" in found.mend


def test_a_rate_that_is_too_high_is_seen_in_the_updates_and_kills_units(silhouettes: Path) -> None:
    history = trained(CONV, config=replace(CONFIG, learning_rate=0.1))
    found = warnings(history)
    assert {"updates", "dead", "not learning"} <= set(found)
    assert found["updates"].rate == pytest.approx(0.01)
    assert "Step 1 moved the weights of" in found["updates"].sentence
    assert "too large" in found["dead"].mend  # they were not dead at first
    assert "vanishing" not in found


def test_a_loss_that_leaps_and_comes_back(silhouettes: Path) -> None:
    history = trained(SMALL, config=replace(CONFIG, optimizer="sgd", learning_rate=10.0))
    found = warnings(history)["leap"]
    peak = max(history.running[1:], key=lambda m: m.loss)
    assert f"by step {peak.step:,} " in found.sentence
    assert found.rate == 1.0


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_gradients_vanish_in_a_deep_sigmoid_network(optimizer: str, silhouettes: Path) -> None:
    rate = 0.05 if optimizer == "sgd" else 1e-3
    found = warnings(trained(DEEP_SIGMOID, config=replace(CONFIG, optimizer=optimizer, learning_rate=rate)))
    assert "vanishing" in found
    if (
        optimizer == "sgd"
    ):  # Adam's steps are as long however short the gradient, and saturate the first layer
        assert set(found) == {"vanishing", "not learning"}
    assert "at linear1 and" in found["vanishing"].sentence
    assert "at linear7" in found["vanishing"].sentence


def test_shuffled_labels(silhouettes: Path) -> None:
    found = warnings(trained(SMALL, replace(DATA, shuffled_labels=True)))
    assert "labels" in found
    assert set(found) <= {"labels", "not learning", "overfitting", "dead"}  # its ReLUs really die of it
    assert "shuffled on purpose" in found["labels"].sentence


def test_shuffled_labels_are_noticed_without_being_told(silhouettes: Path) -> None:
    history = trained(SMALL, replace(DATA, shuffled_labels=True, share=0.1), replace(CONFIG, epochs=40))
    history = replace(history, request=replace(history.request, data=DATA))
    assert "as if the labels did not belong" in warnings(history)["labels"].sentence


def test_overfitting_on_a_hundredth_of_the_data(silhouettes: Path) -> None:
    history = trained(SMALL, replace(DATA, share=0.01), replace(CONFIG, epochs=120))
    found = warnings(history)
    assert set(found) == {"overfitting"}
    assert "since epoch " in found["overfitting"].sentence
    assert "evaluated like it, on 50 images" in found["overfitting"].measured


def test_dead_units_from_the_start(silhouettes: Path) -> None:
    found = warnings(trained(SMALL, bias=-30.0))["dead"]
    assert "In relu1 100 % of the units are dead" in found.sentence
    assert "from the start" in found.sentence


def test_saturated_tanh(silhouettes: Path) -> None:
    found = warnings(trained(TANH, config=replace(CONFIG, optimizer="sgd", learning_rate=3.0)))
    assert "In tanh1 " in found["saturation"].sentence
