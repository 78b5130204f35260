"""Each setting that can be swept: what is put into a request is found there again, and nothing else changes."""

from dataclasses import replace

import pytest

from core.data.augmentation.named import NAMED_PLANS
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.sweeps.settings import SWEPT, network_choices, read_all, varying

BASE = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig())
# settings that need another one to be of effect
BASES = {"stopping_layers": replace(BASE, config=replace(BASE.config, first_learns=0.5))}


def two_values(name: str) -> tuple[object, ...]:
    setting = SWEPT[name]
    return setting.choices[:2] if setting.choices else read_all(setting, setting.example)[1:3]


@pytest.mark.parametrize("name", SWEPT)
def test_a_value_that_is_put_is_found_again_and_told_apart(name: str) -> None:
    setting = SWEPT[name]
    requests = [setting.put(BASES.get(name, BASE), value) for value in two_values(name)]
    assert [setting.get(request) for request in requests] == list(two_values(name))
    assert all(request.problems() == [] for request in requests)
    assert len({setting.words(value) for value in two_values(name)}) == 2
    assert varying(requests) == (name,)


def test_every_choice_has_words_of_its_own() -> None:
    for setting in SWEPT.values():
        assert len({setting.text(value) for value in setting.choices}) == len(setting.choices)


def test_typed_values_are_read_once_each_and_refused_with_an_example() -> None:
    assert read_all(SWEPT["batch_size"], "16, 64;64 256") == (16, 64, 256)
    assert read_all(SWEPT["learning_rate"], "0.1 1e-3") == (0.1, 0.001)
    assert read_all(SWEPT["share"], "1% 10 100") == (0.01, 0.1, 1.0)
    assert read_all(SWEPT["epochs"], " ") == ()
    with pytest.raises(ValueError, match=r"Batch size: “6.5” can't be read; .* like 16 64 256\."):
        read_all(SWEPT["batch_size"], "16 6.5")


def test_optimizers_at_their_usual_rates_are_one_setting() -> None:
    usual = SWEPT["optimizer_usual"]
    requests = [usual.put(BASE, name) for name in ("sgd", "adam")]
    assert [(r.config.optimizer, r.config.learning_rate) for r in requests] == [
        ("sgd", 0.05),
        ("adam", 0.001),
    ]
    assert varying(requests) == ("optimizer_usual",)
    assert usual.words("sgd") == "SGD at 0.05"
    grid = [SWEPT["learning_rate"].put(request, rate) for rate in (0.05, 0.001) for request in requests]
    assert varying(grid) == ("learning_rate", "optimizer")  # the outer one first


def test_the_plan_of_an_augmentation_is_called_by_its_name_in_any_order() -> None:
    plan = NAMED_PLANS["crops-and-flips"].plan
    assert SWEPT["augmentation"].text(plan[::-1]) == "Crops and flips"
    assert SWEPT["augmentation"].text(plan[:1] * 2) == "your own plan"


def test_an_own_network_comes_first_and_once() -> None:
    own = NAMED_NETWORKS["LeNet"]
    assert network_choices(own)[0] == own
    assert len(network_choices(own, own)) == len(NAMED_NETWORKS)
