"""What the backward nodes of networks compute, in a sentence and a formula for each input.

g is the upstream gradient; x, W, b are what went into the operation, y what came out. Source: the derivatives
that PyTorch's nodes are generated from, tools/autograd/derivatives.yaml.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

Inputs = tuple[tuple[str, str], ...]  # (name, what goes on to it), in the order of next_functions


@dataclass(frozen=True)
class NodeRule:
    """One kind of node."""

    sentence: str
    inputs: Inputs  # of a node that takes any number of inputs: one, which stands for each


def _one(sentence: str, formula: str) -> NodeRule:
    return NodeRule(sentence, (("x", formula),))


_WINDOW = "Pooling has no weights: it only says where the gradient goes."
_SAME = "The forward pass changed the shape and no number, and so does this node."
_NORM = (
    "Normalisation ties the values of {over} together, so that each gradient depends on all of them: their "
    "mean and their part along x̂ are taken off."
)
_NORM_X = "γ / (N·σ) · (N·g − Σ g − x̂ · Σ g·x̂), with the sums over the N values of {over}"


def _norm(over: str, learned: str) -> NodeRule:
    inputs = (
        ("x", _NORM_X.format(over=over)), ("γ", f"Σ g · x̂ {learned}"), ("β", f"Σ g {learned}"),
    )  # fmt: skip
    return NodeRule(_NORM.format(over=over), inputs)


_MAX = _one(_WINDOW, "each g to the pixel that was the largest of its window, 0 to the others")
_MEAN = _one(_WINDOW, "g divided by the number of pixels of its window, to each of them")
_ADD = (
    "An addition hands the same gradient to everything that was added: on the way around the inner layers it "
    "arrives undiminished."
)

RULES: dict[str, NodeRule] = {
    "Convolution": NodeRule(
        "A convolution's three gradients are convolutions again, or sums.",
        (
            ("x", "g convolved with the kernels turned by 180° (a transposed convolution)"),
            ("W", "x correlated with g, summed over the images"),
            ("b", "Σ g over images, rows and columns"),
        ),
    ),
    "Addmm": NodeRule(
        "A linear layer, y = x Wᵀ + b, as one matrix product for the whole batch.",
        (("b", "Σ g over the images, to each of which b was added"), ("x", "g @ W"), ("Wᵀ", "xᵀ @ g")),
    ),
    "Mm": NodeRule(
        "A linear layer without bias, y = x Wᵀ, as one matrix product for the whole batch.",
        (("x", "g @ W"), ("Wᵀ", "xᵀ @ g")),
    ),
    "T": NodeRule("The layer used its weights transposed; the gradient is turned back.", (("W", "gᵀ"),)),
    "Relu": _one("Lets the gradient through where ReLU let the value through.", "g where y > 0, else 0"),
    "LeakyRelu": _one("ReLU with a slope below zero.", "g where x > 0, else slope · g"),
    "Elu": _one("Smooth below zero.", "g where x > 0, else g · α · eˣ"),
    "Gelu": _one("x · Φ(x), by the product rule.", "g · (Φ(x) + x · φ(x)), with Φ and φ of N(0, 1)"),
    "Silu": _one("x · σ(x), by the product rule.", "g · σ(x) · (1 + x · (1 − σ(x)))"),
    "Hardswish": _one("SiLU in straight lines.", "0 below −3, g above 3, between them g · (2x + 3) / 6"),
    "Hardsigmoid": _one("The sigmoid in straight lines.", "g / 6 between −3 and 3, else 0"),
    "Hardtanh": _one("Lets the gradient through between the limits.", "g between the limits, else 0"),
    "Tanh": _one("At most g, at y = 0: saturated units hand on almost nothing.", "g · (1 − y²)"),
    "Sigmoid": _one("At most g / 4: that is how gradients vanish over many layers.", "g · y · (1 − y)"),
    "Softmax": _one("All outputs depend on all inputs.", "y · (g − Σ g · y), the sum over the classes"),
    "LogSoftmax": _one("All outputs depend on all inputs.", "g − softmax(x) · Σ g, over the classes"),
    "MaxPool2DWithIndices": _MAX,
    "AdaptiveMaxPool2D": _MAX,
    "AvgPool2D": _MEAN,
    "AdaptiveAvgPool2D": _MEAN,
    "Mean": _one(_WINDOW, "g / n to each of the n values that were averaged"),
    "NativeBatchNorm": _norm("a channel, over all images", "for each channel"),
    "InstanceNorm": _norm("a channel of one image", "for each channel of one image"),
    "NativeLayerNorm": _norm("one image", "over the images"),
    "NativeGroupNorm": _norm("a group of channels of one image", "for each channel"),
    "Dropout": NodeRule(
        "Dropout is a product with a mask: where a value was dropped, no gradient goes.",
        (("x", "g · mask, with mask 0 where dropped and 1 / (1 − p) elsewhere"), ("mask", "")),
    ),
    "Mul": NodeRule(
        "A product hands to each factor the gradient times the other one.",
        (("a", "g · b, summed where a was broadcast"), ("b", "g · a, summed where b was broadcast")),
    ),
    "Add": NodeRule(_ADD, (("a", "g"), ("b", "g"))),
    "Cat": _one(
        "A concatenation cuts the gradient up: each part gets that of its own channels.",
        "the channels of g that came from x",
    ),
    "View": _one(_SAME, "g in the shape of x"),
    "UnsafeView": _one(_SAME, "g in the shape of x"),
    "ReshapeAlias": _one(_SAME, "g in the shape of x"),
    "Repeat": _one("The forward pass copied x, and gradients of copies add up.", "Σ g over the copies"),
    "ConstantPadNd": _one("The forward pass put a border around x.", "g without the border"),
    "UpsampleNearest2D": _one("Each pixel became several.", "Σ g over the pixels that x became"),
    "UpsampleBilinear2D": _one("Each new pixel was a mean.", "g to the pixels it was made from, as weighted"),
}
_ALIKE = {
    ("Mul", "Dropout"): "Dropout",
    ("Mul", "Dropout2d"): "Dropout",
    ("NativeBatchNorm", "InstanceNorm2d"): "InstanceNorm",  # PyTorch sees N·C channels of one image
}

ACCUMULATES = "Adds what arrives to {parameter}.grad, where the optimizer finds it."
UNKNOWN = "This app has no formula for this kind of node; its shapes and what it saves are PyTorch's."


def rule_for(node: str, layer: str) -> NodeRule:
    """The rule of a node such as "MulBackward0", in a layer of the kind "Dropout"."""
    name = re.sub(r"Backward\d*$", "", node)
    return RULES.get(_ALIKE.get((name, layer), name)) or NodeRule(UNKNOWN, ())


def inputs_of(rule: NodeRule, count: int) -> Inputs:
    """A name and a formula for each of `count` inputs."""
    if len(rule.inputs) == 1:
        return rule.inputs * count
    return (*rule.inputs, *(("", ""),) * count)[:count]
