"""The range test: where a quadratic loss turns, how it smooths and stops, and that the run is left alone."""

import itertools
import math
from types import SimpleNamespace

import pandas as pd
import pytest
import torch
from torch.nn import functional as F

from core.data import catalogue
from core.training.config import RunRequest, TrainingConfig
from core.training.events import StepReport
from core.training.loop import train
from core.training.rate_finder import RATES, range_test, try_rates
from core.training.rate_suggestions import RangeTest
from core.training.setup import Setup, set_up


@pytest.fixture
def setup(request_small: RunRequest, silhouettes: object) -> Setup:
    return set_up(request_small, catalogue.load("silhouettes"))


def test_the_rates_rise_by_the_same_factor_from_first_to_last() -> None:
    assert len(RATES) == 100
    assert (RATES[0], RATES[-1]) == pytest.approx((1e-7, 10))
    assert [b / a for a, b in itertools.pairwise(RATES)] == pytest.approx([10 ** (8 / 99)] * 99)


@pytest.mark.parametrize("a", [5.0, 100.0, 4000.0])
def test_a_quadratic_loss_grows_exactly_where_the_rate_is_above_two_over_a(a: float) -> None:
    """SGD on ½aw² takes w to (1 − ηa)w: it grows if and only if η > 2/a."""
    w = torch.nn.Parameter(torch.tensor(1.0, dtype=torch.float64))
    optimizer = torch.optim.SGD([w], lr=1.0)

    def step_at(rate: float) -> float:
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = 0.5 * a * w.square()
        loss.backward()
        optimizer.step()
        return loss.item()

    trials = list(range_test(step_at))
    for trial, after in itertools.pairwise(trials):
        assert (after.loss > trial.loss) == (trial.rate > 2 / a)
    assert trials[-1].rate > 2 / a
    assert trials[-1].smoothed > 4 * min(trial.smoothed for trial in trials[:-1]) or len(trials) == 100
    found = RangeTest.of(trials)
    assert found.steepest.rate and found.steepest.rate < 2 / a
    assert found.valley.rate and found.valley.rate < 2 / a


def test_the_smoothed_loss_is_the_weighted_mean_that_pandas_computes() -> None:
    losses = [2.3 - 0.01 * i + 0.2 * math.sin(i) for i in range(100)]
    source = iter(losses)
    smoothed = [trial.smoothed for trial in range_test(lambda _rate: next(source))]
    assert smoothed == pytest.approx(list(pd.Series(losses).ewm(alpha=0.02, adjust=True).mean()))


def test_lightning_smooths_alike_but_for_its_correction() -> None:
    """Lightning's counts one step too many where it corrects for the beginning at 0."""
    from lightning.pytorch.tuner.lr_finder import _LRCallback  # seconds

    losses = [2.3 - 0.02 * i for i in range(50)]
    theirs = _LRCallback(100)
    trainer = SimpleNamespace(
        fit_loop=SimpleNamespace(batch_idx=0),
        accumulate_grad_batches=1,
        strategy=SimpleNamespace(broadcast=lambda value: value),
        should_stop=False,
    )
    for count, loss in enumerate(losses, start=1):
        trainer.global_step = count
        theirs.on_train_batch_end(trainer, None, torch.tensor(loss, dtype=torch.float64), None, count)  # type: ignore[arg-type]
    source = iter([*losses, math.nan])
    ours = [trial.smoothed for trial in range_test(lambda _rate: next(source))]
    corrected = [
        loss * (1 - 0.98 ** (count + 1)) / (1 - 0.98**count)
        for count, loss in enumerate(theirs.losses, start=1)
    ]
    assert ours == pytest.approx(corrected)


def test_it_stops_once_the_smoothed_loss_is_four_times_its_best() -> None:
    source = iter([1.0] * 20 + [50.0] * 80)
    trials = list(range_test(lambda _rate: next(source)))
    # by hand: n losses of 1 and k of 50, weights 0.98^age; k = 2 gives 4.7 times the best, k = 1 gives 2.9
    assert len(trials) == 22
    assert trials[-2].smoothed <= 4 < trials[-1].smoothed


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_no_number_ends_it_and_is_left_out(bad: float) -> None:
    source = iter([2.0, 1.9, bad])
    assert [trial.loss for trial in range_test(lambda _rate: next(source))] == [2.0, 1.9]


def test_the_run_s_own_weights_are_untouched(setup: Setup, request_small: RunRequest) -> None:
    before = {name: tensor.clone() for name, tensor in setup.model.state_dict().items()}
    setup.model.eval()
    trials = list(try_rates(setup.model, setup.training, request_small.config))
    assert len({trial.loss for trial in trials}) > 50  # the copy has learned, and unlearned
    after = setup.model.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert not setup.model.training
    assert all(parameter.grad is None for parameter in setup.model.parameters())


def test_it_begins_as_the_run_would(setup: Setup, request_small: RunRequest) -> None:
    config = TrainingConfig(device="cpu", precision="float32", label_smoothing=0.1, seed=3)
    first = next(iter(try_rates(setup.model, setup.training, config)))
    events = train(setup.model, setup.training, setup.validation, config)
    report = next(event for event in events if isinstance(event, StepReport))
    # the same batch, the same dropout, the same loss
    assert report.step == 1 and first.loss == pytest.approx(report.loss)


def test_plain_pytorch_gives_the_same_losses(setup: Setup) -> None:
    """Written out, as in a lecture: 9 batches an epoch, so it goes round them eleven times."""
    config = TrainingConfig(
        device="cpu",
        precision="float32",
        optimizer="momentum",
        weight_decay=0.01,
        clip_norm=1.0,
        label_smoothing=0.1,
    )
    trials = list(try_rates(setup.model, setup.training, config))
    model = setup.model.to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=0.01)
    torch.manual_seed(0)
    batches = [batch for epoch in range(12) for batch in setup.training.shuffled(0, epoch)]
    losses = []
    for (images, labels), rate in zip(batches, RATES, strict=False):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels, label_smoothing=0.1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    assert len(trials) > 60
    assert [trial.loss for trial in trials[:60]] == pytest.approx(losses[:60], rel=1e-4)
