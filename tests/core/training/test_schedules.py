"""Learning-rate schedules, against PyTorch's own schedulers."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.optim import SGD, lr_scheduler

from core.training.config import TrainingConfig
from core.training.schedules import PLATEAU_EPOCHS, PLATEAU_FACTOR, SCHEDULES, RatePlan, factor, rate_curve

STEPS = 30


def rates_of(make: Callable[[SGD], Any], rate: float = 0.5) -> list[float]:
    """The rate of each of STEPS steps as one of PyTorch's schedulers gives it."""
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
    scheduler = make(optimizer)
    rates = []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def ours(**settings: Any) -> list[float]:
    plan = RatePlan(TrainingConfig(learning_rate=0.5, **settings))
    return [plan.rate(step / STEPS) for step in range(STEPS)]


def test_constant() -> None:
    assert ours() == [0.5] * STEPS


def test_step_is_step_lr() -> None:
    theirs = rates_of(lambda optimizer: lr_scheduler.StepLR(optimizer, STEPS // 3, gamma=0.1))
    assert ours(schedule="step") == pytest.approx(theirs)


@pytest.mark.parametrize("steps", [3, 9, 27, 1407])
def test_a_third_of_the_steps_is_a_third_whatever_floats_say(steps: int) -> None:
    plan = RatePlan(TrainingConfig(learning_rate=1.0, schedule="step"))
    rates = [plan.rate(step / steps) for step in range(steps)]
    assert [rates.count(pytest.approx(rate)) for rate in (1.0, 0.1, 0.01)] == [steps // 3] * 3


def test_cosine_is_cosine_annealing() -> None:
    theirs = rates_of(lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, STEPS))
    assert ours(schedule="cosine") == pytest.approx(theirs)


def test_one_cycle_is_a_linear_warm_up_and_a_linear_decay() -> None:
    def make(optimizer: SGD) -> lr_scheduler.SequentialLR:
        up = lr_scheduler.LinearLR(optimizer, 0.1, 1.0, total_iters=STEPS // 5)
        down = lr_scheduler.LinearLR(optimizer, 1.0, 0.0, total_iters=STEPS - STEPS // 5)
        return lr_scheduler.SequentialLR(optimizer, [up, down], [STEPS // 5])

    assert ours(schedule="one-cycle") == pytest.approx(rates_of(make))


def test_warm_up_comes_before_any_schedule() -> None:
    def make(optimizer: SGD) -> lr_scheduler.SequentialLR:
        up = lr_scheduler.LinearLR(optimizer, 0.1, 1.0, total_iters=10)
        cosine = lr_scheduler.CosineAnnealingLR(optimizer, STEPS - 10)
        return lr_scheduler.SequentialLR(optimizer, [up, cosine], [10])

    assert ours(schedule="cosine", warm_up=1 / 3) == pytest.approx(rates_of(make))


def test_plateau_is_reduce_on_plateau() -> None:
    """Its patience counts the epochs that it lets pass; ours, those after which it acts."""
    optimizer = SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    theirs = lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=PLATEAU_FACTOR, patience=PLATEAU_EPOCHS - 1, threshold=0
    )
    plan = RatePlan(TrainingConfig(learning_rate=0.5, schedule="plateau"))
    for loss in (1.0, 0.9, 0.95, 0.8, 0.81, 0.82, 0.83, 0.84, 0.79, 0.79, 0.79):
        theirs.step(loss)
        before = plan.rate(0.5)
        fell = plan.epoch_evaluated(loss)
        assert plan.rate(0.5) == pytest.approx(optimizer.param_groups[0]["lr"])
        assert fell == (plan.rate(0.5) < before)
    assert plan.rate(0.5) == pytest.approx(0.5 * PLATEAU_FACTOR**3)


def test_only_a_plateau_schedule_minds_the_validation_loss() -> None:
    plan = RatePlan(TrainingConfig(schedule="cosine"))
    assert not any(plan.epoch_evaluated(1.0) for _ in range(5))


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_changed_rate_holds_at_once_and_the_schedule_goes_on_in_proportion(name: str) -> None:
    config = TrainingConfig(learning_rate=0.5, schedule=name)
    plan, unchanged = RatePlan(config), RatePlan(config)
    plan.set_rate(0.25 * unchanged.rate(0.4), 0.4)
    assert plan.rate(0.4) == pytest.approx(0.25 * unchanged.rate(0.4))
    assert plan.rate(0.7) == pytest.approx(0.25 * unchanged.rate(0.7))


def test_a_rate_can_be_set_where_the_schedule_has_come_to_zero() -> None:
    plan = RatePlan(TrainingConfig(schedule="cosine"))
    plan.set_rate(0.1, 1.0)
    assert math.isfinite(plan.rate(0.5))


def test_a_plan_goes_on_from_its_state() -> None:
    config = TrainingConfig(learning_rate=0.5, schedule="plateau")
    plan = RatePlan(config)
    for loss in (1.0, 2.0, 2.0, 2.0):
        plan.epoch_evaluated(loss)
    again = RatePlan(config)
    again.restore(plan.state())
    assert again.rate(0.5) == plan.rate(0.5) == 0.5 * PLATEAU_FACTOR
    assert again.epoch_evaluated(2.0) is plan.epoch_evaluated(2.0) is True


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("warm_up", [0.0, 0.1, 0.9])
def test_every_factor_lies_between_zero_and_one(name: str, warm_up: float) -> None:
    factors = [factor(SCHEDULES[name], warm_up, step / 100) for step in range(101)]
    assert all(0 <= value <= 1 for value in factors)
    assert max(factors) == pytest.approx(1.0, abs=0.02)


def test_the_curve_before_the_start_is_the_plan() -> None:
    config = TrainingConfig(learning_rate=0.5, schedule="cosine", warm_up=0.2)
    curve = rate_curve(config, 11)
    assert [share for share, _ in curve] == pytest.approx([i / 10 for i in range(11)])
    assert curve[0][1] == pytest.approx(0.05) and curve[2][1] == pytest.approx(0.5)
