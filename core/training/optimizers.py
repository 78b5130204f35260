"""The optimizers a run may use: each with its update rule, as PyTorch applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

FUSED_ON = {"cpu", "cuda", "mps"}  # devices where PyTorch updates a whole tensor in one pass over memory


@dataclass(frozen=True)
class OptimizerKind:
    """One optimizer: what a page says about it and how it is made."""

    label: str
    formula: str  # LaTeX: w weight, g gradient (with weight decay λw added, unless shown), η learning rate
    explanation: str  # one sentence
    learning_rate: float  # a good first choice
    make: Callable[..., Optimizer]  # (parameters, lr=, weight_decay=, fused=)

    def of(self, model: nn.Module, learning_rate: float, weight_decay: float) -> Optimizer:
        """This optimizer over all parameters of `model`; fused where the device has that."""
        parameters = list(model.parameters())
        fused = parameters[0].device.type in FUSED_ON
        return self.make(parameters, lr=learning_rate, weight_decay=weight_decay, fused=fused)


def _momentum(parameters: Iterable[nn.Parameter], **settings: float | bool) -> Optimizer:
    return SGD(parameters, momentum=0.9, **settings)  # type: ignore[arg-type]


_ADAM_MOMENTS = r"m \leftarrow 0.9\,m + 0.1\,g, \quad v \leftarrow 0.999\,v + 0.001\,g^2, \quad "
_ADAM_STEP = r"\eta \, \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-8}}"

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
        _momentum,
    ),
    "adam": OptimizerKind(
        "Adam",
        _ADAM_MOMENTS + r"w \leftarrow w - " + _ADAM_STEP,
        "Each weight has its own step size: the mean gradient over the root of the mean squared gradient.",
        1e-3,
        Adam,
    ),
    "adamw": OptimizerKind(
        "AdamW",
        _ADAM_MOMENTS + r"w \leftarrow w - \eta\lambda w - " + _ADAM_STEP,
        "Adam, with the weight decay taken from the weight itself instead of added to its gradient.",
        1e-3,
        AdamW,
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
