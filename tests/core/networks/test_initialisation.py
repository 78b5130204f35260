"""Initialisations: each rule against its own formula, determinism, and what is left alone."""

import math

import pytest
import torch
from torch import nn

from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS, SHELVES, GalleryNetwork
from core.networks.initialisation import CONSTANT, INITIALISATIONS, Fans, build_anew, initialise
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, SpecError

IMAGE = (1, 28, 28)
LENET = NAMED_NETWORKS["LeNet"]
WIDE = nn.Linear(400, 600)  # fan-in 400, fan-out 600


def drawn(key: str, seed: int = 0, layer: nn.Module = WIDE) -> torch.Tensor:
    initialise(layer, key, torch.Generator().manual_seed(seed))
    weight = layer.weight
    assert isinstance(weight, torch.Tensor)
    return weight.detach().clone()


@pytest.mark.parametrize(
    ("key", "variance"),
    [
        ("glorot-uniform", 2 / (400 + 600)),
        ("glorot-normal", 2 / (400 + 600)),
        ("he-uniform", 2 / 400),
        ("he-normal", 2 / 400),
    ],
)
def test_the_variance_is_that_of_the_formula(key: str, variance: float) -> None:
    weight = drawn(key)
    # of 240,000 numbers the variance is known to about 0.3 %, the mean to σ/490
    assert weight.var().item() == pytest.approx(variance, rel=0.02)
    assert abs(weight.mean().item()) < 5 * math.sqrt(variance / weight.numel())


@pytest.mark.parametrize(("key", "bound"), [("glorot-uniform", 6 / 1000), ("he-uniform", 6 / 400)])
def test_uniform_weights_reach_just_to_the_bound_of_the_formula(key: str, bound: float) -> None:
    largest = drawn(key).abs().max().item()
    assert 0.999 * math.sqrt(bound) < largest <= math.sqrt(bound)


@pytest.mark.parametrize("key", ["glorot-normal", "he-normal"])
def test_normal_weights_have_the_kurtosis_of_a_normal_distribution(key: str) -> None:
    weight = drawn(key).double()
    assert ((weight / weight.std()) ** 4).mean().item() == pytest.approx(3, abs=0.1)


def test_a_convolution_counts_its_kernel_in_the_fans() -> None:
    convolution = nn.Conv2d(30, 40, 5)  # fan-in 750, fan-out 1,000
    assert drawn("he-normal", layer=convolution).var().item() == pytest.approx(2 / 750, rel=0.05)
    assert drawn("glorot-normal", layer=convolution).var().item() == pytest.approx(2 / 1750, rel=0.05)


@pytest.mark.parametrize("key", INITIALISATIONS)
@pytest.mark.parametrize("layer", [WIDE, nn.Conv2d(30, 40, 5), nn.Linear(300, 20)], ids=str)
def test_the_stated_deviation_is_that_of_the_drawn_weights(key: str, layer: nn.Conv2d | nn.Linear) -> None:
    generator = torch.Generator().manual_seed(0)
    build_anew(layer, generator)
    initialise(layer, key, generator)
    stated = INITIALISATIONS[key].deviation(Fans.of(layer.weight.shape))
    assert layer.weight.std().item() == pytest.approx(stated, rel=0.03, abs=1e-9)


def test_the_fans_of_a_convolution_count_its_kernel() -> None:
    fans = Fans.of((40, 30, 5, 5))
    assert (fans.inputs, fans.outputs, fans.rows) == (750, 1000, 40)


def test_orthogonal_rows_or_columns_are_orthonormal() -> None:
    tall = drawn("orthogonal")  # 600 × 400
    torch.testing.assert_close(tall.T @ tall, torch.eye(400), atol=1e-4, rtol=0)
    flat = drawn("orthogonal", layer=nn.Conv2d(30, 40, 5)).reshape(40, 750)
    torch.testing.assert_close(flat @ flat.T, torch.eye(40), atol=1e-4, rtol=0)


def test_zeros_and_constant() -> None:
    assert (drawn("zeros") == 0).all()
    assert (drawn("constant") == CONSTANT).all()


@pytest.mark.parametrize("key", INITIALISATIONS)
def test_biases_become_zero_but_for_the_default(key: str) -> None:
    model = build(LENET, IMAGE)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    initialise(model, key)
    for name, value in model.state_dict().items():
        if key == "default":
            assert torch.equal(value, before[name])
        elif name.endswith("bias"):
            assert (value == 0).all()
        else:
            assert not torch.equal(value, before[name])


@pytest.mark.parametrize("key", INITIALISATIONS)
def test_normalisation_layers_stay_as_they_are(key: str) -> None:
    norm = nn.BatchNorm2d(3)
    with torch.no_grad():
        norm.weight.fill_(0.5)
        norm.bias.fill_(0.25)
    initialise(nn.Sequential(nn.Conv2d(1, 3, 3), norm), key)
    assert (norm.weight == 0.5).all() and (norm.bias == 0.25).all()


@pytest.mark.parametrize("key", INITIALISATIONS)
def test_the_seed_decides(key: str) -> None:
    if key == "default":
        return
    assert torch.equal(drawn(key, 1), drawn(key, 1))
    assert torch.equal(drawn(key, 1), drawn(key, 2)) == (key in {"zeros", "constant"})
    torch.manual_seed(1)
    initialise(WIDE, key)
    assert torch.equal(WIDE.weight, drawn(key, 1))


def test_layers_without_bias_and_inside_blocks_are_reached() -> None:
    spec = NetworkSpec(
        "block",
        (
            layer("Residual", (layer("Conv2d", out_channels=4, padding="same", bias=False), layer("ReLU"))),
            layer("Flatten"),
            layer("Linear"),
        ),
    )
    model = build(spec, IMAGE)
    initialise(model, "constant")
    weights = [value for name, value in model.named_parameters() if "weight" in name]
    assert len(weights) == 3  # the body's, the projection's, the head's
    assert all((weight == CONSTANT).all() for weight in weights)


@pytest.mark.parametrize(
    "one", [one for shelf in SHELVES.values() for one in shelf], ids=lambda one: one.spec.name
)
def test_building_anew_gives_what_building_after_a_seed_gives(one: GalleryNetwork) -> None:
    torch.manual_seed(7)
    model = build(one.spec, one.image)
    wanted = [parameter.detach().clone() for parameter in model.parameters()]
    wanted_next = torch.rand(3)

    generator = torch.Generator().manual_seed(7)
    state = torch.get_rng_state()
    build_anew(model, generator)
    assert torch.equal(torch.get_rng_state(), state)  # global random numbers are left alone
    for parameter, value in zip(model.parameters(), wanted, strict=True):
        assert torch.equal(parameter, value)
    assert torch.equal(torch.rand(3, generator=generator), wanted_next)


def test_an_unknown_rule_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SpecError, match=r"'xavier'.*default, glorot-uniform.*constant"):
        initialise(WIDE, "xavier")


def test_the_table_says_all_that_a_page_shows() -> None:
    for key, rule in INITIALISATIONS.items():
        assert rule.key == key
        assert rule.explanation.endswith(".") and rule.formula and rule.label and rule.source
