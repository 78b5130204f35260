"""The record that describes one operation: how it is called, its formula, its derivative, what it costs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.autograd.operations.cost import Cost, largest
from core.autograd.operations.signature import Signature

TORCH = "torch"
FUNCTIONAL = "torch.nn.functional"
NN = "torch.nn"
METHOD = "Tensor"
BOTH = (TORCH, METHOD)


@dataclass(frozen=True)
class Rule:
    """What one backward node computes: for each input, upstream gradient × local derivative (a VJP).

    Texts may name the operation's parameters, `{up}` (the upstream gradient), `{out}` (the operation's
    result) and `{n}` (how many input elements make one output element).
    """

    inputs: tuple[str, ...]
    elementwise: bool = False  # the Jacobian is diagonal: the node applied to ones gives the local derivative
    factors: tuple[
        tuple[str, ...], ...
    ] = ()  # a matrix product for each input: `up`, or a saved tensor, `ᵀ` after it


@dataclass(frozen=True)
class Operation:
    """One operation of the language.

    `call` takes the bound arguments by name and runs PyTorch's own function on real tensors. `rules` are
    keyed by the backward node that the operation leaves behind, without its ending ("MulBackward0" → "Mul").
    """

    name: str
    homes: tuple[str, ...]  # where PyTorch keeps it: modules, and "Tensor" where it is a method
    signature: Signature
    call: Callable[..., Any]
    formula: str
    rules: Mapping[str, Rule] = field(default_factory=dict)
    cost: Callable[[Mapping[str, Any], Mapping[str, str]], Cost] = largest
    symbol: str = ""  # its operator, if it has one
    inplace: bool = False  # changes its first argument
    casts: bool = False  # changes only the type of its argument
    creates: bool = False  # makes a tensor from numbers
    random: bool = False  # takes the program's own generator
    steps: Callable[..., Any] | None = None  # where it is recorded as several: takes how to apply one of them

    @property
    def shown_name(self) -> str:
        """How a student writes it."""
        if self.symbol:
            return self.symbol
        home = self.homes[0] if self.homes else ""
        return {TORCH: f"torch.{self.name}", FUNCTIONAL: f"F.{self.name}"}.get(home, f".{self.name}()")


def operation(
    name: str,
    homes: tuple[str, ...],
    signature: str,
    call: Callable[..., Any],
    formula: str,
    rules: Mapping[str, Rule] | None = None,
    **settings: Any,
) -> Operation:
    """An Operation, with its signature given as text."""
    return Operation(name, homes, Signature.parse(signature), call, formula, rules or {}, **settings)
