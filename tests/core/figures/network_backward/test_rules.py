"""Each rule's formula against what the real node computes."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from core.figures.network_backward.rules import RULES, UNKNOWN, inputs_of, rule_for
from core.networks.analysis import analyse
from core.networks.backward_graph import backward_graph
from core.networks.backward_nodes import ACCUMULATE
from core.networks.gallery import GALLERY

T = torch.Tensor
Case = tuple[str, nn.Module, tuple[int, ...], list[tuple[str, Callable[[T, T, T], T]]]]


def sigma(x: T) -> T:
    return torch.sigmoid(x)


def normal(x: T) -> tuple[T, T]:
    """Φ and φ of N(0, 1)."""
    return (1 + torch.erf(x / 2**0.5)) / 2, torch.exp(-x * x / 2) / (2 * torch.pi) ** 0.5


def hat(x: T, over: tuple[int, ...]) -> tuple[T, T]:
    """x̂ and σ."""
    deviation = (x.var(over, unbiased=False, keepdim=True) + 1e-5).sqrt()
    return (x - x.mean(over, keepdim=True)) / deviation, deviation


def norm_x(over: tuple[int, ...], count: int) -> Callable[[T, T, T], T]:
    def formula(g: T, x: T, y: T) -> T:
        h, deviation = hat(x, over)
        total = count * g - g.sum(over, keepdim=True) - h * (g * h).sum(over, keepdim=True)
        return total / (count * deviation)  # γ is 1

    return formula


CHANNEL = (0, 2, 3)
CASES: list[Case] = [
    ("Relu", nn.ReLU(), (3, 4), [("g where y > 0, else 0", lambda g, x, y: torch.where(y > 0, g, 0 * g))]),
    ("Tanh", nn.Tanh(), (3, 4), [("g · (1 − y²)", lambda g, x, y: g * (1 - y * y))]),
    ("Sigmoid", nn.Sigmoid(), (3, 4), [("g · y · (1 − y)", lambda g, x, y: g * y * (1 - y))]),
    ("LeakyRelu", nn.LeakyReLU(0.2), (3, 4),
     [("g where x > 0, else slope · g", lambda g, x, y: torch.where(x > 0, g, 0.2 * g))]),
    ("Silu", nn.SiLU(), (3, 4),
     [("g · σ(x) · (1 + x · (1 − σ(x)))", lambda g, x, y: g * sigma(x) * (1 + x * (1 - sigma(x))))]),
    ("Gelu", nn.GELU(), (3, 4),
     [("g · (Φ(x) + x · φ(x)), with Φ and φ of N(0, 1)",
       lambda g, x, y: g * (normal(x)[0] + x * normal(x)[1]))]),
    ("Hardswish", nn.Hardswish(), (40, 4),
     [("0 below −3, g above 3, between them g · (2x + 3) / 6",
       lambda g, x, y: torch.where(x < -3, 0 * g, torch.where(x > 3, g, g * (2 * x + 3) / 6)))]),
    ("Hardsigmoid", nn.Hardsigmoid(), (40, 4),
     [("g / 6 between −3 and 3, else 0", lambda g, x, y: torch.where(x.abs() < 3, g / 6, 0 * g))]),
    ("Softmax", nn.Softmax(1), (3, 4),
     [("y · (g − Σ g · y), the sum over the classes",
       lambda g, x, y: y * (g - (g * y).sum(1, keepdim=True)))]),
    ("LogSoftmax", nn.LogSoftmax(1), (3, 4),
     [("g − softmax(x) · Σ g, over the classes",
       lambda g, x, y: g - torch.softmax(x, 1) * g.sum(1, keepdim=True))]),
    ("AvgPool2D", nn.AvgPool2d(2), (2, 3, 4, 4),
     [("g divided by the number of pixels of its window, to each of them",
       lambda g, x, y: (g / 4).repeat_interleave(2, 2).repeat_interleave(2, 3))]),
    ("MaxPool2DWithIndices", nn.MaxPool2d(2), (2, 3, 4, 4),
     [("each g to the pixel that was the largest of its window, 0 to the others",
       lambda g, x, y: torch.where(
           x == y.repeat_interleave(2, 2).repeat_interleave(2, 3),
           g.repeat_interleave(2, 2).repeat_interleave(2, 3), 0 * x))]),
    ("Mean", nn.AdaptiveAvgPool2d(1), (2, 3, 4, 4),
     [("g / n to each of the n values that were averaged", lambda g, x, y: (g / 16).expand_as(x))]),
    ("View", nn.Flatten(), (2, 3, 4), [("g in the shape of x", lambda g, x, y: g.reshape(x.shape))]),
    ("NativeBatchNorm", nn.BatchNorm2d(3), (2, 3, 4, 4), [
        ("γ / (N·σ) · (N·g − Σ g − x̂ · Σ g·x̂), with the sums over the N values of a channel, over all images",
         norm_x(CHANNEL, 32)),
        ("Σ g · x̂ for each channel", lambda g, x, y: (g * hat(x, CHANNEL)[0]).sum(CHANNEL)),
        ("Σ g for each channel", lambda g, x, y: g.sum(CHANNEL)),
    ]),
    ("NativeLayerNorm", nn.LayerNorm((3, 4)), (2, 3, 4), [
        ("γ / (N·σ) · (N·g − Σ g − x̂ · Σ g·x̂), with the sums over the N values of one image",
         norm_x((1, 2), 12)),
        ("Σ g · x̂ over the images", lambda g, x, y: (g * hat(x, (1, 2))[0]).sum(0)),
        ("Σ g over the images", lambda g, x, y: g.sum(0)),
    ]),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_the_formula_gives_what_the_node_gives(case: Case) -> None:
    name, layer, shape, inputs = case
    torch.manual_seed(0)
    layer = layer.double()
    x = (2 * torch.randn(shape, dtype=torch.float64)).requires_grad_()
    y = layer(x)
    assert rule_for(y.grad_fn.name(), "") is RULES[name]
    g = torch.randn_like(y)
    given = y.grad_fn(g)
    given = given if isinstance(given, tuple) else (given,)
    for (text, formula), (_, written), theirs in zip(inputs, RULES[name].inputs, given, strict=True):
        assert written == text
        torch.testing.assert_close(formula(g, x.detach(), y.detach()), theirs)


def test_a_linear_layers_formulas() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(4, 3).double()
    x = torch.randn(5, 4, dtype=torch.float64, requires_grad=True)
    y = layer(x)
    g = torch.randn_like(y)
    b, mat1, mat2 = y.grad_fn(g)
    texts = [text for _, text in RULES["Addmm"].inputs]
    assert texts == ["Σ g over the images, to each of which b was added", "g @ W", "xᵀ @ g"]
    torch.testing.assert_close(b.sum_to_size(3), g.sum(0))
    torch.testing.assert_close(mat1, g @ layer.weight)
    torch.testing.assert_close(mat2, x.T @ g)


def test_a_convolutions_formulas() -> None:
    torch.manual_seed(0)
    layer = nn.Conv2d(2, 3, 3).double()
    x = torch.randn(2, 2, 6, 6, dtype=torch.float64, requires_grad=True)
    y = layer(x)
    g = torch.randn_like(y)
    given, weight, bias = y.grad_fn(g)
    turned = layer.weight.flip(2, 3).transpose(0, 1)
    torch.testing.assert_close(given, nn.functional.conv2d(g, turned, padding=2))
    correlated = nn.functional.conv2d(x.transpose(0, 1), g.transpose(0, 1)).transpose(0, 1)
    torch.testing.assert_close(weight, correlated)
    torch.testing.assert_close(bias, g.sum((0, 2, 3)))


@pytest.mark.parametrize("name", GALLERY)
def test_every_node_of_the_gallery_has_a_rule(name: str) -> None:
    spec, image = GALLERY[name].spec, GALLERY[name].image
    kinds = {row.path: row.kind for row in analyse(spec, image).rows}
    for node in backward_graph(spec, image).nodes:
        if node.name != ACCUMULATE:
            rule = rule_for(node.name, kinds.get(node.module, ""))
            assert rule.sentence != UNKNOWN, node.name
            assert len(rule.inputs) in (1, len(node.handed)), node.name
            assert len(inputs_of(rule, len(node.handed))) == len(node.handed)
