"""Which settings differ, and how they are called."""

from dataclasses import dataclass, replace

import pytest

from core.data.augmentation.plan import Augmentation
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, Fork, TrainingConfig
from core.training.reports.settings import apart_from_seed, differing, settings_of, words
from tests.core.training.reports.made import made_run


def told(*runs: object) -> dict[str, tuple[str, ...]]:
    return {each.label: each.texts for each in differing(runs)}  # type: ignore[arg-type]


def test_only_what_differs_is_told() -> None:
    first = made_run(1, TrainingConfig(optimizer="sgd", learning_rate=0.05))
    second = made_run(2, TrainingConfig(optimizer="adam", learning_rate=1e-3))
    third = made_run(3, TrainingConfig(optimizer="adam", learning_rate=0.05))
    assert told(first, second, third) == {
        "optimizer": ("SGD", "Adam", "Adam"),
        "learning rate": ("0.05", "0.001", "0.05"),
    }
    assert told(second, third) == {"learning rate": ("0.001", "0.05")}
    assert told(first) == told(first, first) == told() == {}


@pytest.mark.parametrize(
    ("changed", "label", "text"),
    [
        ({"epochs": 1200}, "number of epochs", "1,200"),
        ({"seconds": 30.0}, "limit of time", "30 s"),
        ({"schedule": "one-cycle"}, "schedule of the rate", "One cycle"),
        ({"warm_up": 0.2}, "warm up", "20 %"),
        ({"weight_decay": 5e-4}, "weight decay", "0.0005"),
        ({"label_smoothing": 0.1}, "label smoothing", "0.1"),
        ({"clip_norm": 1.0}, "longest gradient", "1"),
        ({"precision": "bfloat16"}, "precision", "bfloat16, mixed"),
        ({"patience": 3}, "patience", "3 epochs"),
        ({"shuffle": False}, "shuffling of the images", "no"),
        ({"seed": 7}, "seed", "7"),
    ],
)
def test_each_setting_of_the_training_has_its_words(changed: dict, label: str, text: str) -> None:
    usual = made_run(1)
    assert told(usual, made_run(2, replace(TrainingConfig(), **changed))).get(label, ("", ""))[1] == text


def test_settings_of_the_data() -> None:
    usual = made_run(1)
    other = made_run(2, data=DataChoice("fashion-mnist", share=0.01, split_seed=3))
    assert told(usual, other) == {
        "data set": ("Silhouettes", "Fashion-MNIST"),
        "share of the data": ("100 %", "1 %"),
        "seed of the split": ("0", "3"),
    }


def test_augmentation_and_the_images_format_have_their_words() -> None:
    plan = (Augmentation("flip", 0.5), Augmentation("rotation", 1.0, -15, 15))
    other = made_run(2, data=DataChoice("silhouettes", image=(3, 32), augmentation=plan))
    assert told(made_run(1), other) == {
        "format of the images": ("as they are", "3 × 32 × 32"),
        "augmentation": ("none", "horizontal flip, 50 %; rotation -15 to 15°"),
    }


def test_networks_differ_by_their_layers_not_by_their_names() -> None:
    lenet = made_run(1)
    spec = lenet.request.network
    renamed = replace(lenet, request=replace(lenet.request, network=replace(spec, name="mine")))
    assert told(lenet, renamed) == {}
    asleep = replace(layer("ReLU"), enabled=False)
    switched = replace(spec, layers=(*spec.layers, asleep))
    assert told(lenet, replace(lenet, request=replace(lenet.request, network=switched))) == {}
    assert told(lenet, made_run(2, network="LeNet_tiny")) == {"network": ("LeNet", "LeNet_tiny")}


def with_network(number: int, spec: NetworkSpec, parameters: int) -> object:
    run = made_run(number, parameters=parameters)
    return replace(run, request=replace(run.request, network=spec))


def test_other_networks_of_one_name_are_told_apart() -> None:
    lenet = NAMED_NETWORKS["LeNet"]
    smaller = NetworkSpec("LeNet", lenet.layers[:-1])
    assert told(with_network(1, lenet, 431_080), with_network(2, smaller, 426_070)) == {
        "network": ("LeNet (431,080 parameters)", "LeNet (426,070 parameters)")
    }
    tanh = NetworkSpec("LeNet", tuple(layer("Tanh") if one.kind == "ReLU" else one for one in lenet.layers))
    assert told(with_network(1, lenet, 7), with_network(2, tanh, 7))["network"] == (
        "LeNet (7 parameters) (run 1)",
        "LeNet (7 parameters) (run 2)",
    )


def test_a_fork_says_where_it_begins() -> None:
    parent, child = made_run(4), made_run(5, fork=Fork("run4", 1200, "adam"))
    assert told(parent, child) == {"beginning": ("a start of its own", "run 4 at step 1,200")}
    assert told(made_run(6), child) == {"beginning": ("a start of its own", "another run at step 1,200")}


def test_runs_that_differ_only_in_the_seed_belong_together() -> None:
    runs = [made_run(i, TrainingConfig(seed=i)) for i in range(3)]
    assert len({apart_from_seed(run.request) for run in runs}) == 1
    others = [
        made_run(4, TrainingConfig(epochs=7)),
        made_run(5, data=DataChoice("silhouettes", split_seed=1)),
        made_run(6, network="LeNet_tiny"),
    ]
    assert len({apart_from_seed(run.request) for run in (*runs, *others)}) == 4


@dataclass(frozen=True)
class Rotation:
    """A record of a kind that the settings do not know yet."""

    kind: str = "rotation"
    largest_angle: float = 15.0
    probability: float = 1.0


def test_values_of_any_kind_have_words() -> None:
    assert words((Rotation(), Rotation("shift", 0.1))) == (
        "rotation (largest angle 15, probability 1), shift (largest angle 0.1, probability 1)"
    )
    assert words((3, 32)) == "3 × 32"
    assert [words(value) for value in (None, (), True, "auto", 1000, 0.1)] == [
        "none",
        "none",
        "yes",
        "auto",
        "1,000",
        "0.1",
    ]


def test_every_setting_has_a_label_and_a_text() -> None:
    for setting in settings_of(made_run(1).request).values():
        assert setting.label and "_" not in setting.label
        assert isinstance(setting.text, str) and setting.text
