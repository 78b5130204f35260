"""Configuration, requests, optimizers, devices: what a person chooses."""

import json
import math
from pathlib import Path

import pytest
import torch
from torch import nn

from core.data import catalogue
from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Augmentation
from core.data.normalisation import Normalisation
from core.data.splits import split
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import device
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig
from core.training.optimizers import OPTIMIZERS, learning_rate, set_learning_rate
from core.training.runs.requests import request_from_json, request_to_json
from core.training.setup import set_up
from core.training.workers import local_keeper


def test_the_defaults_have_no_problems() -> None:
    assert RunRequest(NAMED_NETWORKS["LeNet"], DataChoice(), TrainingConfig()).problems() == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (DataChoice(share=0), "share of the training data is 0"),
        (DataChoice(share=1.5), "share of the training data is 1.5"),
        (DataChoice(share=math.nan), "share of the training data is nan"),
        (DataChoice(validation_share=1), "validation share is 1"),
        (DataChoice(split_seed=-1), "seed is -1"),
        (DataChoice(augmentation=(Augmentation("flip", 2.0),)), "Horizontal flip: the probability is 2"),
        (DataChoice(image=(2, 28)), "allowed are 1 or 3 channels"),
        (DataChoice(image=(3, 224)), "sides of 8 to 64 pixels"),
        (TrainingConfig(epochs=0), "epochs is 0"),
        (TrainingConfig(batch_size=10_000), "batch size is 10000"),
        (TrainingConfig(optimizer="lion"), "allowed are sgd, momentum, nesterov, adam, adamw"),
        (TrainingConfig(learning_rate=-1.0), "learning rate is -1.0"),
        (TrainingConfig(learning_rate=math.inf), "learning rate is inf"),
        (TrainingConfig(weight_decay=-0.1), "weight decay is -0.1"),
        (TrainingConfig(seed=2**31), "seed is 2147483648"),
        (TrainingConfig(device="tpu"), "allowed are auto, cuda, mps, cpu"),
    ],
)
def test_each_wrong_setting_gets_its_sentence(wrong: DataChoice | TrainingConfig, words: str) -> None:
    (sentence,) = wrong.problems()
    assert words in sentence and sentence.endswith(".")


@pytest.mark.parametrize("name", NAMED_NETWORKS)
def test_a_request_survives_json(name: str) -> None:
    request = RunRequest(
        NAMED_NETWORKS[name],
        DataChoice("silhouettes", 0.1, 0.2, 3, (3, 32), True, NAMED_PLANS["mod-3"].plan),
        TrainingConfig(
            7, 90.0, 32, "adamw", 0.1, "cosine", 0.2, 0.01, 1e-5, 0.1, 5.0, "float32", 4, 5, False
        ),
        Fork("653a6c79", 12, "adam"),
    )
    assert request_from_json(request_to_json(request)) == request


def test_a_request_that_was_stored_before_there_was_augmentation_is_one_without() -> None:
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice(), TrainingConfig())
    stored = json.loads(request_to_json(request))
    del stored["data"]["augmentation"]
    assert request_from_json(json.dumps(stored)) == request


@pytest.mark.parametrize("plan", [[1], [{"kind": "flip"}], {"kind": "flip"}, 3])
def test_an_augmentation_that_is_none_is_refused(plan: object) -> None:
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice(), TrainingConfig())
    stored = json.loads(request_to_json(request))
    stored["data"]["augmentation"] = plan
    with pytest.raises(ValueError, match="not a run request"):
        request_from_json(json.dumps(stored))


def test_a_request_of_before_there_were_image_formats_can_be_read() -> None:
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig())
    parts = json.loads(request_to_json(request))
    del parts["data"]["image"]
    assert request_from_json(json.dumps(parts)) == request


def test_a_run_is_given_images_in_the_format_that_it_asks_for(silhouettes: Path) -> None:
    network = NetworkSpec("flat", (layer("Flatten"), layer("Linear", out_features=10)))
    choice = DataChoice("silhouettes", share=0.01, image=(3, 16))
    request = RunRequest(network, choice, TrainingConfig(device="cpu"))
    setup = set_up(request, catalogue.load(choice.dataset, choice.image))
    pixels, _ = next(setup.training.in_order())
    assert pixels.shape[1:] == (3, 16, 16)
    assert setup.model(pixels).shape == (len(pixels), 10)
    chosen = catalogue.load("silhouettes", (3, 16)).train
    train = split(chosen.labels, 0.01, choice.validation_share).train
    # measured on this run's own training images, and those alone
    assert setup.training.normalisation == Normalisation.of(chosen.pixels[train])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"network": 1}', '{"network": {}, "data": {}, "config": {}}']
)
def test_json_that_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        request_from_json(text)


def after_two_steps(name: str, decay: float) -> float:
    """The weight 2 after two steps at rate 0.1 on the gradients 0.5 and −1."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 2.0)
    optimizer = OPTIMIZERS[name].of(model, 0.1, decay)
    for gradient in (0.5, -1.0):
        model.weight.grad = torch.full((1, 1), gradient)
        optimizer.step()
    return model.weight.item()


def adam(first: float, second: float) -> tuple[float, float]:
    """Both steps by the formula in OPTIMIZERS, from gradients that may hold the decay already."""
    m = 0.1 * first
    v = 0.001 * first**2
    one = 0.1 * (m / 0.1) / (math.sqrt(v / 0.001) + 1e-8)
    m = 0.9 * m + 0.1 * second
    v = 0.999 * v + 0.001 * second**2
    two = 0.1 * (m / (1 - 0.9**2)) / (math.sqrt(v / (1 - 0.999**2)) + 1e-8)
    return one, two


def test_each_optimizer_updates_by_its_formula() -> None:
    """By hand, from the formulas that the page shows."""
    assert after_two_steps("sgd", 0) == pytest.approx(2 - 0.1 * 0.5 + 0.1 * 1)
    assert after_two_steps("sgd", 0.5) == pytest.approx(
        1.85 - 0.1 * (-1 + 0.5 * 1.85)
    )  # 2 − 0.1·(0.5 + 0.5·2)
    assert after_two_steps("momentum", 0) == pytest.approx(2 - 0.1 * 0.5 - 0.1 * (0.9 * 0.5 - 1))
    one, two = adam(0.5, -1.0)
    assert after_two_steps("adam", 0) == pytest.approx(2 - one - two)
    assert after_two_steps("adamw", 0) == pytest.approx(2 - one - two)
    decayed = 2 * (1 - 0.1 * 0.5) - one
    assert after_two_steps("adamw", 0.5) == pytest.approx(decayed * (1 - 0.1 * 0.5) - two)
    one, _ = adam(1.5, 0.0)
    _, two = adam(1.5, -1 + 0.5 * (2 - one))
    assert after_two_steps("adam", 0.5) == pytest.approx(2 - one - two)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_are_fused_and_their_rate_can_change(name: str) -> None:
    optimizer = OPTIMIZERS[name].of(nn.Linear(2, 2), 0.25, 0.0)
    assert optimizer.param_groups[0].get("fused", False) is OPTIMIZERS[name].fused
    assert learning_rate(optimizer) == 0.25
    set_learning_rate(optimizer, 0.5)
    assert learning_rate(optimizer) == 0.5


def test_the_fastest_device_that_is_there_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device.resolve("cpu") == torch.device("cpu")
    assert device.resolve("auto").type == device.available()[0]
    assert device.available()[-1] == "cpu"
    assert device.describe(torch.device("cpu")).startswith("CPU (")
    with pytest.raises(ValueError, match=r"'abacus' is not here; this machine has .*cpu"):
        device.resolve("abacus")
    fake = {**device.DEVICES, "mps": device.DeviceKind("MPS", lambda: True, lambda: "MPS")}
    monkeypatch.setattr(device, "DEVICES", {"mps": fake["mps"], "cpu": fake["cpu"]})
    assert device.resolve("auto").type == "mps"


@pytest.mark.parametrize(
    ("cores", "cuda", "chosen", "expected"),
    [
        (1, False, "", 1),
        (2, False, "", 1),
        (8, False, "", 1),
        (16, False, "", 3),
        (16, True, "", 4),
        (2, False, "6", 6),
    ],
)
def test_how_many_runs_at_once(
    cores: int, cuda: bool, chosen: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_keeper, "cores", lambda: cores)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(local_keeper, "MEMORY", 64 * 2**30)
    monkeypatch.setenv("AUTOGRAD_LAB_RUNS", chosen)
    assert local_keeper.runs_at_once() == expected


@pytest.mark.parametrize(
    ("cores", "at_once", "chosen", "expected"),
    [(2, 1, "", 1), (1, 1, "", 1), (16, 3, "", 5), (2, 1, "2", 2), (8, 1, "none", 7), (8, 1, "0", 7)],
)
def test_how_many_threads_a_run_gets(
    cores: int, at_once: int, chosen: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_keeper, "cores", lambda: cores)
    monkeypatch.setenv("AUTOGRAD_LAB_THREADS", chosen)
    assert local_keeper.threads_a_run(at_once) == expected


@pytest.mark.parametrize(
    ("gibibytes", "gpu", "expected"),
    [(64, False, 7), (8, False, 3), (4, False, 1), (1, False, 1), (64, True, 4), (8, True, 3)],
)
def test_how_many_runs_a_machine_of_32_cores_carries(gibibytes: int, gpu: bool, expected: int) -> None:
    """Four cores a run and one for the pages, or four runs on the GPU; 2 GiB a run and for the pages."""
    assert local_keeper.carried(32, gibibytes * 2**30, gpu) == expected
