"""The learning-rate range test: a copy of the network takes a hundred steps at rates from tiny to huge.

Smith, "Cyclical Learning Rates for Training Neural Networks" (2015, arXiv:1506.01186); with rates that rise
exponentially and the smoothed loss, as in fastai's and Lightning's `lr_find`.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from core.data.batches import Batches
from core.training import precision
from core.training.config import TrainingConfig
from core.training.layout import lay_out
from core.training.loop import step
from core.training.optimizers import OPTIMIZERS, set_learning_rate
from core.training.rate_suggestions import STEPS, Trial

LOWEST, HIGHEST = 1e-7, 10.0
RATES = tuple(LOWEST * (HIGHEST / LOWEST) ** (i / (STEPS - 1)) for i in range(STEPS))
SMOOTHING = 0.98  # weight of the mean so far against the next loss
RUN_AWAY = 4  # times the best smoothed loss so far: higher rates will not bring it back


def range_test(step_at: Callable[[float], float]) -> Iterator[Trial]:
    """Take a step at each of RATES, until the loss runs away or is no longer finite.

    `step_at(rate)` makes the step and gives the loss before it. The mean of the losses so far, in which each
    counts 0.98 times as much as the next, is corrected for its beginning at 0 (Kingma and Ba, 2015).
    """
    mean, best = 0.0, math.inf
    for count, rate in enumerate(RATES, start=1):
        loss = step_at(rate)
        if not math.isfinite(loss):
            return
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smoothed = mean / (1 - SMOOTHING**count)
        yield Trial(rate, loss, smoothed)
        best = min(best, smoothed)
        if smoothed > RUN_AWAY * best:
            return


def try_rates(model: nn.Module, training: Batches, config: TrainingConfig) -> Iterator[Trial]:
    """The range test of a copy of `model` on the batches that a run with `config` would begin with.

    Optimizer, weight decay, penalties, clipping and precision are the run's; its rate and schedule are not
    used. Seeds and uses PyTorch's global random numbers.
    """
    model = copy.deepcopy(model).to(training.device)
    lay_out(model, training.layout).train()
    optimizer = OPTIMIZERS[config.optimizer].of(model, LOWEST, config.weight_decay)
    chosen = precision.choose(config.precision, model, *training.first())
    torch.manual_seed(config.seed)
    batches = _endless(training, config)

    def step_at(rate: float) -> float:
        set_learning_rate(optimizer, rate)
        loss, _ = step(model, optimizer, *next(batches), config, chosen)
        return loss.item()

    return range_test(step_at)


def _endless(training: Batches, config: TrainingConfig) -> Iterator[tuple[Tensor, Tensor]]:
    """One epoch after another."""
    for epoch in itertools.count():
        yield from training.shuffled(config.seed, epoch, shuffle=config.shuffle)
