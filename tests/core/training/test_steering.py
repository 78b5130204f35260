"""What changes while a run is under way: rate, weight decay, batch size; the budget in seconds, early stopping."""

import copy
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training import journal
from core.training.checkpoint import TrainingState
from core.training.config import TrainingConfig
from core.training.evaluation import evaluate
from core.training.events import Checkpoint, Evaluated, Event, Finished, Started, StepReport
from core.training.loop import Controls, train
from core.training.observations import Change, ClassCounts, Health, Kernels, StepUnderMagnifier, Watched

CONFIG = TrainingConfig(epochs=2, batch_size=16, device="cpu")


def small(network: NetworkSpec, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return build(network, (1, 28, 28))


def ticking(model: nn.Module) -> Callable[[], float]:
    """A clock that moves on by a tenth of a second with each training step."""
    now = [0.0]

    def tick(module: nn.Module, _inputs: object) -> None:
        now[0] += 0.1 if module.training else 0.0

    model.register_forward_pre_hook(tick)
    return lambda: now[0]


def changes(events: list[Event]) -> list[tuple[int, str, float, float, str]]:
    found = [event for event in events if isinstance(event, Change)]
    return [(event.step, event.setting, event.before, event.after, event.by) for event in found]


def test_each_change_is_told_with_what_was_before(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    controls = Controls(learning_rate=0.5, weight_decay=0.25, batch_size=8)
    events = list(train(small(network), training, validation, CONFIG, controls))
    assert changes(events) == [
        (0, "learning_rate", 0.001, 0.5, "person"),
        (0, "weight_decay", 0.0, 0.25, "person"),
        (0, "batch_size", 16, 8, "person"),
    ]
    assert controls == Controls()


def test_another_weight_decay_is_that_of_a_run_that_had_it_from_the_start(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    changed, planned = small(network), small(network)
    list(train(changed, training, validation, CONFIG, Controls(weight_decay=0.1)))
    list(train(planned, training, validation, replace(CONFIG, weight_decay=0.1)))
    assert all(torch.equal(a, b) for a, b in zip(changed.parameters(), planned.parameters(), strict=True))


def test_the_batch_size_changes_within_an_epoch_and_no_image_is_lost_or_seen_twice(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """40 images: one step of 16, then steps of 6: 6, 6, 6, 6 make 40; then an epoch of 6 × 6 + 4."""
    model, controls = small(network), Controls()
    seen: list[Tensor] = []
    model.register_forward_pre_hook(lambda m, inputs: seen.append(inputs[0]) if m.training else None)
    events = []
    for event in train(model, training, validation, CONFIG, controls, clock=lambda: 0.0):
        events.append(event)
        if isinstance(event, StepReport) and event.step == 1:
            controls.batch_size = 6
    sizes = [len(images) for images in seen]
    assert sizes == [16, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 4]
    for epoch, batches in enumerate((seen[:5], seen[5:])):
        order = training.shuffled(CONFIG.seed, epoch)
        torch.testing.assert_close(torch.cat(batches), torch.cat([images for images, _ in order]))
    started = [event for event in events if isinstance(event, Started)]
    assert [(event.step, event.steps_per_epoch, event.total_steps) for event in started] == [
        (0, 3, 6),
        (1, 7, 12),
    ]
    assert isinstance(events[-1], Finished) and events[-1].step == 12
    assert [event.epoch for event in events if isinstance(event, Checkpoint)] == [0, 1, 2]


def test_resuming_after_changes_gives_the_same_weights(
    network: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_SECONDS", 0.05)  # each step
    config = replace(CONFIG, schedule="cosine", warm_up=0.2, label_smoothing=0.1, clip_norm=1.0, patience=5)
    model, controls = small(network), Controls()
    states: list[TrainingState] = []
    for event in train(model, training, validation, config, controls, clock=ticking(model)):
        if isinstance(event, Checkpoint):
            states.append(copy.deepcopy(event.state))
            if event.step == 2:
                controls.batch_size, controls.learning_rate, controls.weight_decay = 7, 0.01, 0.1
    assert len(states) > 8
    for state in states[3:]:
        again = small(network, seed=9)
        list(train(again, training, validation, config, resumed=state))
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_the_rate_follows_its_schedule_step_by_step(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    config = replace(CONFIG, schedule="cosine", learning_rate=0.1)
    model = small(network)
    model_clock = ticking(model)
    reports = [
        event
        for event in train(model, training, validation, config, Controls(magnify=True), clock=model_clock)
        if isinstance(event, StepReport)
    ]
    # 0.1 · (1 + cos(π · steps before it / 6)) / 2, at steps 1, 3 and 6
    assert [(r.step, round(r.learning_rate, 6)) for r in reports] == [(1, 0.1), (3, 0.075), (6, 0.006699)]


def test_a_budget_in_seconds_ends_the_run_within_an_epoch_and_is_what_the_schedule_follows(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    config = replace(CONFIG, epochs=100, seconds=0.45, schedule="one-cycle", learning_rate=1.0)
    model = small(network)
    events = list(train(model, training, validation, config, clock=ticking(model)))
    finished = events[-1]
    assert isinstance(finished, Finished)
    assert (finished.reason, finished.step, round(finished.seconds, 3)) == ("completed", 5, 0.5)
    assert [event.step for event in events if isinstance(event, Checkpoint)] == [0, 3, 5]
    last = [event for event in events if isinstance(event, StepReport)][-1]
    # one cycle: after 0.4 of 0.45 s the rate is (1 − (0.4/0.45 − 0.2) / 0.8)
    assert last.learning_rate == pytest.approx(1 - (0.4 / 0.45 - 0.2) / 0.8, rel=1e-3)


def test_early_stopping_ends_after_so_many_epochs_and_restores_the_best_weights(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """Noise can only be learned by heart, so the validation loss rises soon."""
    config = replace(CONFIG, epochs=60, learning_rate=0.01, patience=3)
    model = small(network)
    events = list(train(model, training, validation, config))
    losses = [e.loss for e in events if isinstance(e, Evaluated) and e.split == "validation"][1:]
    best = losses.index(min(losses))
    assert len(losses) == best + 1 + 3 < 60
    finished = events[-1]
    assert isinstance(finished, Finished) and finished.reason == "completed"
    assert f"after epoch {best + 1}" in finished.message and f"{min(losses):.4f}" in finished.message
    assert evaluate(model, validation).loss == pytest.approx(min(losses), rel=1e-6)
    last = [event for event in events if isinstance(event, Checkpoint)][-1]
    assert all(torch.equal(last.state.model[name], tensor) for name, tensor in model.state_dict().items())


def test_a_plateau_lowers_the_rate_and_is_told(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    config = replace(CONFIG, epochs=12, learning_rate=0.01, schedule="plateau")
    events = list(train(small(network), training, validation, config))
    lowered = changes(events)
    assert lowered and {by for *_, by in lowered} == {"plateau"}
    step, setting, before, after, _ = lowered[0]
    assert (setting, before) == ("learning_rate", 0.01) and after == pytest.approx(0.003)
    rates = [e.learning_rate for e in events if isinstance(e, StepReport) and e.step > step]
    assert rates[0] == pytest.approx(0.003)


def test_without_shuffling_the_images_come_class_by_class(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    model = small(network)
    seen: list[Tensor] = []
    model.register_forward_pre_hook(lambda m, inputs: seen.append(inputs[0]) if m.training else None)
    list(train(model, training, validation, replace(CONFIG, shuffle=False)))
    images, labels = next(training.in_order())
    by_class = torch.cat([images[labels == label] for label in range(10)])
    torch.testing.assert_close(torch.cat(seen[:3]), by_class)
    torch.testing.assert_close(torch.cat(seen[3:]), by_class)


def test_what_is_shown_beside_the_curves_is_what_the_network_then_was(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    model = small(network)
    for event in train(model, training, validation, CONFIG):
        if isinstance(event, ClassCounts) and event.step:
            twin = copy.deepcopy(model).eval()
            images, labels = next(validation.in_order())
            predicted = twin(images).argmax(1)
            counts = [[0] * 10 for _ in range(10)]
            for true, guess in zip(labels.tolist(), predicted.tolist(), strict=True):
                counts[true][guess] += 1
            assert event.counts == counts
        if isinstance(event, Watched):
            # two of each of the ten classes, whose labels are 0 … 9 again and again: the classes in turn
            assert event.images == list(range(20))
            given = copy.deepcopy(model).eval()(next(validation.in_order())[0]).softmax(1)
            torch.testing.assert_close(torch.tensor(event.probabilities), given.detach(), atol=1e-4, rtol=0)
        if isinstance(event, Kernels):
            first = next(model.parameters()).detach()
            assert event.shape == [4, 1, 5, 5]
            error = abs(event.weights() - first.numpy()).max()
            assert error <= first.abs().max().item() / 127 / 2 * 1.001


def test_a_magnified_step_is_reported_at_once_and_only_that_one(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    controls = Controls()
    model = small(network)
    events = []
    for event in train(model, training, validation, CONFIG, controls, clock=ticking(model)):
        events.append(event)
        if isinstance(event, StepReport) and event.step == 1:
            controls.magnify = True
    magnified = [event for event in events if isinstance(event, StepUnderMagnifier)]
    assert [event.step for event in magnified] == [2]
    assert [e.step for e in events if isinstance(e, StepReport)][:2] == [1, 2]
    assert [e.step for e in events if isinstance(e, Health)] == [1, 2]
    batch = list(training.shuffled(CONFIG.seed, 0))[1]
    pixels = training.normalisation.undo(batch[0])
    assert (magnified[0].shown() == pixels.numpy()).all()
    assert magnified[0].labels == batch[1].tolist()
