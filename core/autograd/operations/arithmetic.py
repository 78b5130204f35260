"""Operators and arithmetic with two inputs, and comparisons."""

import operator
from collections.abc import Callable
from typing import Any

import torch

from core.autograd.operations.cost import broadcast
from core.autograd.operations.matrix_cost import matmul, outer
from core.autograd.operations.operation import BOTH, METHOD, TORCH, Operation, Rule, operation

_TWO = "input: operand, other: operand"
_MATRIX = {
    "Mm": Rule(("{up} @ {other}ᵀ", "{input}ᵀ @ {up}"), factors=(("up", "@", "mat2ᵀ"), ("selfᵀ", "@", "up"))),
    "Bmm": Rule(
        ("{up} @ {other}ᵀ, for each matrix of the batch", "{input}ᵀ @ {up}, for each matrix of the batch")
    ),
    "Mv": Rule(
        ("{up} ⊗ {other}: the outer product", "{input}ᵀ @ {up}"),
        factors=(("up", "⊗", "vec"), ("selfᵀ", "@", "up")),
    ),
    "Dot": Rule(("{up} · {other}", "{up} · {input}"), factors=(("up", "·", "tensor"), ("up", "·", "self"))),
}


def _power(input: Any, other: Any) -> Any:
    return input**other


def _comparison(name: str, symbol: str, call: Callable[[Any, Any], Any]) -> Operation:
    return operation(
        name, BOTH, _TWO, lambda input, other: call(input, other), f"{{input}} {symbol} {{other}}",
        cost=broadcast, symbol=symbol,
    )  # fmt: skip


ARITHMETIC = (
    operation(
        "add", BOTH, _TWO, lambda input, other: input + other, "{input} + {other}",
        {"Add": Rule(("{up} · 1", "{up} · 1"), elementwise=True)}, cost=broadcast, symbol="+",
    ),
    operation(
        "sub", BOTH, _TWO, lambda input, other: input - other, "{input} − {other}",
        {
            "Sub": Rule(("{up} · 1", "{up} · (−1)"), elementwise=True),
            "Rsub": Rule(("{up} · (−1)", "{up} · 1"), elementwise=True),
        }, cost=broadcast, symbol="-",
    ),
    operation(
        "mul", BOTH, _TWO, lambda input, other: input * other, "{input} · {other}",
        {"Mul": Rule(("{up} · {other}", "{up} · {input}"), elementwise=True)}, cost=broadcast, symbol="*",
    ),
    operation(
        "div", BOTH, _TWO, lambda input, other: input / other, "{input} / {other}",
        {"Div": Rule(("{up} / {other}", "{up} · (−{input} / {other}²)"), elementwise=True)},
        cost=broadcast, symbol="/",
    ),
    operation(
        "pow", BOTH, "input: operand, exponent: operand",
        lambda input, exponent: _power(input, exponent), "{input} ** {exponent}",
        {
            "Pow": Rule(
                ("{up} · {exponent} · {input}^({exponent} − 1)",
              "{up} · {out} · ln({input})"), elementwise=True
            ),
            "PowBackward2": Rule(("{up} · {out} · ln({input})",), elementwise=True),  # number ** tensor
        }, cost=broadcast, symbol="**",
    ),
    operation("floor_divide", BOTH, _TWO, lambda input, other: input // other, "⌊{input} / {other}⌋",
              cost=broadcast, symbol="//"),
    operation(
        "remainder", BOTH, _TWO, lambda input, other: input % other, "{input} mod {other}",
        {"Remainder": Rule(("{up} · 1", "{up} · (−⌊{input} / {other}⌋)"), elementwise=True)},
        cost=broadcast, symbol="%",
    ),
    operation("neg", BOTH, "input: tensor", torch.neg, "−{input}",
              {"Neg": Rule(("{up} · (−1)",), elementwise=True)}),
    operation("matmul", BOTH, "input: tensor, other: tensor", torch.matmul, "{input} @ {other}", _MATRIX,
              cost=matmul, symbol="@"),
    operation("mm", BOTH, "input: tensor, other: tensor", lambda input, other: torch.mm(input, other),
              "{input} @ {other}", cost=matmul),
    operation("mv", BOTH, "input: tensor, other: tensor", lambda input, other: torch.mv(input, other),
              "{input} @ {other}", cost=matmul),
    operation("bmm", BOTH, "input: tensor, other: tensor", lambda input, other: torch.bmm(input, other),
              "{input} @ {other}", cost=matmul),
    operation("dot", BOTH, "input: tensor, other: tensor", lambda input, other: torch.dot(input, other),
              "Σ {input} · {other}", cost=matmul),
    operation("outer", BOTH, "input: tensor, vec2: tensor", lambda input, vec2: torch.outer(input, vec2),
              "{input} ⊗ {vec2}", cost=outer),
    operation(
        "maximum", BOTH, "input: tensor, other: tensor", torch.maximum, "max({input}, {other})",
        {"Maximum": Rule(
            ("{up} where {input} is larger, half of it where they are equal",
             "{up} where {other} is larger, half of it where they are equal"), elementwise=True)},
        cost=broadcast,
    ),
    operation(
        "minimum", BOTH, "input: tensor, other: tensor", torch.minimum, "min({input}, {other})",
        {"Minimum": Rule(
            ("{up} where {input} is smaller, half of it where they are equal",
             "{up} where {other} is smaller, half of it where they are equal"), elementwise=True)},
        cost=broadcast,
    ),
    operation(
        "where", (TORCH,), "condition: tensor, input: operand, other: operand", torch.where,
        "{input} where {condition}, else {other}",
        # the condition comes first among the node's inputs, and has no gradient
        {"Where": Rule(("", "{up} where {condition}, else 0", "{up} where not {condition}, else 0"))},
        cost=broadcast,
    ),
    operation("atan2", BOTH, "input: tensor, other: tensor", torch.atan2, "atan2({input}, {other})",
              {"Atan2": Rule(("{up} · {other} / ({input}² + {other}²)",
              "{up} · (−{input}) / ({input}² + {other}²)"),
                             elementwise=True)}, cost=broadcast),
    _comparison("gt", ">", operator.gt),
    _comparison("lt", "<", operator.lt),
    _comparison("ge", ">=", operator.ge),
    _comparison("le", "<=", operator.le),
    _comparison("eq", "==", operator.eq),
    _comparison("ne", "!=", operator.ne),
)  # fmt: skip


def _changed(name: str, symbol: str, word: str, call: Callable[[Any, Any], Any]) -> Operation:
    """An operator that writes its result into its first argument."""
    return operation(
        name, (METHOD,), "input: tensor, other: operand", lambda input, other: call(input, other),
        f"{{input}} {word} {{other}}, in place", cost=broadcast, symbol=symbol, inplace=True,
    )  # fmt: skip


INPLACE = (
    _changed("add_", "+=", "+", lambda a, b: a.add_(b)),
    _changed("sub_", "-=", "−", lambda a, b: a.sub_(b)),
    _changed("mul_", "*=", "·", lambda a, b: a.mul_(b)),
    _changed("div_", "/=", "/", lambda a, b: a.div_(b)),
    operation("zero_", (METHOD,), "input: tensor", lambda input: input.zero_(), "0, in place",
              {"Zero": Rule(("0: the old values are gone",))}, inplace=True),
    operation("fill_", (METHOD,), "input: tensor, value: number", lambda input, value: input.fill_(value),
              "{value}, in place", {"Fill": Rule(("0: the old values are gone",))}, inplace=True),
    operation("clamp_", (METHOD,), "input: tensor, min: number?, max: number?",
              lambda input, min=None, max=None: input.clamp_(min, max), "{input} kept in bounds, in place",
              inplace=True),
    operation("relu_", (METHOD,), "input: tensor", lambda input: input.relu_(), "max({input}, 0), in place",
              inplace=True),
    operation("exp_", (METHOD,), "input: tensor", lambda input: input.exp_(), "exp({input}), in place",
              inplace=True),
)  # fmt: skip
