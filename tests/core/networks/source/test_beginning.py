"""Initial weights and the frozen body, as programs write them."""

import ast
import statistics
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.gallery.pretrained import resnet18
from core.networks.initialisation import INITIALISATIONS, initialise
from core.networks.kinds import layer
from core.networks.source import to_source
from core.networks.source.beginning import RULES
from core.networks.spec import NetworkSpec
from core.networks.weights import PRETRAINED_NAMES
from tests.core.networks.source.programs import run
from tests.core.networks.strategies import IMAGE

NAMES = ["LeNet_tiny", "Small ResNet", "Small MobileNet"]


def test_every_rule_can_be_written() -> None:
    assert {"default", *RULES} == set(INITIALISATIONS)
    assert "init_weights" not in to_source(NAMED_NETWORKS["LeNet"], IMAGE)


@pytest.mark.parametrize("dialect", ["pytorch", "lightning"])
@pytest.mark.parametrize("rule", RULES)
def test_the_program_draws_the_same_weights(rule: str, dialect: str) -> None:
    for name in NAMES:
        spec = replace(NAMED_NETWORKS[name], weights=rule)
        names = run(to_source(spec, IMAGE, dialect))
        built, model = build(spec, IMAGE), names["model"]
        torch.manual_seed(1)
        initialise(built, rule)
        torch.manual_seed(1)
        model.apply(names["init_weights"])
        pairs = zip(model.parameters(), built.parameters(), strict=True)
        assert all(torch.equal(own, ours) for own, ours in pairs)


def test_the_program_applies_the_rule_itself() -> None:
    model = run(to_source(replace(NAMED_NETWORKS["LeNet"], weights="constant"), IMAGE))["model"]
    assert model[0].weight.unique().tolist() == [pytest.approx(0.01)]
    assert model[0].bias.unique().tolist() == [0]


@pytest.mark.parametrize("rule", RULES)
def test_keras_draws_with_the_same_deviation(rule: str) -> None:
    spec = NetworkSpec(
        "x",
        (
            layer("Conv2d", out_channels=48, kernel=5),
            layer("SeparableConv2d", out_channels=96, kernel=5),
            layer("Flatten"),
            layer("Linear"),
        ),
        weights=rule,
    )
    model = run(to_source(spec, IMAGE, "keras"))["model"]
    built = build(spec, IMAGE)
    initialise(built, rule)
    ours = [weight for weight in built.parameters() if weight.ndim > 1]
    theirs = [weight for weight in model.trainable_weights if "kernel" in weight.name]
    for own, their in zip(ours, theirs, strict=True):
        assert deviation(their.value) == pytest.approx(deviation(own), rel=0.15, abs=1e-6)


def deviation(weight: torch.Tensor) -> float:
    return statistics.pstdev(weight.flatten().tolist()[:20_000])


@pytest.mark.parametrize("dialect", ["pytorch", "lightning"])
@pytest.mark.parametrize("name", NAMES)
def test_a_frozen_network_trains_its_head_alone(name: str, dialect: str) -> None:
    model = run(to_source(replace(NAMED_NETWORKS[name], frozen=True), IMAGE, dialect))["model"]
    trained = [path for path, parameter in model.named_parameters() if parameter.requires_grad]
    assert trained == [path for path, _ in model.named_parameters()][-2:]
    norms = [m for m in model.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert not any(norm.training for norm in norms)


@pytest.mark.parametrize("name", ["LeNet_tiny", "Small ResNet"])
def test_a_frozen_network_in_keras(name: str) -> None:
    model = run(to_source(replace(NAMED_NETWORKS[name], frozen=True), IMAGE, "keras"))["model"]
    assert [weight.name for weight in model.trainable_weights] == ["kernel", "bias"]
    assert model.trainable_weights[1].shape == (10,)


def test_a_network_without_its_head_says_that_nothing_is_frozen() -> None:
    spec = NetworkSpec("x", (layer("Conv2d"), layer("Conv2d", kernel=31), layer("Linear")), frozen=True)
    source = to_source(spec, IMAGE)
    assert "# No weights are loaded or frozen here" in source
    assert all(parameter.requires_grad for parameter in run(source)["model"].parameters())


@pytest.mark.parametrize("dialect", ["pytorch", "lightning", "keras"])
def test_a_pretrained_network_runs_without_a_network_and_says_what_it_lacks(dialect: str) -> None:
    source = to_source(resnet18(), IMAGE, dialect)
    hint = "# These weights are random" if dialect == "keras" else "# load_pretrained(model)"
    assert hint in source
    names: dict[str, Any] = run(source)
    assert tuple(names["logits"].shape) == (2, 10)


@pytest.mark.parametrize("dialect", ["pytorch", "lightning"])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_hint_for_pretrained_weights_works(
    channels: int, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torchvision.models

    published = torchvision.models.resnet18(weights=None)
    for tensor in published.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    asked: list[tuple[str, str]] = []

    def get_model(name: str, weights: str) -> torch.nn.Module:
        asked.append((name, weights))
        return published

    monkeypatch.setattr(torchvision.models, "get_model", get_model)
    names = run(to_source(resnet18(), (channels, 28, 28), dialect))
    head = list(names["model"].state_dict().values())[-2].clone()
    names["load_pretrained"](names["model"])
    own = list(names["model"].state_dict().values())
    theirs = list(published.state_dict().values())
    assert asked == [("resnet18", "DEFAULT")] and "resnet18" in PRETRAINED_NAMES
    first = theirs[0].sum(dim=1, keepdim=True) if channels == 1 else theirs[0]
    assert torch.equal(own[0], first)
    assert all(torch.equal(one, other) for one, other in zip(own[1:-2], theirs[1:-2], strict=True))
    assert torch.equal(own[-2], head)


def test_the_pretrained_hint_is_valid_python() -> None:
    source = to_source(resnet18(), IMAGE)
    assert ast.parse(source.replace("# load_pretrained(model)", "load_pretrained(model)"))
