"""Presets: each can be trained, and each that goes wrong on purpose does, on really trained small runs."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.events import Evaluated, Event, Finished, StepReport
from core.training.loop import train
from core.training.observations import ClassCounts
from core.training.presets import PRESETS, preset_of
from core.training.setup import set_up

REQUEST = RunRequest(NAMED_NETWORKS["LeNet_tiny"], DataChoice("silhouettes"), TrainingConfig(device="cpu"))
GUESSING = 2.302585  # ln 10


def trained(name: str, **changes: object) -> list[Event]:
    request = PRESETS[name].applied_to(REQUEST)
    request = replace(request, config=replace(request.config, **changes))
    assert preset_of(request) == name
    setup = set_up(request, catalogue.load(request.data.dataset))
    clock = itertools.count(step=0.3).__next__  # each step is reported, whatever the machine
    return list(train(setup.model, setup.training, setup.validation, request.config, clock=clock))


def validation(events: list[Event]) -> list[Evaluated]:
    return [event for event in events if isinstance(event, Evaluated) and event.split == "validation"]


def running(events: list[Event]) -> list[StepReport]:
    return [event for event in events if isinstance(event, StepReport)]


@pytest.mark.parametrize("name", PRESETS)
def test_each_can_be_trained_and_is_recognised_by_what_it_names(name: str) -> None:
    preset = PRESETS[name]
    request = preset.applied_to(replace(REQUEST, config=TrainingConfig(l1=0.5, seed=9, device="cpu")))
    assert request.problems() == []
    assert preset.describes(request)
    assert request.config.l1 == 0.0 and request.config.device == "cpu"  # the machine stays the person's
    assert preset_of(request) == (name if preset.to_see else None)
    assert bool(preset.to_see) == bool(preset.mend)


def test_a_mended_request_is_no_broken_preset_any_more() -> None:
    request = PRESETS["rate-too-high"].applied_to(REQUEST)
    assert preset_of(replace(request, config=replace(request.config, learning_rate=0.01))) is None


def test_vanishing_gradients_learn_nothing(silhouettes: Path) -> None:
    events = trained("vanishing", epochs=1)
    assert validation(events)[-1].loss == pytest.approx(GUESSING, abs=0.05)


def test_a_rate_too_high_runs_away_or_stays_at_guessing(silhouettes: Path) -> None:
    events = trained("rate-too-high", epochs=1)
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason == "diverged" or validation(events)[-1].loss > GUESSING - 0.05


def test_without_shuffling_nearly_every_image_gets_the_same_class(silhouettes: Path) -> None:
    """In batches of eight, so that a class of 540 Silhouettes lasts as long as one of Fashion-MNIST with 64."""
    events = trained("no-shuffling", epochs=1, batch_size=8)
    counts = [event for event in events if isinstance(event, ClassCounts)][-1].counts
    assert max(map(sum, zip(*counts, strict=True))) > 0.7 * sum(map(sum, counts))  # of the columns
    assert validation(events)[-1].accuracy < 0.2
    climbs = [report.accuracy for report in running(events)]
    assert max(climbs) == 1.0 and min(climbs[100:]) == 0.0  # of a step's eight images


def test_shuffled_labels_teach_nothing_about_new_images(silhouettes: Path) -> None:
    events = trained("labels-shuffled", epochs=3)
    assert running(events)[-1].loss > 2.2
    assert validation(events)[-1].accuracy < 0.25


def test_overfitting_lowers_the_training_loss_and_raises_the_validation_loss(silhouettes: Path) -> None:
    events = trained("overfit")
    losses = [event.loss for event in validation(events)]
    assert running(events)[-1].loss < 0.1
    assert losses[-1] > min(losses) * 1.02
