"""What is said about a block agrees with the module that is built, and with the numbers of its neighbours."""

import math
import re

import pytest
import torch

from core.networks.analysis import analyse
from core.networks.block_words import block_words, equation
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import LayerSpec, NetworkSpec

IMAGE = (1, 28, 28)


def conv(channels: int, **settings: int) -> LayerSpec:
    return layer("Conv2d", out_channels=channels, padding="same", **settings)


def words(block: LayerSpec, *after: LayerSpec, before: int = 16) -> list[tuple[str, str, str]]:
    head = (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))
    spec = NetworkSpec("one block", (conv(before), block, *after, *head))
    analysis = analyse(spec, IMAGE)
    assert analysis.problems == ()
    return [(one.title, one.equation, one.sentence) for one in block_words(analysis, (1,))]


def test_a_residual_block_beside_a_concatenation() -> None:
    (here, back, instead) = words(layer("Residual", (conv(16),)), layer("ReLU"), conv(32))
    assert here[1] == "y = F(x) + x: 16 × 28 × 28 + 16 × 28 × 28"
    assert "16 channels stay 16" in here[2]
    assert back[1] == "∂y/∂x = ∂F/∂x + 1"
    assert instead[1] == "y = [F(x), x]: 16 + 16 = 32 channels"
    # conv3 reads 32 channels instead of 16 with its 3 × 3 windows
    assert "conv3, 3 × 3 to 32, would need 9·32·32 = 9,216 weights, instead of 9·16·32 = 4,608." in instead[2]


def test_a_skip_beside_a_residual_connection() -> None:
    (here, back, instead) = words(layer("Skip", (conv(8),)), conv(32))
    assert here[1] == "y = [F(x), x]: 8 + 16 = 24 channels"
    assert "conv3, 3 × 3 to 32, needs 9·24·32 = 6,912 weights, instead of 9·8·32 = 2,304." in here[2]
    assert back[1] == "∂L/∂x = ∂L/∂y[:8] · ∂F/∂x + ∂L/∂y[8:]"
    assert "from 16 × 28 × 28 to 8 × 28 × 28" in instead[2]


def test_a_projection_is_said_and_a_concatenation_that_is_not_possible() -> None:
    (here, back, instead) = words(layer("Residual", (layer("Conv2d", out_channels=32, stride=2, padding=1),)))
    assert "a projection W with 544 parameters" in here[2]  # 1·1·16·32 + 32
    assert back[1] == "∂y/∂x = ∂F/∂x + W"
    assert "Not possible here" in instead[2]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        ("concatenate", "y = [F₁(x), F₂(x)]: 16 + 16 = 32 channels"),
        ("sum", "y = F₁(x) + F₂(x): 16 × 28 × 28 + 16 × 28 × 28"),
        ("product", "y = F₁(x) · F₂(x): 16 × 28 × 28 · 16 × 28 × 28"),
    ],
)
def test_parallel_branches(join: str, expected: str) -> None:
    points = words(layer("Parallel", (conv(16),), (), join=join))
    assert points[0][1] == expected
    assert len(points) == 3


def test_the_gradients_that_are_said_are_those_of_the_modules() -> None:
    """With F = 0 the residual block hands the gradient on as it is; the skip hands on the part that is x's."""
    for kind, rest in (("Residual", slice(None)), ("Skip", slice(8, None))):
        channels = 16 if kind == "Residual" else 8
        spec = NetworkSpec("n", (conv(16), layer(kind, (conv(channels),))))
        block = build_inner(spec)
        for parameter in block.parameters():
            torch.nn.init.zeros_(parameter)
        x = torch.randn(1, 16, 5, 5, requires_grad=True)
        y = block(x)
        upstream = torch.randn_like(y)
        y.backward(upstream)
        assert x.grad is not None and torch.allclose(x.grad, upstream[:, rest])


def build_inner(spec: NetworkSpec) -> torch.nn.Module:
    ends = (layer("GlobalAvgPool"), layer("Flatten"), layer("Linear"))
    whole = NetworkSpec(spec.name, (*spec.layers, *ends))
    row = analyse(whole, IMAGE).row((1,))
    assert row
    return build(whole, IMAGE).get_submodule(row.path)


@pytest.mark.parametrize(
    "name", [n for n, s in NAMED_NETWORKS.items() if any(one.branches for one in s.layers)]
)
def test_each_block_of_the_gallery_is_explained_with_sums_that_are_right(name: str) -> None:
    spec = NAMED_NETWORKS[name]
    analysis = analyse(spec, (3, 64, 64) if analyse(spec, IMAGE).problems else IMAGE)
    blocks = [row for row in analysis.rows if row.branch_shapes]
    assert blocks
    for row in blocks:
        points = block_words(analysis, row.place)
        assert len(points) == 3
        for text in (text for one in points for text in (one.equation, one.sentence)):
            for product, result in re.findall(r"([\d·]+·\d+) = ([\d,]+)", text):
                assert math.prod(map(int, product.split("·"))) == int(result.replace(",", ""))
            for total, result in re.findall(r"((?:\d+ \+ )+\d+) = ([\d,]+) channels", text):
                assert sum(map(int, total.split(" + "))) == int(result.replace(",", ""))


def test_behind_a_problem_only_the_equation_is_known() -> None:
    spec = NetworkSpec("n", (layer("Flatten"), conv(4), layer("Residual", (conv(4),))))
    analysis = analyse(spec, IMAGE)
    assert block_words(analysis, (2,)) == ()
    assert equation(analysis, (2,)) == "y = F(x) + x"
    many = layer("Parallel", (), (), (), (), ())
    assert equation(analyse(NetworkSpec("n", (many,)), IMAGE), (0,)) == "y = [F₁(x), F₂(x), …, F₅(x)]"
