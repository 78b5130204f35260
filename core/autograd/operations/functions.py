"""Functions of one tensor that act on each element by itself: their Jacobians are diagonal."""

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F

from core.autograd.operations.cost import broadcast
from core.autograd.operations.operation import BOTH, FUNCTIONAL, METHOD, TORCH, Operation, Rule, operation

_EVERYWHERE = (TORCH, METHOD, FUNCTIONAL)


def _function(
    name: str,
    call: Callable[..., Any],
    formula: str,
    derivative: str,
    node: str = "",
    homes: tuple[str, ...] = BOTH,
    more: str = "",
) -> Operation:
    rule = Rule((f"{{up}} · {derivative}",), elementwise=True)
    signature = f"input: tensor, {more}" if more else "input: tensor"
    return operation(name, homes, signature, call, formula, {node or name.capitalize(): rule})


FUNCTIONS = (
    _function("exp", torch.exp, "exp({input})", "exp({input})"),
    _function("log", torch.log, "ln({input})", "1 / {input}"),
    _function("log2", torch.log2, "log₂({input})", "1 / ({input} · ln 2)"),
    _function("log10", torch.log10, "log₁₀({input})", "1 / ({input} · ln 10)"),
    _function("log1p", torch.log1p, "ln(1 + {input})", "1 / (1 + {input})", "Log1P"),
    _function("expm1", torch.expm1, "exp({input}) − 1", "exp({input})", "Expm1"),
    _function("sqrt", torch.sqrt, "√{input}", "1 / (2√{input})"),
    _function("rsqrt", torch.rsqrt, "1 / √{input}", "(−1 / (2 · {input}^1.5))"),
    operation("square", BOTH, "input: tensor", torch.square, "{input}²"),
    _function("reciprocal", torch.reciprocal, "1 / {input}", "(−1 / {input}²)"),
    _function("abs", torch.abs, "|{input}|", "sign({input}), 0 at 0"),
    _function("sign", torch.sign, "sign({input})", "0"),
    _function("floor", torch.floor, "⌊{input}⌋", "0"),
    _function("ceil", torch.ceil, "⌈{input}⌉", "0"),
    _function("round", torch.round, "round({input})", "0"),
    _function("sin", torch.sin, "sin({input})", "cos({input})"),
    _function("cos", torch.cos, "cos({input})", "(−sin({input}))"),
    _function("tan", torch.tan, "tan({input})", "(1 + tan²({input}))"),
    _function("asin", torch.asin, "asin({input})", "1 / √(1 − {input}²)"),
    _function("acos", torch.acos, "acos({input})", "(−1 / √(1 − {input}²))"),
    _function("atan", torch.atan, "atan({input})", "1 / (1 + {input}²)"),
    _function("sinh", torch.sinh, "sinh({input})", "cosh({input})"),
    _function("cosh", torch.cosh, "cosh({input})", "sinh({input})"),
    _function("tanh", torch.tanh, "tanh({input})", "(1 − tanh²({input}))", homes=_EVERYWHERE),
    _function("sigmoid", torch.sigmoid, "σ({input}) = 1 / (1 + exp(−{input}))",
              "σ({input}) · (1 − σ({input}))",
              homes=_EVERYWHERE),
    _function("erf", torch.erf, "erf({input})", "2/√π · exp(−{input}²)"),
    _function("relu", torch.relu, "max({input}, 0)", "(1 where {input} > 0, else 0)", homes=_EVERYWHERE),
    _function("relu6", F.relu6, "min(max({input}, 0), 6)", "(1 where 0 < {input} < 6, else 0)", "Hardtanh",
              (FUNCTIONAL,)),
    _function("leaky_relu", F.leaky_relu, "{input} where {input} > 0, else slope · {input}",
              "(1 where {input} > 0, else the slope)", "LeakyRelu", (FUNCTIONAL,), "negative_slope: number="),
    _function("elu", F.elu, "{input} where {input} > 0, else α · (exp({input}) − 1)",
              "(1 where {input} > 0, else α · exp({input}))", homes=(FUNCTIONAL,), more="alpha: number="),
    _function("gelu", F.gelu, "{input} · Φ({input})",
              "(Φ({input}) + {input} · φ({input}))", homes=(FUNCTIONAL,),
              more="approximate: text="),
    _function("silu", F.silu, "{input} · σ({input})", "(σ({input}) · (1 + {input} · (1 − σ({input}))))",
              homes=(FUNCTIONAL,)),
    _function("softplus", F.softplus, "ln(1 + exp({input}))", "σ({input})", homes=(FUNCTIONAL,),
              more="beta: number=, threshold: number="),
    _function("logsigmoid", F.logsigmoid, "ln σ({input})", "(1 − σ({input}))", "LogSigmoid", (FUNCTIONAL,)),
    _function("clamp", torch.clamp, "{input} kept in bounds", "(1 inside the bounds, else 0)",
              more="min: number?, max: number?"),
    operation("detach", (METHOD, TORCH), "input: tensor", lambda input: input.detach(),
              "the values of {input}, cut off from the graph"),
    operation("clone", BOTH, "input: tensor", torch.clone, "a copy of {input}",
              {"Clone": Rule(("{up} · 1",), elementwise=True)}),
    operation("float", (METHOD,), "input: tensor", lambda input: input.float(), "{input} as float32",
              {"ToCopy": Rule(("{up}, in the type of {input}",))}, casts=True),
    operation("double", (METHOD,), "input: tensor", lambda input: input.double(),
              "{input} as float64", casts=True),
    operation("long", (METHOD,), "input: tensor", lambda input: input.long(), "{input} as int64", casts=True),
    operation("to", (METHOD,), "input: tensor, dtype: dtype", lambda input, dtype: input.to(dtype),
              "{input} in another type", casts=True),
    operation("isnan", BOTH, "input: tensor", torch.isnan, "{input} is not a number"),
    operation("logical_not", BOTH, "input: tensor", torch.logical_not, "not {input}"),
    operation("logical_and", BOTH, "input: tensor, other: tensor", torch.logical_and, "{input} and {other}",
              cost=broadcast),
    operation("logical_or", BOTH, "input: tensor, other: tensor", torch.logical_or, "{input} or {other}",
              cost=broadcast),
)  # fmt: skip
