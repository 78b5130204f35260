import copy
from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from core.data.augmentation.plan import Augmentation
from core.data.augmentation.table import AUGMENTATIONS
from core.data.batches import Batches
from core.networks.build import build
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import journal
from core.training.checkpoint import TrainingState
from core.training.config import TrainingConfig
from core.training.evaluation import evaluate
from core.training.events import Checkpoint, EpochFinished, Evaluated, Event, Finished, Started, StepReport
from core.training.loop import Controls, train
from core.training.observations import Observation
from core.training.optimizers import OPTIMIZERS

PLAIN = NetworkSpec(
    "plain",
    (layer("Flatten"), layer("Linear", out_features=16), layer("ReLU"), layer("Linear", out_features=10)),
)
CONFIG = TrainingConfig(epochs=2, batch_size=16, device="cpu")


class Clock:
    """Stands still, but for a tenth of a second a training step."""

    def __init__(self, model: nn.Module) -> None:
        self.now = 100.0
        model.register_forward_pre_hook(self.tick)

    def tick(self, model: nn.Module, _inputs: object) -> None:
        self.now += 0.1 if model.training else 0.0

    def __call__(self) -> float:
        return self.now


def small(network: NetworkSpec, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return build(network, (1, 28, 28))


def weights(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in model.state_dict().items()}


def same(first: dict[str, Tensor], second: dict[str, Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


def kinds(events: Iterator[Event]) -> list[str]:
    return [f"{type(event).__name__} {event.step}" for event in events]


def curves(events: Iterator[Event]) -> list[str]:
    """Without what is shown beside the curves, and without the training split in eval mode."""
    return [
        kind
        for event in events
        for kind in kinds(iter([event]))
        if not isinstance(event, Observation) and getattr(event, "split", "") != "train"
    ]


def test_the_exact_order_of_events(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    model = small(network)
    assert kinds(train(model, training, validation, CONFIG, clock=Clock(model))) == [
        "Started 0",
        "Evaluated 0",  # a glimpse of the validation split
        "ClassCounts 0",
        "Watched 0",
        "Kernels 0",
        "Checkpoint 0",
        "StepReport 1",  # at once; the next is due after 0.25 s, that is three steps
        "Health 1",  # the next is due after 2 s
        "StepReport 3",  # at the end of the epoch, before it is evaluated
        "Evaluated 3",  # all of the validation split
        "Evaluated 3",  # a glimpse of the training split
        "ClassCounts 3",
        "Watched 3",
        "Kernels 3",
        "EpochFinished 3",
        "Checkpoint 3",
        "StepReport 6",
        "Evaluated 6",
        "Evaluated 6",
        "ClassCounts 6",
        "Watched 6",
        "Kernels 6",
        "EpochFinished 6",
        "Checkpoint 6",
        "Finished 6",
    ]


def test_what_the_events_say(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    model = small(network)
    events = list(train(model, training, validation, CONFIG, clock=Clock(model)))
    started, *_, finished = events
    assert isinstance(started, Started)
    assert started.device.startswith("CPU")
    assert started.parameters == 4 * (25 + 1) + (4 + 4) + (4 * 12 * 12 * 10 + 10)
    assert (started.train_images, started.validation_images) == (40, 20)
    assert (started.steps_per_epoch, started.total_steps, started.step) == (3, 6, 0)
    reports = [event for event in events if isinstance(event, StepReport)]
    assert [report.images for report in reports] == [16, 24, 40]
    assert [round(report.epoch, 3) for report in reports] == [0.4, 1.0, 2.0]  # 16 of 40 images, then 24
    assert [round(report.seconds, 3) for report in reports] == [0.1, 0.3, 0.6]
    # images of the last reports over their seconds
    assert [round(report.images_per_second, 3) for report in reports] == [
        160,
        round(40 / 0.3, 3),
        round(80 / 0.6, 3),
    ]
    assert [report.seconds_left and round(report.seconds_left, 3) for report in reports] == [None, 0.3, 0.0]
    looks = {(event.split, event.images) for event in events if isinstance(event, Evaluated)}
    assert looks == {("validation", 20), ("train", 40)}
    assert [event.epoch for event in events if isinstance(event, EpochFinished)] == [1, 2]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.message) == ("completed", "")


def test_the_reported_loss_is_the_mean_over_the_images_of_its_steps(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """Against a plain loop with `.item()` after each step, as in a lecture."""
    model = small(network)
    events = list(train(model, training, validation, CONFIG, clock=Clock(model)))
    twin = small(network)
    optimizer = torch.optim.Adam(twin.parameters(), lr=CONFIG.learning_rate)
    torch.manual_seed(CONFIG.seed)
    losses, correct = [], []
    for pixels, labels in training.shuffled(CONFIG.seed, 0):
        optimizer.zero_grad()
        logits = twin(pixels)
        loss = nn.functional.cross_entropy(logits, labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        correct.append(int((logits.argmax(1) == labels).sum()))
    first, second = [event for event in events if isinstance(event, StepReport)][:2]
    assert first.loss == pytest.approx(losses[0], rel=1e-5)
    assert second.loss == pytest.approx((16 * losses[1] + 8 * losses[2]) / 24, rel=1e-5)
    assert (first.accuracy, second.accuracy) == (correct[0] / 16, (correct[1] + correct[2]) / 24)


def test_mixed_images_are_learned_and_counted_by_their_larger_part(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """Against the definition of cross-entropy with probabilities: −Σ p log softmax."""
    training.augmentation = (Augmentation("mixup", 1.0, 1.0, 1.0),)
    model = small(network)
    reports = [event for event in train(model, training, validation, CONFIG) if isinstance(event, StepReport)]
    twin = small(network)
    torch.manual_seed(CONFIG.seed)
    pixels, labels = next(training.shuffled(CONFIG.seed, 0))
    logits = twin(pixels)
    loss = -(labels * logits.log_softmax(dim=1)).sum(dim=1).mean().item()
    assert labels.shape == (16, 10)
    assert reports[0].loss == pytest.approx(loss, rel=1e-5)
    assert reports[0].accuracy == (logits.argmax(1) == labels.argmax(1)).float().mean().item()


def test_long_epochs_are_looked_at_each_quarter_on_a_part(
    network: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LONG_EPOCH", 40)
    monkeypatch.setattr(journal, "GLIMPSE", 7)
    config = replace(CONFIG, batch_size=5)  # 8 steps
    looks = [
        (event.step, event.images)
        for event in train(small(network), training, validation, config)
        if isinstance(event, Evaluated) and event.split == "validation"
    ]
    assert looks == [(0, 7), (2, 7), (4, 7), (6, 7), (8, 20), (10, 7), (12, 7), (14, 7), (16, 20)]


def test_a_checkpoint_every_thirty_seconds(
    network: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_SECONDS", 0.15)  # two steps
    model = small(network)
    events = train(model, training, validation, CONFIG, clock=Clock(model))
    assert [event.step for event in events if isinstance(event, Checkpoint)] == [0, 2, 3, 5, 6]


def test_same_seed_same_weights(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    ends = []
    for seed in (0, 0, 1):
        model = small(network, seed)
        list(train(model, training, validation, TrainingConfig(epochs=1, seed=seed)))
        ends.append(weights(model))
    assert same(ends[0], ends[1])
    assert not same(ends[0], ends[2])


def test_it_learns_eight_images_by_heart(network: NetworkSpec, training: Batches) -> None:
    eight = training.sample(8)
    model = small(network)
    list(train(model, eight, eight, TrainingConfig(epochs=60, batch_size=8, learning_rate=0.01)))
    assert evaluate(model, eight).accuracy == 1.0
    assert evaluate(model, eight).loss < 0.05


def test_stop_in_mid_epoch_is_clean(network: NetworkSpec, training: Batches, validation: Batches) -> None:
    model, controls = small(network), Controls()
    events = train(model, training, validation, CONFIG, controls)
    for event in events:
        if isinstance(event, StepReport):
            break
    before = weights(model)
    controls.stop = True
    assert curves(events) == ["Evaluated 1", "Checkpoint 1", "Finished 1"]
    after = weights(model)
    assert same(before, after)  # no further step
    assert model.training


def test_a_listener_can_have_a_checkpoint_at_once(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    controls = Controls(save=True)
    events = train(small(network), training, validation, CONFIG, controls, clock=lambda: 0.0)
    first = ["Started 0", "Evaluated 0", "Checkpoint 0", "StepReport 1", "Checkpoint 1", "StepReport 3"]
    assert curves(events)[:6] == first
    assert not controls.save


def test_the_learning_rate_changes_from_the_next_step_on(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    model, controls = small(network), Controls()
    rates = []
    for event in train(model, training, validation, CONFIG, controls, clock=Clock(model)):
        if isinstance(event, StepReport):
            rates.append((event.step, event.learning_rate))
            controls.learning_rate = 0.5 if event.step == 1 else None
    assert rates == [(1, 0.001), (3, 0.5), (6, 0.5)]


class Explodes(nn.Module):
    """Its logits are not finite from a given training step on."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(784, 10))
        self.steps, self.bad = 0, step

    def forward(self, images: Tensor) -> Tensor:
        self.steps += self.training
        logits = images.flatten(1) @ self.weight
        return logits * float("nan") if self.training and self.steps == self.bad else logits


@pytest.mark.parametrize("bad", [1, 2, 3, 5])
def test_the_first_step_without_a_finite_loss_is_named(
    bad: int, training: Batches, validation: Batches
) -> None:
    events = list(train(Explodes(bad), training, validation, CONFIG, clock=lambda: 0.0))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.step) == ("diverged", bad)
    assert "0.0001" in finished.message  # a tenth of the rate
    for event in events:
        if isinstance(event, Checkpoint):
            assert event.step < bad


def test_a_rate_that_is_far_too_high_ends_as_diverged(training: Batches, validation: Batches) -> None:
    """Its checkpoints hold finite weights, and the step is the one that a loop with `.item()` would name."""
    config = TrainingConfig(epochs=20, batch_size=16, optimizer="sgd", learning_rate=1e6)
    kept = []
    for event in train(small(PLAIN), training, validation, config):
        if isinstance(event, Checkpoint):
            kept.append(all(tensor.isfinite().all() for tensor in event.state.model.values()))
    assert isinstance(event, Finished)
    assert event.reason == "diverged"
    assert kept and all(kept)
    assert event.step == first_bad_step(small(PLAIN), training, config)


def first_bad_step(model: nn.Module, training: Batches, config: TrainingConfig) -> int:
    optimizer = torch.optim.SGD(model.parameters(), lr=config.learning_rate)
    torch.manual_seed(config.seed)
    step = 0
    for epoch in range(config.epochs):
        for images, labels in training.shuffled(config.seed, epoch):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(images), labels)
            step += 1
            if not loss.isfinite():
                return step
            loss.backward()
            optimizer.step()
    raise AssertionError("it did not diverge")


def snapshot(state: TrainingState) -> TrainingState:
    return copy.deepcopy(state)


@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_resuming_gives_the_weights_of_an_uninterrupted_run_bit_for_bit(
    optimizer: str,
    augmented: bool,
    network: NetworkSpec,
    training: Batches,
    validation: Batches,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """From every checkpoint, within epochs too; with dropout, batch normalisation and every augmentation."""
    if augmented:
        training.augmentation = tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS)
    monkeypatch.setattr(journal, "CHECKPOINT_SECONDS", 0.05)  # each step
    config = TrainingConfig(
        epochs=3, batch_size=16, optimizer=optimizer, learning_rate=0.01, weight_decay=0.01
    )
    model = small(network)
    states = []
    for event in train(model, training, validation, config, clock=Clock(model)):
        if isinstance(event, Checkpoint):
            states.append(snapshot(event.state))
    assert {state.step for state in states} == set(range(10))
    for state in states:
        torch.manual_seed(99)
        again = build(network, (1, 28, 28))
        steps = [event.step for event in train(again, training, validation, config, resumed=state)]
        assert steps[0] == state.step
        assert steps[-1] == 9
        assert same(weights(model), weights(again))


def test_a_changed_rate_is_kept_by_the_checkpoint(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    controls = Controls(learning_rate=0.5)
    for event in train(small(network), training, validation, CONFIG, controls):
        if isinstance(event, Checkpoint) and event.step == 3:
            state = snapshot(event.state)
    for event in train(small(network), training, validation, CONFIG, resumed=state):
        if isinstance(event, StepReport):
            assert event.learning_rate == 0.5
