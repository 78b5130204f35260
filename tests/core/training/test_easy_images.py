"""Easy images left out at times: which they are, how an epoch is made up, what they count, and after a resume."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from core.data.augmentation.plan import Augmentation
from core.data.batches import Batches, epoch_generator
from core.networks.spec import NetworkSpec
from core.training import easy_images, journal
from core.training.config import RunRequest, TrainingConfig
from core.training.easy_images import EasyImages, easy, epoch_order
from core.training.events import Event, StepReport
from core.training.loop import Controls, train
from core.training.observations import Change, StepUnderMagnifier
from core.training.optimizers import OPTIMIZERS
from core.training.running import Running
from core.training.runs.forks import branch
from tests.core.training.small_runs import run, small, states

# four epochs of three steps, of 16, 16 and 8 images
CONFIG = TrainingConfig(epochs=4, batch_size=16, precision="float32", device="cpu", easy_seen=0.25)
CPU = torch.device("cpu")


def told(events: list[Event]) -> list[tuple[int, str, float]]:
    return [(e.step, e.setting, e.after) for e in events if isinstance(e, Change)]


# which they are


def test_three_quarters_are_easy_those_with_the_smallest_losses() -> None:
    """Of nine losses 0 to 8 the quantile 3/4 is the seventh, 6: six are below it."""
    losses = torch.tensor([8.0, 1, 7, 0, 3, 2, 5, 4, 6])
    assert easy(losses).tolist() == [loss < 6 for loss in losses.tolist()]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([math.inf] * 4, [False] * 4),  # none was seen yet
        ([1.0, math.inf, math.inf, math.inf], [True, False, False, False]),  # after a part of an epoch
        ([1.0, 1.0, 1.0, 1.0], [False] * 4),
        ([2.0], [False]),
        ([math.nan, 1.0, 2.0, 3.0], [False] * 4),  # of a run that has diverged
    ],
)
def test_what_has_no_loss_yet_is_not_easy(losses: list[float], expected: list[bool]) -> None:
    assert easy(torch.tensor(losses)).tolist() == expected


# how an epoch is made up


def test_an_epoch_of_images_none_of_which_is_easy_is_one_shuffled_pass() -> None:
    order = epoch_order(torch.zeros(50, dtype=torch.bool), 0.25, epoch_generator(3, 2))
    assert torch.equal(order, torch.randperm(50, generator=epoch_generator(3, 2)))


def test_hard_images_come_in_each_pass_and_easy_ones_in_their_share() -> None:
    is_easy = torch.arange(4000) >= 1000
    order = epoch_order(is_easy, 0.25, epoch_generator(0, 0))
    assert len(order) == 4000
    # a pass has 1000 hard ones and about 750 easy ones, so that there are 2.29 passes in an epoch
    times = torch.bincount(order, minlength=4000)
    assert set(times[:1000].tolist()) == {2, 3}
    assert times[:1000].float().mean().item() == pytest.approx(4000 / 1750, rel=0.03)
    assert times[1000:].float().mean().item() == pytest.approx(4000 / 1750 * 0.25, rel=0.06)
    first_pass = order[:1700]
    assert len(first_pass.unique()) == 1700


@pytest.mark.parametrize("seen", [0.1, 0.5, 0.9])
def test_on_average_each_image_counts_alike(seen: float) -> None:
    """So the gradient, a sum over the images times what they count, is right on average."""
    known = EasyImages(40, seen, CPU)
    losses = torch.arange(40.0)
    known.restore({"losses": losses, "before": losses, "told": True})
    weight = torch.zeros(40)
    for epoch in range(4000):
        order = known.begin_epoch(epoch_generator(1, epoch))
        counts = known.counts(0, 40)
        assert order is not None and counts is not None
        weight.index_add_(0, order, counts)
    hard, easy_ones = weight[30:].mean().item(), weight[:29].mean().item()
    assert hard == pytest.approx(easy_ones, rel=0.03)
    assert weight[:29].std().item() / easy_ones < 0.1


# in the loop


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_it_is_a_loop_that_weighs_each_loss(
    optimizer: str, network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    """The same with plain lists, image by image, as the paper says it."""
    config = replace(CONFIG, optimizer=optimizer, label_smoothing=0.1, learning_rate=0.003)
    model = small(network)
    events = run(model, training, validation, config)
    assert told(events) == [(3, "easy_seen", 0.25)]

    other = small(network).to(memory_format=training.layout)
    rule = OPTIMIZERS[optimizer].of(other, config.learning_rate, config.weight_decay)
    images = torch.cat([pixels for pixels, _ in training.in_order()])
    torch.manual_seed(config.seed)  # for the dropout
    seen_last: dict[int, float] = {}
    for epoch in range(config.epochs):
        limit = sorted(seen_last.values())[int(0.75 * (len(training) - 1))] if seen_last else -math.inf
        is_easy = {at: seen_last.get(at, math.inf) < limit for at in range(len(training))}
        order = epoch_order(torch.tensor(list(is_easy.values())), 0.25, epoch_generator(config.seed, epoch))
        for rows in order.split(16):
            logits = other.train()(images[rows])
            other.zero_grad()
            log_shares = logits.log_softmax(dim=1)
            each = []
            for row, at in zip(log_shares, rows.tolist(), strict=True):
                label = int(training.labels[at])
                seen_last[at] = -row[label].item()
                own = -0.9 * row[label] - 0.1 * row.mean()
                each.append(4 * own if is_easy[at] else own)
            (sum(each, torch.tensor(0.0)) / len(rows)).backward()
            rule.step()
    for ours, theirs in zip(model.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-4)
    (*_, last) = states(events)
    known = torch.tensor([seen_last[at] for at in range(len(training))])
    torch.testing.assert_close(last.easy_images["losses"], known, rtol=1e-3, atol=1e-3)


def test_the_first_epoch_is_as_without_it(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    config = replace(CONFIG, epochs=1)
    model, plain = small(network), small(network)
    assert told(run(model, training, validation, config)) == []
    events = run(plain, training, validation, replace(config, easy_seen=1.0))
    assert all(state.easy_images == {} for state in states(events))
    for ours, theirs in zip(model.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("batch_size", [16, 13])  # of 13 a batch of a single image is left out
def test_resuming_from_any_step_gives_the_same_weights_and_one_mark_in_all(
    batch_size: int,
    network: NetworkSpec,
    training: Batches,
    validation: Batches,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(journal, "CHECKPOINT_SECONDS", 0.0)  # each step
    config = replace(CONFIG, batch_size=batch_size)
    model = small(network)
    events = run(model, training, validation, config)
    ((begins, *_),) = told(events)
    for state in states(events):
        again = small(network, seed=9)
        rest = run(again, training, validation, config, resumed=state)
        assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
        assert [step for step, *_ in told(rest)] == ([begins] if state.step <= begins else [])


def test_a_fork_looks_for_its_easy_images_anew(
    network: NetworkSpec, training: Batches, validation: Batches, request_small: RunRequest
) -> None:
    late = states(run(small(network), training, validation, CONFIG))[2]
    assert late.step == 6 and late.easy_images["told"]
    child = branch(late, replace(request_small, config=CONFIG))
    assert child.easy_images == {}
    assert told(run(small(network), training, validation, CONFIG, resumed=child)) == [(9, "easy_seen", 0.25)]


def test_a_changed_batch_size_keeps_the_epoch_s_order(
    network: NetworkSpec, training: Batches, validation: Batches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "REPORT_SECONDS", 0.0)
    drawn: list[Tensor] = []
    begin = EasyImages.begin_epoch

    def noted(self: EasyImages, generator: torch.Generator) -> Tensor | None:
        order = begin(self, generator)
        assert order is not None
        drawn.append(order)
        return order

    monkeypatch.setattr(EasyImages, "begin_epoch", noted)
    controls = Controls()
    for event in train(small(network), training, validation, CONFIG, controls):
        if isinstance(event, StepReport) and event.step == 4:
            controls.batch_size = 8
    assert len(drawn) == 5 and torch.equal(drawn[1], drawn[2])


def test_the_magnifier_says_what_each_image_counts(
    network: NetworkSpec, training: Batches, validation: Batches
) -> None:
    controls = Controls(magnify=True)
    seen: list[StepUnderMagnifier] = []
    for event in train(small(network), training, validation, replace(CONFIG, epochs=2), controls):
        if isinstance(event, StepUnderMagnifier):
            seen.append(event)
            controls.magnify = True
    assert all(set(step.counts) == {1.0} for step in seen[:3])
    (*_, late) = [step for step in seen if step.step == 5]
    assert set(late.counts) == {1.0, 4.0}
    # all 16 images are shown, so that the loss of the step is there to be computed anew
    weighed = sum(count * loss for count, loss in zip(late.counts, late.losses, strict=True)) / 16
    assert late.loss == pytest.approx(weighed, rel=1e-5)


def test_running_means_are_those_of_the_images_that_they_stand_for() -> None:
    """Three images, the first right and counting 4: losses 1, 2 and 3 give (4 + 2 + 3) / 6, accuracy 4/6."""
    running = Running()
    logits = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    counts = torch.tensor([4.0, 1.0, 1.0])
    running.add(torch.tensor(3.0), logits, torch.tensor([0, 1, 1]), counts)  # 9 / 3
    means = running.take()
    assert (means.loss, means.accuracy, means.images) == (pytest.approx(1.5), pytest.approx(4 / 6), 3)


# around it


def test_what_it_can_t_go_with_is_refused_before_the_start(request_small: RunRequest) -> None:
    request = replace(request_small, config=replace(request_small.config, easy_seen=0.25))
    assert request.problems() == []
    (problem,) = replace(request, config=replace(request.config, shuffle=False)).problems()
    assert problem.startswith("Without shuffling") and "always (1)" in problem
    mixed = replace(request.data, augmentation=(Augmentation.usual("mixup"),))
    (problem,) = replace(request, data=mixed).problems()
    assert problem.startswith("Mixup makes one image of two")
    assert replace(request, data=mixed, config=replace(request.config, easy_seen=1.0)).problems() == []
    (problem,) = replace(request, config=replace(request.config, easy_seen=0.0)).problems()
    assert problem == (
        "The share of the passes in which an easy image is seen is 0.0; allowed is above 0, up to 1."
    )
    assert easy_images.refusal(1.0, False, mixed.augmentation) == ""
