"""The optimizers a run may use: each with its update rule, as PyTorch applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

FUSED_ON = {"cpu", "cuda", "mps"}  # devices where PyTorch updates a whole tensor in one pass over memory


@dataclass(frozen=True)
class OptimizerKind:
    """One optimizer: what a page says about it and how it is made."""

    label: str
    formula: str  # LaTeX: w weight, g gradient (with weight decay λw added, unless shown), η learning rate
    explanation: str  # one sentence
    learning_rate: float  # a good first choice
    make: Callable[..., Optimizer]  # (parameters, lr=, weight_decay=, …)
    options: Mapping[str, float | bool] = field(
        default_factory=dict
    )  # further arguments, as PyTorch names them
    fused: bool = True  # whether PyTorch can update all in one pass
    memory: Mapping[str, str] = field(
        default_factory=dict
    )  # what it keeps of a weight: PyTorch's name → LaTeX

    def of(self, model: nn.Module, learning_rate: float, weight_decay: float) -> Optimizer:
        """This optimizer over all parameters of `model`; fused where the device has that."""
        return self.over(list(model.parameters()), learning_rate, weight_decay)

    def over(
        self, parameters: Iterable[nn.Parameter], learning_rate: float, weight_decay: float
    ) -> Optimizer:
        """This optimizer over these parameters."""
        parameters = list(parameters)
        fused = {"fused": True} if self.fused and parameters[0].device.type in FUSED_ON else {}
        return self.make(parameters, lr=learning_rate, weight_decay=weight_decay, **self.options, **fused)


_ADAM_MOMENTS = r"m \leftarrow 0.9\,m + 0.1\,g, \quad v \leftarrow 0.999\,v + 0.001\,g^2, \quad "
_ADAM_STEP = r"\eta \, \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-8}}"
_ADAM_MEMORY = {"exp_avg": "m", "exp_avg_sq": "v", "step": "t"}
_MOMENTUM_MEMORY = {"momentum_buffer": "m"}

OPTIMIZERS: dict[str, OptimizerKind] = {
    "sgd": OptimizerKind(
        "SGD",
        r"w \leftarrow w - \eta\, g",
        "Each step goes against the gradient, as far as the learning rate times its length.",
        0.05,
        SGD,
    ),
    "momentum": OptimizerKind(
        "SGD with momentum",
        r"m \leftarrow 0.9\, m + g, \quad w \leftarrow w - \eta\, m",
        "Steps add up while gradients agree and cancel where they alternate.",
        0.01,
        SGD,
        {"momentum": 0.9},
        memory=_MOMENTUM_MEMORY,
    ),
    "nesterov": OptimizerKind(
        "SGD with Nesterov momentum",
        r"m \leftarrow 0.9\, m + g, \quad w \leftarrow w - \eta\, (g + 0.9\, m)",
        "Momentum that already takes the next step's pull into account, so it overshoots less.",
        0.01,
        SGD,
        {"momentum": 0.9, "nesterov": True},
        memory=_MOMENTUM_MEMORY,
    ),
    "adam": OptimizerKind(
        "Adam",
        _ADAM_MOMENTS + r"w \leftarrow w - " + _ADAM_STEP,
        "Each weight has its own step size: the mean gradient over the root of the mean squared gradient.",
        1e-3,
        Adam,
        memory=_ADAM_MEMORY,
    ),
    "adamw": OptimizerKind(
        "AdamW",
        _ADAM_MOMENTS + r"w \leftarrow w - \eta\lambda w - " + _ADAM_STEP,
        "Adam, with the weight decay taken from the weight itself instead of added to its gradient.",
        1e-3,
        AdamW,
        memory=_ADAM_MEMORY,
    ),
    "rmsprop": OptimizerKind(
        "RMSprop",
        r"v \leftarrow 0.99\, v + 0.01\, g^2, \quad w \leftarrow w - \eta\, \frac{g}{\sqrt{v} + 10^{-8}}",
        "The gradient over the root of its recent mean square: Adam's step size without its momentum.",
        1e-3,
        RMSprop,
        fused=False,
        memory={"square_avg": "v"},
    ),
    "adagrad": OptimizerKind(
        "Adagrad",
        r"v \leftarrow v + g^2, \quad w \leftarrow w - \eta\, \frac{g}{\sqrt{v} + 10^{-10}}",
        "Each weight's step shrinks with all the gradient it has ever had: quick at first, then ever slower.",
        0.01,
        Adagrad,
        memory={"sum": "v"},
    ),
}


def set_learning_rate(optimizer: Optimizer, rate: float) -> None:
    """Change the learning rate from the next step on; what the optimizer remembers stays."""
    for group in optimizer.param_groups:
        group["lr"] = rate


def learning_rate(optimizer: Optimizer) -> float:
    """The learning rate of the next step."""
    rate = optimizer.param_groups[0]["lr"]
    return rate.item() if isinstance(rate, torch.Tensor) else rate


def set_weight_decay(optimizer: Optimizer, decay: float) -> None:
    """Change the weight decay from the next step on."""
    for group in optimizer.param_groups:
        group["weight_decay"] = decay


def weight_decay(optimizer: Optimizer) -> float:
    """The weight decay of the next step."""
    return float(optimizer.param_groups[0]["weight_decay"])
