"""Each rule on records with numbers by hand: what it says, and where it keeps still."""

import math
from dataclasses import replace

import pytest

from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.diagnosis.finding import Finding, History
from core.training.diagnosis.rules import RULES, diagnose
from core.training.observations import Health
from core.training.runs.records import Metric

REQUEST = RunRequest(NAMED_NETWORKS["LeNet_tiny"], DataChoice(), TrainingConfig(learning_rate=0.01))


def metric(
    step: int, epoch: float, loss: float, accuracy: float = 0.5, of: str = "validation", images: int = 600
) -> Metric:
    split, kind = ("train", "running") if of == "running" else (of, "evaluated")
    return Metric(0, step, epoch, split, kind, loss, accuracy, images, 0.01, 0.0)


def look(
    step: int,
    norms: tuple[float, ...] = (1.0, 1.0),
    ratios: tuple[float, ...] = (1e-3, 1e-3),
    dead: float | None = 0.0,
    saturated: float | None = None,
) -> Health:
    names = [f"layer{place}" for place in range(len(norms))]
    return Health(step, 0.0, 0.0, 64, names, list(norms), list(ratios), ["act"], [dead], [saturated])


def history(
    *metrics: Metric, looks: tuple[Health, ...] = (), state: str = "running", step: int = 0
) -> History:
    return History(REQUEST, 10, metrics, looks, state, step)


def one(kind: str, record: History) -> Finding:
    (found,) = RULES[kind](record)
    return found


def test_of_nothing_nothing_is_said() -> None:
    assert diagnose(history()) == []


@pytest.mark.parametrize(
    ("loss", "level", "words"),
    [
        (2.31, "good", "The first loss was 2.31, ln 10 = 2.30: the network starts undecided, as it should."),
        (0.4, "good", "already know something"),
        (3.5, "note", "sure of wrong answers"),
        (25.0, "warning", "sure of wrong answers"),
        (math.nan, "warning", "The first loss was not finite"),
    ],
)
def test_the_start_loss_against_ln_of_the_classes(loss: float, level: str, words: str) -> None:
    found = one("start", history(metric(0, 0, loss, 0.1)))
    assert found.level == level
    assert words in found.sentence
    assert found.measured == "The loss on 600 validation images before the first step."


def test_overfitting_names_the_epoch_at_which_it_opened_and_what_was_compared() -> None:
    """The validation loss is lowest after epoch 2 (0.4) and ends at 0.6, while training goes from 0.3 to 0.1."""
    losses = [(1, 0.5, 0.45), (2, 0.4, 0.3), (3, 0.5, 0.2), (4, 0.6, 0.1)]
    points = [
        part
        for epoch, validation, training in losses
        for part in (
            metric(epoch * 10, epoch, validation, 0.8),
            metric(epoch * 10, epoch, training, 0.8 + 0.05 * epoch, "train", 1000),
        )
    ]
    found = one("overfitting", history(*points))
    assert found.level == "warning"
    assert found.sentence == (
        "Overfitting since epoch 2: the validation loss has risen from 0.4 to 0.6, while the training loss fell "
        "from 0.3 to 0.1. Accuracy is 100 % on training and 80 % on validation images."
    )
    assert "the training split evaluated like it, on 1,000 images" in found.measured


def test_without_an_evaluated_training_loss_the_running_one_is_used_and_named() -> None:
    points = [metric(10, 1, 0.5, 0.8, "running"), metric(10, 1, 0.5, 0.8)]
    points += [metric(20, 2, 0.3, 0.92, "running"), metric(20, 2, 0.5, 0.8)]
    found = one("overfitting", history(*points))
    assert (found.level, "a gap of 12.0 points, open since epoch 2" in found.sentence) == ("warning", True)
    assert "the training split running, while the weights moved" in found.measured


def test_glimpses_within_an_epoch_are_not_mistaken_for_evaluations_of_the_whole_split() -> None:
    record = history(metric(5, 0.5, 0.1, images=100), metric(10, 1, 0.5))
    assert [m.step for m in record.validated] == [10]


def test_a_step_that_moves_a_layer_by_its_own_length() -> None:
    found = one("updates", history(looks=(look(1, ratios=(0.01, 0.8)), look(21))))
    assert found.level == "warning"
    assert found.sentence.startswith("Step 1 moved the weights of layer1 by 0.8 times their own length")
    assert found.rate == pytest.approx(0.001)


@pytest.mark.parametrize(
    ("ratio", "level"), [(1e-6, "note"), (1e-3, "good"), (0.02, "good"), (0.2, "warning")]
)
def test_the_update_ratio_is_judged_by_its_median_without_the_first_step(ratio: float, level: str) -> None:
    looks = (look(1, ratios=(0.3, 0.3)), *(look(s, ratios=(ratio, ratio)) for s in (21, 41, 61)))
    assert one("updates", history(looks=looks)).level == level


def test_a_layer_whose_weights_were_all_zero_has_no_ratio() -> None:
    found = one("updates", history(looks=(look(1, ratios=(math.nan, 2e-3)),)))
    assert found.level == "good"
    assert "layer0" not in found.sentence


def test_a_gradient_that_is_lost_on_the_way() -> None:
    found = one("vanishing", history(looks=(look(1, norms=(1e-6, 0.1, 0.5)),)))
    assert found.level == "warning"
    assert "1e-06 at layer0 and 0.5 at layer2" in found.sentence
    assert one("vanishing", history(looks=(look(1, norms=(0.05, 0.5)),))).level == "good"
    assert not list(RULES["vanishing"](history(looks=(look(1, norms=(0.0, 0.5), dead=1.0),))))


@pytest.mark.parametrize("peak", [5000.0, math.inf])
def test_a_gradient_that_explodes_in_one_look(peak: float) -> None:
    looks = (look(1), look(21), look(41, norms=(1.0, peak)))
    found = one("exploding", history(looks=looks))
    assert found.sentence.startswith("The gradient of layer1 exploded at step 41")
    assert not list(RULES["exploding"](history(looks=looks[:2])))


def test_a_gradient_that_grows_backwards() -> None:
    found = one("exploding", history(looks=(look(1, norms=(1e5, 1.0)),)))
    assert "grows towards the first layers" in found.sentence


def test_dead_units_say_since_when() -> None:
    from_start = one("dead", history(looks=(look(1, dead=0.9), look(21, dead=0.9))))
    assert "In act 90 % of the units are dead" in from_start.sentence
    assert "from the start (90 % at step 1)" in from_start.sentence
    later = one("dead", history(looks=(look(1), look(21, dead=0.7), look(41, dead=0.8))))
    assert "At step 1 it was 0 %. It rose by step 21." in later.sentence
    assert later.rate == pytest.approx(0.001)
    assert one("dead", history(looks=(look(1, dead=0.1),))).level == "good"
    assert not list(RULES["dead"](history(looks=(look(1, dead=None),))))


def test_units_that_the_first_step_killed_were_not_dead_before_it() -> None:
    found = one("dead", history(looks=(look(1, ratios=(0.1, 40.0), dead=0.9),)))
    assert "from the start" not in found.sentence
    assert "It rose by step 1." in found.sentence
    assert "A step that was too large" in found.mend


def test_far_above_a_good_rate_the_good_rate_is_named() -> None:
    """A tenth of 10,000 is no good for Adam either, whose good first rate is 0.001."""
    config = TrainingConfig(learning_rate=1e4)
    record = replace(history(state="diverged"), request=replace(REQUEST, config=config))
    assert one("diverged", record).mend == (
        "Try again at a tenth of the rate, 1000 (a good first rate for Adam is 0.001)."
    )


def test_saturation() -> None:
    levels = [one("saturation", history(looks=(look(1, saturated=s),))).level for s in (0.1, 0.7, 0.9)]
    assert levels == ["good", "note", "warning"]


def test_a_leap_names_its_step_and_the_rate() -> None:
    losses = [2.3, 1.0, 0.9, 0.8, 40.0, 0.9]
    points = [metric(10 * i, i / 10, loss, of="running") for i, loss in enumerate(losses)]
    found = one("leap", history(*points))
    assert "leapt from 0.95 to 40.00 by step 40 (epoch 0.40), at a learning rate of 0.01" in found.sentence
    assert not list(RULES["leap"](history(*points[:4])))


def test_a_plateau_is_a_note() -> None:
    losses = [1.0, 0.5, 0.4, 0.4, 0.401, 0.4, 0.399, 0.4]
    points = [metric(10 * i, i, loss) for i, loss in enumerate(losses, start=1)]
    assert one("plateau", history(*points)).level == "note"
    falling = [metric(10 * i, i, 1 / i) for i in range(1, 9)]
    assert not list(RULES["plateau"](history(*falling)))


def test_divergence_without_a_single_report() -> None:
    found = one("diverged", history(state="diverged", step=1))
    assert "no finite number any more at step 1." in found.sentence
    assert found.rate == pytest.approx(0.001)


def test_warnings_come_first_and_every_finding_says_what_was_measured() -> None:
    looks = (look(1, norms=(1e-6, 1.0)), look(21, norms=(1e-6, 1.0)))
    found = diagnose(history(metric(0, 0, 2.3), metric(10, 1, 2.0), looks=looks))
    levels = [finding.level for finding in found]
    assert levels == sorted(levels, key=("warning", "note", "good").index)
    assert levels[0] == "warning"
    assert all(finding.kind in RULES and finding.measured.endswith(".") for finding in found)
    assert all(finding.mend for finding in found if finding.level != "good")


def test_a_fork_s_first_metrics_belong_to_it() -> None:
    """A run that branched off starts where the other was, and is judged by the same curves."""
    record = replace(history(metric(0, 0, 2.3)), step=5)
    assert one("start", record).level == "good"
