"""Operations that make one number of many, over all elements or along dimensions."""

from typing import Any

import torch

from core.autograd.operations.cost import broadcast
from core.autograd.operations.operation import BOTH, FUNCTIONAL, METHOD, TORCH, Rule, operation

_DIMS = "input: tensor, dim: dims?, keepdim: flag="
_DIM = "input: tensor, dim: whole=, keepdim: flag="
_EXTREME = "input: tensor, dim: dim or tensor=, keepdim: flag="  # max(a, b) of two tensors is maximum(a, b)


def _max(input: torch.Tensor, dim: Any = None, **rest: Any) -> Any:
    return torch.max(input, **rest) if dim is None else torch.max(input, dim, **rest)


def _min(input: torch.Tensor, dim: Any = None, **rest: Any) -> Any:
    return torch.min(input, **rest) if dim is None else torch.min(input, dim, **rest)


REDUCTIONS = (
    operation("sum", BOTH, _DIMS, torch.sum, "Σ {input}",
              {"Sum": Rule(("{up} · 1, spread to each of the {n} elements that were summed",))}),
    operation("mean", BOTH, _DIMS, torch.mean, "Σ {input} / n",
              {"Mean": Rule(("{up} / {n}, spread to each of the {n} elements that were averaged",))}),
    operation("prod", BOTH, _DIM, torch.prod, "Π {input}",
              {"Prod": Rule(("{up} · the product of the other elements",))}),
    operation("max", BOTH, _EXTREME, _max, "max {input}",
              {"Max":
               Rule(("{up} to the largest element, 0 to the others (equal ones share it without dim)",))},
              cost=broadcast),
    operation("min", BOTH, _EXTREME, _min, "min {input}",
              {"Min":
               Rule(("{up} to the smallest element, 0 to the others (equal ones share it without dim)",))},
              cost=broadcast),
    operation("amax", BOTH, _DIMS, lambda input, dim=(), keepdim=False: torch.amax(input, dim, keepdim),
        "max {input}",
              {"Amax": Rule(("{up} to the largest element, shared among equal ones",))}),
    operation("amin", BOTH, _DIMS, lambda input, dim=(), keepdim=False: torch.amin(input, dim, keepdim),
        "min {input}",
              {"Amin": Rule(("{up} to the smallest element, shared among equal ones",))}),
    operation("argmax", BOTH, "input: tensor, dim: whole?, keepdim: flag=", torch.argmax,
              "the position of the largest element"),
    operation("argmin", BOTH, "input: tensor, dim: whole?, keepdim: flag=", torch.argmin,
              "the position of the smallest element"),
    operation("var", BOTH, "input: tensor, dim: dims?, unbiased: flag=, keepdim: flag=, correction: whole=",
              torch.var, "Σ ({input} − mean)² / (n − 1)",
              {"Var": Rule(("{up} · 2 · ({input} − mean) / (n − 1)",))}),
    operation("std", BOTH, "input: tensor, dim: dims?, unbiased: flag=, keepdim: flag=, correction: whole=",
              torch.std, "√(Σ ({input} − mean)² / (n − 1))",
              {"Std": Rule(("{up} · ({input} − mean) / ((n − 1) · {out})",))}),
    operation("norm", BOTH, "input: tensor, p: number=, dim: dims?, keepdim: flag=", torch.norm,
              "√(Σ {input}²), for p = 2",
              {"LinalgVectorNorm": Rule(("{up} · {input} / {out}, for p = 2",))}),
    operation("logsumexp", BOTH,
              "input: tensor, dim: dims, keepdim: flag=", torch.logsumexp, "ln Σ exp({input})",
              {"Logsumexp": Rule(("{up} · softmax({input})",))}),
    operation("cumsum", BOTH, "input: tensor, dim: whole", torch.cumsum, "running sum of {input}",
              {"Cumsum": Rule(("{up}, summed from the end backwards",))}),
    operation("trace", BOTH, "input: tensor", torch.trace, "Σ of the diagonal",
              {"Trace": Rule(("{up} to the diagonal, 0 elsewhere",))}),
    operation("all", BOTH, "input: tensor", torch.all, "all of {input}"),
    operation("any", BOTH, "input: tensor", torch.any, "any of {input}"),
    operation("softmax", (TORCH, METHOD, FUNCTIONAL), "input: tensor, dim: whole", torch.softmax,
              "exp({input}) / Σ exp({input})",
              {"Softmax": Rule(("s · ({up} − Σ {up} · s), where s is the softmax",))}),
    operation("log_softmax", (TORCH, METHOD, FUNCTIONAL), "input: tensor, dim: whole", torch.log_softmax,
              "{input} − ln Σ exp({input})",
              {"LogSoftmax": Rule(("{up} − softmax · Σ {up}",))}),
)  # fmt: skip
