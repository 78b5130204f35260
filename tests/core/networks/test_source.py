"""The generated programs run on their own and make the same network."""

import ast
from typing import Any

import pytest
import torch
from hypothesis import given, settings

from core.networks.analysis import analyse
from core.networks.build import build
from core.networks.edit import append, enable
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import LAYER_KINDS, layer
from core.networks.source import to_source
from core.networks.spec import NetworkSpec
from tests.core.networks.strategies import IMAGE, fitting


def run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 (our own text, made from a checked spec)
    return names


def check_program(spec: NetworkSpec) -> None:
    names = run(to_source(spec, IMAGE))
    built = build(spec, IMAGE)
    model = names["model"]
    weights = list(built.state_dict().values())
    assert [one.shape for one in model.state_dict().values()] == [one.shape for one in weights]
    assert names["logits"].shape == (2, 10)
    model.load_state_dict(dict(zip(model.state_dict(), weights, strict=True)))
    images = torch.randn(2, *IMAGE)
    assert torch.equal(model.eval()(images), built.eval()(images))


@pytest.mark.parametrize("spec", list(NAMED_NETWORKS.values()), ids=lambda spec: spec.name)
def test_named_networks(spec: NetworkSpec) -> None:
    check_program(spec)


@settings(max_examples=30, deadline=None)
@given(spec=fitting())
def test_random_networks(spec: NetworkSpec) -> None:
    check_program(spec)


def test_it_reads_as_people_write_it() -> None:
    source = to_source(NAMED_NETWORKS["FashionCNN"], IMAGE)
    assert "    nn.Conv2d(1, 32, kernel_size=3, padding=1),  # conv1: 32 × 28 × 28\n" in source
    assert "    nn.BatchNorm2d(32), " in source
    assert "    nn.MaxPool2d(2), " in source
    assert "    nn.Dropout(p=0.25), " in source
    assert "# flatten1: 2,304\n" in source
    assert "inplace" not in source and "stride" not in source


def test_a_named_setting_is_written_only_where_it_differs() -> None:
    spec = NetworkSpec(
        "x",
        (
            layer("MaxPool2d", kernel=3, stride=3),
            layer("Conv2d", kernel=1, bias=False),
            layer("Dropout"),
            layer("AvgPool2d", stride=1),
            layer("GlobalAvgPool"),
            layer("Flatten"),
            layer("Linear"),
        ),
    )
    source = to_source(spec, IMAGE)
    assert "nn.MaxPool2d(3)," in source
    assert "nn.Conv2d(1, 32, kernel_size=1, bias=False)," in source
    assert "nn.Dropout()," in source
    assert "nn.AvgPool2d(2, stride=1)," in source
    assert "nn.AdaptiveAvgPool2d(1)," in source
    check_program(spec)


def test_every_kind_can_be_written() -> None:
    for kind in LAYER_KINDS.values():
        before = (layer("Flatten"),) if kind.rank == 1 else ()
        spec = NetworkSpec("x", (*before, layer(kind.name), layer("Flatten"), layer("Linear")))
        assert analyse(spec, IMAGE).problems == ()
        check_program(spec)


def test_a_disabled_layer_is_left_out() -> None:
    spec = enable(NAMED_NETWORKS["LeNet"], (1,), False)
    assert "relu1" not in to_source(spec, IMAGE)
    check_program(spec)


def test_a_network_with_a_problem_is_written_up_to_it_and_still_runs() -> None:
    layers = NAMED_NETWORKS["LeNet"].layers
    source = to_source(NetworkSpec("x", (*layers[:6], layer("Conv2d", kernel=9), *layers[6:])), IMAGE)
    assert "# conv3 and what follows are left out: The 9 × 9 kernel is larger" in source
    assert run(source)["outputs"].shape == (2, 50, 4, 4)


def test_the_empty_network_is_a_program_too() -> None:
    assert run(to_source(EMPTY, IMAGE))["outputs"].shape == (2, *IMAGE)


@pytest.mark.parametrize("name", ["a\nimport os", "\r", "'''", '"', "\u2028x = 1"])
def test_a_name_stays_inside_its_comment(name: str) -> None:
    source = to_source(NetworkSpec(name, NAMED_NETWORKS["LeNet"].layers), IMAGE)
    plain = to_source(NAMED_NETWORKS["LeNet"], IMAGE)
    assert ast.dump(ast.parse(source)) == ast.dump(ast.parse(plain))


def test_an_unknown_dialect_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown dialect 'fortran', allowed are pytorch"):
        to_source(append(EMPTY, layer("ReLU")), IMAGE, dialect="fortran")
