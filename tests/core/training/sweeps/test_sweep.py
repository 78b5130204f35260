"""Which runs a sweep has, in which order, and what it refuses."""

from dataclasses import replace

import pytest

from core.data.augmentation.named import NAMED_PLANS
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore
from core.training.sweeps.sweep import MOST_RUNS, Axis, Sweep

BASE = RunRequest(NAMED_NETWORKS["LeNet_tiny"], DataChoice("silhouettes"), TrainingConfig(epochs=2, seed=5))
OPTIMIZERS = Axis("optimizer", ("sgd", "adam"))
BATCHES = Axis("batch_size", (32, 64, 128))


def test_every_combination_with_every_seed_in_order() -> None:
    sweep = Sweep(BASE, (OPTIMIZERS, BATCHES), seeds=2)
    found = [(r.config.optimizer, r.config.batch_size, r.config.seed) for r in sweep.runs()]
    assert sweep.size == 12
    assert found == [
        ("sgd", 32, 5), ("sgd", 32, 6), ("sgd", 64, 5), ("sgd", 64, 6), ("sgd", 128, 5), ("sgd", 128, 6),
        ("adam", 32, 5), ("adam", 32, 6), ("adam", 64, 5), ("adam", 64, 6), ("adam", 128, 5), ("adam", 128, 6),
    ]  # fmt: skip
    assert list(sweep.named_runs())[:2] == ["SGD, batch size 32", "SGD, batch size 64"]
    for request in sweep.runs():  # nothing else is touched
        config = replace(request.config, optimizer="adam", batch_size=64, seed=5)
        assert replace(request, config=config) == BASE


def test_without_axes_it_repeats_the_configuration() -> None:
    runs = Sweep(BASE, seeds=3).runs()
    assert [run.config.seed for run in runs] == [5, 6, 7]
    assert list(Sweep(BASE, seeds=3).named_runs()) == ["LeNet_tiny"]
    assert Sweep(BASE).runs() == (BASE,)


def test_a_combination_that_cannot_be_trained_is_left_out_with_its_sentence() -> None:
    sweep = Sweep(BASE, (Axis("learning_rate", (0.1, -1.0)), Axis("network", (BASE.network, EMPTY))), seeds=2)
    assert [run.config.learning_rate for run in sweep.runs()] == [0.1, 0.1]
    refused = sweep.refusals()
    assert [each.name for each in refused] == [
        "learning rate 0.1, My network",
        "learning rate -1, LeNet_tiny",
        "learning rate -1, My network",
    ]
    assert refused[1].sentence == "The learning rate is -1.0; allowed is any number above 0."
    assert refused[0].sentence
    with pytest.raises(ValueError, match="None of these runs can be trained"):
        Sweep(BASE, (Axis("learning_rate", (-1.0, -2.0)),)).runs()


@pytest.mark.parametrize(
    ("sweep", "sentence"),
    [
        (Sweep(BASE, (BATCHES,), seeds=34), f"These are 102 runs; allowed are {MOST_RUNS}"),
        (Sweep(BASE, (Axis("epochs", (3,)),)), "Number of epochs: choose two different values"),
        (Sweep(BASE, (Axis("epochs", (3, 3)),)), "choose two different values"),
        (
            Sweep(BASE, (OPTIMIZERS, Axis("optimizer_usual", ("sgd", "adam")))),
            "The optimizer would be set twice",
        ),
        (Sweep(BASE, seeds=0), "The number of seeds is 0"),
        (
            Sweep(replace(BASE, config=TrainingConfig(seed=2**31 - 1)), seeds=2),
            "The last seed would be 2147483648",
        ),
        (
            Sweep(BASE, (OPTIMIZERS, BATCHES, Axis("epochs", (1, 2)), Axis("share", (0.1, 1.0)))),
            "4 settings are to vary; allowed are 3",
        ),
    ],
)
def test_what_a_sweep_refuses(sweep: Sweep, sentence: str) -> None:
    assert any(sentence in problem for problem in sweep.problems())
    assert sweep.refusals() == ()
    with pytest.raises(ValueError, match=sentence[:20]):
        sweep.runs()


def test_as_many_runs_as_are_allowed() -> None:
    assert len(Sweep(BASE, seeds=MOST_RUNS).runs()) == 100


def test_the_store_takes_all_runs_of_a_sweep_or_none(store: RunStore) -> None:
    sweep = Sweep(BASE, (OPTIMIZERS, Axis("augmentation", ((), NAMED_PLANS["flips"].plan))), seeds=2)
    added = store.add_sweep(sweep.named_runs(), owner="someone")
    assert [run.request for run in added] == list(sweep.runs())
    assert len({run.sweep for run in added}) == 1 and added[0].sweep
    assert added[2].name == "SGD, augmentation Flips"
    assert {run.owner for run in added} == {"someone"}
    wrong = replace(BASE, config=TrainingConfig(epochs=0))
    with pytest.raises(ValueError, match="number of epochs"):
        store.add_sweep({"good": [BASE, BASE], "bad": [wrong]})
    assert len(store.runs()) == len(added)
    assert store.add_sweep({"other": [BASE]})[0].sweep != added[0].sweep


def test_a_sweep_that_is_asked_for_twice_with_one_key_is_there_once(store: RunStore) -> None:
    sweep = Sweep(BASE, (OPTIMIZERS,), seeds=2)
    added = store.add_sweep(sweep.named_runs(), key="a press")
    again = store.add_sweep(sweep.named_runs(), key="a press")
    assert [run.id for run in again] == [run.id for run in added]
    assert len(store.runs()) == len(added) == 4
    assert store.add_sweep(sweep.named_runs(), key="another press")[0].sweep != added[0].sweep
