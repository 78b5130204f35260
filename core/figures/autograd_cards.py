"""What the card beside the graph says at each step: the rule, and the same with this case's numbers."""

from collections import defaultdict
from typing import Any

import torch

from core.autograd.graph.backward import node_name
from core.autograd.graph.check import Check
from core.autograd.graph.trace import Applied, BackwardPass, BackwardStep, Contribution, GradientChange, Trace
from core.autograd.operations.signature import shape_text
from core.autograd.operations.table import rule_of
from core.figures.autograd_numbers import NONE, grid, number, shades

Block = dict[str, Any]  # {"kind": "text" | "formula" | "equation" | "check", …}, drawn by the browser side


class _Letters(defaultdict[str, str]):
    """Names for a rule's parameters; one that is not known keeps its own name."""

    def __missing__(self, key: str) -> str:
        return {"input": "x", "other": "y"}.get(key, key)


def text(words: str) -> Block:
    return {"kind": "text", "text": words}


def formula(words: str) -> Block:
    return {"kind": "formula", "text": words}


def matrix(label: str, tensor: torch.Tensor | None, scale: float | None = None) -> Block:
    """A tensor with a name above it; shaded where it is a gradient (`scale`)."""
    if tensor is None:
        return {"label": label, "cells": [[NONE]]}
    item: Block = {"label": label, "cells": grid(tensor).cells}
    if scale is not None:
        item["shades"] = shades(tensor, scale)
    return item


def symbol(sign: str) -> Block:
    return {"sign": sign}


def equation(*items: Block) -> Block:
    return {"kind": "equation", "items": list(items)}


def forward_card(trace: Trace, applied: Applied) -> list[Block]:
    """One operation of the forward pass."""
    out = [trace.values[number] for number in applied.outputs]
    shown = {key: words.replace(" * ", " · ") for key, words in applied.shown.items()}
    if applied.operation.symbol not in ("+", "[]"):
        shown = {key: _bracketed(words) for key, words in shown.items()}
    names = _Letters(str, shown, out=out[0].title, out_shape=shape_text(out[0].data.shape))
    inputs = [trace.values[number] for number in dict.fromkeys(applied.inputs)]
    blocks = [formula(f"{out[0].title} = {applied.operation.formula.format_map(names)}")]
    if inputs:
        items: list[Block] = []
        for value in inputs:
            items += [matrix(value.title, value.data), symbol(",")]
        blocks.append(equation(*items[:-1], symbol("→"), matrix(out[0].title, out[0].data)))
    blocks.append(text(_remembered(trace, applied)))
    return blocks


def _remembered(trace: Trace, applied: Applied) -> str:
    if applied.recorded:
        names = ", then ".join(node_name(node) for node in reversed(applied.nodes)) or "nothing new"
        return f"Autograd records it: going back, {names}."
    if any(trace.values[number].requires_grad for number in applied.inputs):
        return "Autograd does not record it: no gradient will flow back through it."
    if applied.inputs:
        return "Nothing to record: no input requires a gradient."
    if trace.values[applied.outputs[0]].requires_grad:
        return "A leaf: backward() will put its gradient into .grad."
    return "A constant: it gets no gradient."


def seed_card(trace: Trace, backward: BackwardPass, scale: float) -> list[Block]:
    root = trace.values[backward.root]
    return [
        formula(
            f"∂{root.title}/∂{root.title} = 1"
            if backward.seed.numel() == 1
            else "the gradient that was given"
        ),
        equation(matrix("upstream gradient", backward.seed, scale)),
        text(
            f"backward() starts at {root.title}. From here each node multiplies what arrives by its "
            f"local derivative."
        ),
    ]


def node_card(trace: Trace, step: BackwardStep, scale: float) -> list[Block]:
    """One backward node: for each input, upstream × local derivative = contribution."""
    found = rule_of(step.name)
    upstream = next((gradient for gradient in step.upstream if gradient is not None), None)
    if upstream is None:
        return [text("No gradient arrives here: the result was not used on the way to the root.")]
    blocks: list[Block] = []
    for contribution in step.contributions:
        target = _name(trace, contribution)
        names = _names(trace, step, contribution, upstream)
        if found is not None and contribution.position < len(found[0].inputs):
            blocks.append(formula(f"to {target}: {found[0].inputs[contribution.position].format_map(names)}"))
        else:
            blocks.append(formula(f"to {target}: what {step.name} computes"))
        blocks.append(equation(*_terms(step, contribution, upstream, scale), *_result(contribution, scale)))
        blocks += _sums(target, contribution, scale)
    return blocks or [text("Nothing that requires a gradient lies behind this node.")]


def _terms(
    step: BackwardStep, contribution: Contribution, upstream: torch.Tensor, scale: float
) -> list[Block]:
    """The factors of the product, where they can be shown."""
    up = matrix("upstream", upstream, scale)
    if step.local:
        return [up, symbol("×"), matrix("local", step.local[contribution.position]), symbol("=")]
    found = rule_of(step.name)
    factors = found[0].factors if found is not None else ()
    if contribution.position < len(factors) and factors[contribution.position]:
        items = [_factor(step, factor, upstream, scale) for factor in factors[contribution.position]]
        if all(item is not None for item in items):
            return [item for item in items if item is not None] + [symbol("=")]
    return [up, symbol("→")]


def _factor(step: BackwardStep, factor: str, upstream: torch.Tensor, scale: float) -> Block | None:
    """`up`, a sign, or a tensor that the node saved in the forward pass."""
    if factor == "up":
        return matrix("upstream", upstream, scale)
    if len(factor) == 1:
        return symbol(factor)
    saved = step.saved.get(factor.removesuffix("ᵀ"))
    if saved is None:
        return None
    return matrix(f"saved {factor}", saved.T if factor.endswith("ᵀ") and saved.dim() > 1 else saved)


def _result(contribution: Contribution, scale: float) -> list[Block]:
    if contribution.raw.shape == contribution.amount.shape:
        return [matrix("contribution", contribution.amount, scale)]
    return [
        matrix("product", contribution.raw, scale),
        symbol("Σ→"),
        matrix("contribution", contribution.amount, scale),
    ]


def _sums(target: str, contribution: Contribution, scale: float) -> list[Block]:
    blocks: list[Block] = []
    if contribution.raw.shape != contribution.amount.shape:
        blocks.append(
            text(
                f"{target} was broadcast from {shape_text(contribution.amount.shape)} to "
                f"{shape_text(contribution.raw.shape)}: the gradients of its copies are summed."
            )
        )
    if contribution.expected > 1:
        blocks.append(
            text(
                f"{target} is used {contribution.expected} times; contribution {contribution.arrived} "
                f"has arrived."
            )
        )
        if contribution.arrived > 1:
            before = contribution.total - contribution.amount
            blocks.append(
                equation(
                    matrix("so far", before, scale), symbol("+"), matrix("this", contribution.amount, scale),
                    symbol("="), matrix("sum", contribution.total, scale),
                )
            )  # fmt: skip
    return blocks


def _name(trace: Trace, contribution: Contribution) -> str:
    if contribution.value is not None:
        return trace.values[contribution.value].title
    return node_name(contribution.slot.node)


def _names(trace: Trace, step: BackwardStep, contribution: Contribution, upstream: torch.Tensor) -> _Letters:
    """What the rule's parameters are called in this program."""
    count = contribution.amount.numel() / max(upstream.numel(), 1)
    names = _Letters(str, up="upstream", n=number(int(count) if count >= 1 else 1))
    found = rule_of(step.name)
    if step.operation is None or found is None:
        return names
    applied = trace.operations[step.operation]
    names["out"] = trace.values[applied.outputs[0]].title
    if applied.operation is found[1] or len(applied.nodes) == 1:
        own = [parameter.name for parameter in found[1].signature.parameters]
        theirs = [parameter.name for parameter in applied.operation.signature.parameters]
        for mine, their in zip(own, theirs, strict=False):
            if their in applied.shown:
                names[mine] = _bracketed(applied.shown[their].replace(" * ", " · "))
    return names


def _bracketed(words: str) -> str:
    """An operand with an operator in it needs brackets inside a formula."""
    return (
        f"({words})"
        if any(sign in words for sign in (" + ", " - ", " * ", " / ")) and words[:1] != "("
        else words
    )


def accumulate_card(
    trace: Trace, step: BackwardStep, error: float | None, check: Check | None, scale: float
) -> list[Block]:
    """The gradient reaches a leaf."""
    title = trace.values[step.value].title if step.value is not None else "leaf"
    arriving = step.upstream[0]
    blocks = [
        formula(f"{title}.grad = {'what arrives' if step.before is None else f'{title}.grad + what arrives'}")
    ]
    if step.before is None:
        blocks.append(equation(matrix(f"{title}.grad", step.after, scale)))
        blocks.append(text(f"{title}.grad was None (—): the gradient becomes its .grad."))
    else:
        blocks.append(
            equation(
                matrix("before", step.before, scale), symbol("+"), matrix("arrives", arriving, scale),
                symbol("="), matrix(f"{title}.grad", step.after, scale),
            )
        )  # fmt: skip
        blocks.append(
            text("Gradients accumulate over calls of backward(): hence zero_grad before each step.")
        )
    blocks += check_blocks(error, check)
    return blocks


def check_blocks(error: float | None, check: Check | None) -> list[Block]:
    """How the gradient compares with two independent ways to get it."""
    lines = []
    if error is not None:
        lines.append((error < 1e-6, f"torch.autograd.grad: relative error {number(error)}"))
    if check is not None:
        how = "" if check.by == "element" else ", along random directions"
        words = {
            "agrees": (True, f"float64 central differences: relative error {number(check.error)}{how}"),
            "differs": (
                False,
                f"float64 central differences differ: relative error {number(check.error)}{how}",
            ),
            "kink": (True, "the function has a kink at this point, where central differences mean nothing"),
            "skipped": (True, "central differences left out: they would take too long here"),
        }
        lines.append(words[check.state])
    return [{"kind": "check", "good": good, "text": words} for good, words in lines]


def change_card(trace: Trace, change: GradientChange, scale: float) -> list[Block]:
    title = trace.values[change.value].title
    if change.gradient is None:
        return [
            formula(f"{title}.grad = None"),
            text("The gradient is dropped; the next backward() starts afresh."),
        ]
    return [
        equation(matrix(f"{title}.grad", change.gradient, scale)),
        text("The program changed .grad itself."),
    ]
