"""The optimizers a run may use: each with its update rule, as PyTorch applies it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop

from core.training.update_in_numbers import Rule

FUSED_ON = {"cpu", "cuda", "mps"}  # devices where PyTorch updates a whole tensor in one pass over memory


@dataclass(frozen=True)
class OptimizerKind:
    """One optimizer: what a page says about it and how it is made."""

    label: str
    formula: str  # LaTeX: w weight, g gradient (with weight decay λw added, unless shown), η learning rate
    explanation: str  # one sentence
    learning_rate: float  # a good first choice
    make: Callable[..., Optimizer]  # (parameters, lr=, weight_decay=, …)
    rules: tuple[Rule, ...]  # the formula line by line, to be computed for one weight
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


_DECAY = Rule("g", r"{g} + {decay} \cdot {w}", lambda n: n.g + n.decay * n.w, with_decay=True)
_SGD_RULES = (_DECAY, Rule("w", r"{w} - {eta} \cdot {g}", lambda n: n.w - n.eta * n.g))
_MOMENTUM = Rule("m", r"0.9 \cdot {m} + {g}", lambda n: 0.9 * n.m + n.g)  # m is 0 before the first step
_MOMENTS = (
    Rule("t", r"{t} + 1", lambda n: n.t + 1),
    Rule("m", r"0.9 \cdot {m} + 0.1 \cdot {g}", lambda n: 0.9 * n.m + 0.1 * n.g),
    Rule("v", r"0.999 \cdot {v} + 0.001 \cdot {g}^2", lambda n: 0.999 * n.v + 0.001 * n.g**2),
    Rule(
        "w",
        r"{w} - {eta} \cdot \frac{{ {m} / (1 - 0.9^{{{t}}}) }}"
        r"{{ \sqrt{{ {v} / (1 - 0.999^{{{t}}}) }} + 10^{{-8}} }}",
        lambda n: n.w - n.eta * (n.m / (1 - 0.9**n.t)) / (math.sqrt(n.v / (1 - 0.999**n.t)) + 1e-8),
    ),
)
_PULL = Rule(
    "w", r"{w} - {eta} \cdot {decay} \cdot {w}", lambda n: n.w - n.eta * n.decay * n.w, with_decay=True
)


def _over_root(epsilon: int) -> Rule:
    """A step by the gradient over the root of v; 10 to the power of −`epsilon` keeps from dividing by 0."""
    return Rule(
        "w",
        r"{w} - {eta} \cdot \frac{{ {g} }}{{ \sqrt{{ {v} }} + 10^{{-" f"{epsilon}" "}} }}",
        lambda n: n.w - n.eta * n.g / (math.sqrt(n.v) + 10.0**-epsilon),
    )


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
        _SGD_RULES,
    ),
    "momentum": OptimizerKind(
        "SGD with momentum",
        r"m \leftarrow 0.9\, m + g, \quad w \leftarrow w - \eta\, m",
        "Steps add up while gradients agree and cancel where they alternate.",
        0.01,
        SGD,
        (_DECAY, _MOMENTUM, Rule("w", r"{w} - {eta} \cdot {m}", lambda n: n.w - n.eta * n.m)),
        {"momentum": 0.9},
        memory=_MOMENTUM_MEMORY,
    ),
    "nesterov": OptimizerKind(
        "SGD with Nesterov momentum",
        r"m \leftarrow 0.9\, m + g, \quad w \leftarrow w - \eta\, (g + 0.9\, m)",
        "Momentum that already takes the next step's pull into account, so it overshoots less.",
        0.01,
        SGD,
        (
            _DECAY,
            _MOMENTUM,
            Rule("w", r"{w} - {eta} \cdot ({g} + 0.9 \cdot {m})", lambda n: n.w - n.eta * (n.g + 0.9 * n.m)),
        ),
        {"momentum": 0.9, "nesterov": True},
        memory=_MOMENTUM_MEMORY,
    ),
    "adam": OptimizerKind(
        "Adam",
        _ADAM_MOMENTS + r"w \leftarrow w - " + _ADAM_STEP,
        "Each weight has its own step size: the mean gradient over the root of the mean squared gradient.",
        1e-3,
        Adam,
        (_DECAY, *_MOMENTS),
        memory=_ADAM_MEMORY,
    ),
    "adamw": OptimizerKind(
        "AdamW",
        _ADAM_MOMENTS + r"w \leftarrow w - \eta\lambda w - " + _ADAM_STEP,
        "Adam, with the weight decay taken from the weight itself instead of added to its gradient.",
        1e-3,
        AdamW,
        (_PULL, *_MOMENTS),
        memory=_ADAM_MEMORY,
    ),
    "rmsprop": OptimizerKind(
        "RMSprop",
        r"v \leftarrow 0.99\, v + 0.01\, g^2, \quad w \leftarrow w - \eta\, \frac{g}{\sqrt{v} + 10^{-8}}",
        "The gradient over the root of its recent mean square: Adam's step size without its momentum.",
        1e-3,
        RMSprop,
        (
            _DECAY,
            Rule("v", r"0.99 \cdot {v} + 0.01 \cdot {g}^2", lambda n: 0.99 * n.v + 0.01 * n.g**2),
            _over_root(8),
        ),
        fused=False,
        memory={"square_avg": "v"},
    ),
    "adagrad": OptimizerKind(
        "Adagrad",
        r"v \leftarrow v + g^2, \quad w \leftarrow w - \eta\, \frac{g}{\sqrt{v} + 10^{-10}}",
        "Each weight's step shrinks with all the gradient it has ever had: quick at first, then ever slower.",
        0.01,
        Adagrad,
        (_DECAY, Rule("v", r"{v} + {g}^2", lambda n: n.v + n.g**2), _over_root(10)),
        memory={"sum": "v"},
    ),
}

_ONE = torch.tensor(1.0)  # step more
# the operators in which the fused steps of PyTorch's own classes end
_FUSED: dict[type[Optimizer], Callable[..., None]] = {Adam: torch._fused_adam_, AdamW: torch._fused_adamw_}


def forget_gradients(optimizer: Optimizer) -> None:
    """What `optimizer.zero_grad()` does, without its mark for the profiler and its look at each kind of gradient.

    Walking through the model's modules for it took a twentieth of the smallest network's step.
    """
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            parameter.grad = None


def update(optimizer: Optimizer) -> None:
    """One step of an optimizer of OPTIMIZERS, without what PyTorch does around it that nothing here uses.

    Its hooks and the mark for its profiler take 14 µs, a twentieth of a small network's step; that Adam sorts the same
    tensors by device and type anew each time takes a tenth of the smallest one's.
    """
    operator, group = _FUSED.get(type(optimizer)), optimizer.param_groups[0]
    if operator and group["fused"]:
        moved = [parameter for parameter in group["params"] if parameter.grad is not None]
        if all(parameter in optimizer.state for parameter in moved):  # not before the first step
            _update_at_once(operator, group, moved, [optimizer.state[parameter] for parameter in moved])
            return
    wrapped = type(optimizer).step
    getattr(wrapped, "__wrapped__", wrapped)(optimizer)


@torch.no_grad()
def _update_at_once(
    operator: Callable[..., None],
    group: Mapping[str, Any],
    moved: Sequence[nn.Parameter],
    memory: Sequence[Mapping[str, torch.Tensor]],
) -> None:
    """What Adam and AdamW do with parameters that all lie on one device and have one type."""
    steps = [state["step"] for state in memory]
    if steps[0].is_cpu:  # where a plain 1 would become a tensor anew for each parameter
        torch._foreach_add_(steps, _ONE, alpha=1)
    else:
        torch._foreach_add_(steps, 1)
    operator(
        moved,
        [parameter.grad for parameter in moved],
        [state["exp_avg"] for state in memory],
        [state["exp_avg_sq"] for state in memory],
        [],
        steps,
        lr=group["lr"],
        beta1=group["betas"][0],
        beta2=group["betas"][1],
        weight_decay=group["weight_decay"],
        eps=group["eps"],
        amsgrad=False,
        maximize=False,
    )


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
