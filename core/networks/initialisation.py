"""How weights begin: one record a rule, with its formula, so that a signal neither vanishes nor explodes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.networks.spec import SpecError

CONSTANT = 0.01  # every weight, under "constant"

Fill = Callable[[Tensor, torch.Generator | None], object]  # draws a weight (out, in, …) in place


@dataclass(frozen=True)
class Fans:
    """How many values a layer's weight joins: what the rules depend on."""

    inputs: int  # that feed one output: fan-in, n_in
    outputs: int  # that one input feeds: fan-out, n_out
    rows: int  # outputs that share no weight: output channels

    @classmethod
    def of(cls, shape: Sequence[int]) -> Fans:
        """Of a weight (out, in) or (out, in, kernel height, kernel width)."""
        rows, columns, *kernel = shape
        area = math.prod(kernel)
        return cls(columns * area, rows * area, rows)


@dataclass(frozen=True)
class Initialisation:
    """One rule for the first weights."""

    key: str  # in INITIALISATIONS, and in a design
    label: str
    # LaTeX: w weight, n_in / n_out how many inputs feed one output / outputs one input feeds (fan-in, fan-out)
    formula: str
    explanation: str  # one sentence
    source: str  # who proposed it, where
    fill: Fill
    deviation: Callable[[Fans], float]  # of the weights that `fill` draws


def _uniform_fan_in(weight: Tensor, generator: torch.Generator | None) -> None:
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5), generator=generator)  # as PyTorch's constructors do


_RULES = (
    Initialisation(
        "default",
        "PyTorch's default",
        r"w, b \sim U\!\left(-\tfrac{1}{\sqrt{n_{in}}},\ \tfrac{1}{\sqrt{n_{in}}}\right), "
        r"\quad \mathrm{Var}(w) = \tfrac{1}{3\,n_{in}}",
        "What the constructors of convolution and linear layers do: a sixth of the variance that keeps a signal "
        "through ReLU, so that each such layer leaves √(1/6) = 0.41 of it.",
        "LeCun et al., Efficient BackProp, 1998, with a third of its variance; torch.nn.Linear",
        _uniform_fan_in,
        lambda fans: math.sqrt(1 / (3 * fans.inputs)),
    ),
    Initialisation(
        "glorot-uniform",
        "Glorot, uniform",
        r"w \sim U(-a, a), \quad a = \sqrt{\tfrac{6}{n_{in} + n_{out}}}, "
        r"\quad \mathrm{Var}(w) = \tfrac{2}{n_{in} + n_{out}}",
        "A compromise between keeping the signal on the way forward (1/n_in) and the gradient on the way "
        "back (1/n_out), derived for activations that are linear near zero, such as tanh.",
        "Glorot and Bengio, Understanding the difficulty of training deep feedforward networks, 2010",
        lambda weight, generator: nn.init.xavier_uniform_(weight, generator=generator),
        lambda fans: math.sqrt(2 / (fans.inputs + fans.outputs)),
    ),
    Initialisation(
        "glorot-normal",
        "Glorot, normal",
        r"w \sim N\!\left(0,\ \tfrac{2}{n_{in} + n_{out}}\right)",
        "Glorot's variance with normally distributed weights: most are small, a few are large.",
        "Glorot and Bengio, Understanding the difficulty of training deep feedforward networks, 2010",
        lambda weight, generator: nn.init.xavier_normal_(weight, generator=generator),
        lambda fans: math.sqrt(2 / (fans.inputs + fans.outputs)),
    ),
    Initialisation(
        "he-uniform",
        "He, uniform",
        r"w \sim U(-a, a), \quad a = \sqrt{\tfrac{6}{n_{in}}}, \quad \mathrm{Var}(w) = \tfrac{2}{n_{in}}",
        "Twice 1/n_in, since ReLU sets half of the values to zero: the signal keeps its size through any "
        "number of ReLU layers.",
        "He et al., Delving Deep into Rectifiers, 2015",
        lambda weight, generator: nn.init.kaiming_uniform_(weight, nonlinearity="relu", generator=generator),
        lambda fans: math.sqrt(2 / fans.inputs),
    ),
    Initialisation(
        "he-normal",
        "He, normal",
        r"w \sim N\!\left(0,\ \tfrac{2}{n_{in}}\right)",
        "He's variance with normally distributed weights, as ResNets are usually begun.",
        "He et al., Delving Deep into Rectifiers, 2015",
        lambda weight, generator: nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator),
        lambda fans: math.sqrt(2 / fans.inputs),
    ),
    Initialisation(
        "orthogonal",
        "Orthogonal",
        r"W W^\top = I \ \ (\text{or } W^\top W = I \text{ where } W \text{ is tall}), "
        r"\quad W: n_{out} \times n_{in}",
        "A random rotation: a square linear layer keeps the length of what passes exactly, however many there "
        "are; each ReLU between them still takes half of the signal's square.",
        "Saxe et al., Exact solutions to the nonlinear dynamics of learning in deep linear neural networks, "
        "2014",
        lambda weight, generator: nn.init.orthogonal_(weight, generator=generator),
        lambda fans: math.sqrt(1 / max(fans.inputs, fans.rows)),
    ),
    Initialisation(
        "zeros",
        "Zeros",
        r"w = 0",
        "To see why not: nothing passes, and no gradient reaches a hidden layer, so that none of them learns.",
        "Goodfellow et al., Deep Learning, 2016, section 8.4, on breaking symmetry",
        lambda weight, _generator: nn.init.zeros_(weight),
        lambda _fans: 0.0,
    ),
    Initialisation(
        "constant",
        "Constant",
        rf"w = {CONSTANT}",
        "To see why not: all units of a layer compute the same and get the same gradient, so that they stay "
        "one and the same unit for ever.",
        "Goodfellow et al., Deep Learning, 2016, section 8.4, on breaking symmetry",
        lambda weight, _generator: nn.init.constant_(weight, CONSTANT),
        lambda _fans: 0.0,
    ),
)
INITIALISATIONS: dict[str, Initialisation] = {rule.key: rule for rule in _RULES}


def initialise(model: nn.Module, weights: str, generator: torch.Generator | None = None) -> None:
    """Draw the weights of all convolution and linear layers anew; their biases become 0.

    "default" leaves the model as it was built, and normalisation layers stay as they are under every rule.
    Without a `generator` PyTorch's global random numbers are used. Raises SpecError for an unknown rule.
    """
    if weights not in INITIALISATIONS:
        raise SpecError(
            f"There is no initialisation {weights!r:.60}; allowed are {', '.join(INITIALISATIONS)}."
        )
    if weights == "default":
        return
    for layer in _weighted(model):
        INITIALISATIONS[weights].fill(layer.weight, generator)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)


def build_anew(model: nn.Module, generator: torch.Generator) -> None:
    """Give all convolution and linear layers the weights that their constructors draw, but from `generator`.

    With a generator of seed s they are those of a model that was built right after `torch.manual_seed(s)`, and
    what is drawn next is the same too. PyTorch's global random numbers, which all threads of a server share,
    are not used.
    """
    for layer in _weighted(model):
        _uniform_fan_in(layer.weight, generator)
        if layer.bias is not None:
            bound = 1 / math.sqrt(layer.weight[0].numel())  # n_in
            nn.init.uniform_(layer.bias, -bound, bound, generator=generator)


def _weighted(model: nn.Module) -> list[nn.Conv2d | nn.Linear]:
    return [module for module in model.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
