"""The card of one backward node: for each input, upstream × local derivative = contribution."""

import torch

from core.autograd.graph.trace import BackwardStep, Contribution, Saved, Trace
from core.autograd.operations.signature import shape_text
from core.autograd.operations.table import rule_of
from core.figures.autograd.blocks import Block, equation, formula, matrix, put_in, symbol, text
from core.figures.autograd.names import gradient_of, rule_names, target_of
from core.figures.autograd.nodes import saved_title
from core.figures.autograd.put_in import elementwise_backward
from core.figures.autograd.tables import Tables


def node_card(trace: Trace, step: BackwardStep, tables: Tables) -> list[Block]:
    """The rule in mathematics, the same with this case's numbers, and what several uses add up to."""
    found = rule_of(step.name)
    upstream = next((gradient for gradient in step.upstream if gradient is not None), None)
    if upstream is None:
        return [text("No gradient arrives here: the result was not used on the way to the root.")]
    blocks: list[Block] = []
    for contribution in step.contributions:
        target = target_of(trace, contribution)
        left = gradient_of(target) if contribution.value is not None else f"what goes on to {target}"
        if contribution.expected > 1:
            left = f"part {contribution.arrived} of {contribution.expected} of {left}"
        names = rule_names(trace, step, contribution, upstream.numel())
        product = _product(trace, step, contribution, matrix("upstream", tables.gradient(upstream)), tables)
        if product:
            factors = " ".join(item.get("sign") or item["label"] for item in product)
            blocks.append(formula(f"{left} = {factors}"))
        elif found is not None and contribution.position < len(found[0].inputs):
            rule = found[0].inputs[contribution.position].format_map(names)
            blocks.append(formula(f"{left} = {rule}"))
            if found[0].elementwise and step.operation is not None:
                applied = trace.operations[step.operation]
                numbers = elementwise_backward(trace, applied, found, contribution, upstream)
                blocks += [put_in(numbers)] if numbers else []
        else:
            blocks.append(formula(f"{left} = what {step.name} computes"))
        terms = (
            [*product, symbol("=")]
            if product
            else _terms(trace, step, contribution, upstream, target, tables)
        )
        blocks.append(equation(*terms, *_result(contribution, tables)))
        blocks += _sums(target, contribution, tables)
    return blocks or [text("Nothing that requires a gradient lies behind this node.")]


def _terms(
    trace: Trace,
    step: BackwardStep,
    contribution: Contribution,
    upstream: torch.Tensor,
    target: str,
    tables: Tables,
) -> list[Block]:
    """Upstream, and the local derivative where it can be shown."""
    up = matrix("upstream", tables.gradient(upstream))
    if step.local:
        local = step.local[contribution.position]
        return [up, symbol("×"), matrix("local", tables.value(local)), symbol("=")]
    if upstream.numel() == 1 and float(upstream) != 0 and contribution.raw.numel() > 1:
        # the node is linear in what arrives, so that this is its Jacobian's only row
        out = (
            "out"
            if step.operation is None
            else trace.values[trace.operations[step.operation].outputs[0]].title
        )
        local = contribution.raw / upstream.reshape(())
        return [up, symbol("×"), matrix(f"∂{out}/∂{target}", tables.value(local)), symbol("=")]
    return [up, symbol("→")]


def _product(
    trace: Trace, step: BackwardStep, contribution: Contribution, up: Block, tables: Tables
) -> list[Block]:
    """The factors of a matrix product, under the names of the program; none for other nodes."""
    found = rule_of(step.name)
    factors = found[0].factors if found is not None else ()
    if contribution.position >= len(factors):
        return []
    saved = {each.name: each for each in trace.saved.get(step.node, ())}
    items = [_factor(trace, saved, factor, up, tables) for factor in factors[contribution.position]]
    known = [item for item in items if item is not None]
    return known if len(known) == len(items) else []


def _factor(trace: Trace, saved: dict[str, Saved], factor: str, up: Block, tables: Tables) -> Block | None:
    """`up`, a sign, or a tensor that the node saved in the forward pass, under the program's name for it."""
    if factor == "up":
        return up
    if len(factor) == 1:
        return symbol(factor)
    found = saved.get(factor.removesuffix("ᵀ"))
    if found is None:
        return None
    turned = factor.endswith("ᵀ")
    data = trace.saved_data(found)
    data = data.T if turned and data.dim() == 2 else data
    title = saved_title(trace, found) or f"saved {found.name}"
    if turned:  # the transpose of a transpose is the value itself
        title = title.removesuffix("ᵀ") if found.transposed else f"{title}ᵀ"
    return matrix(title, tables.value(data))


def _result(contribution: Contribution, tables: Tables) -> list[Block]:
    amount = matrix("contribution", tables.gradient(contribution.amount))
    if contribution.raw.shape == contribution.amount.shape:
        return [amount]
    return [matrix("product", tables.gradient(contribution.raw)), symbol("Σ→"), amount]


def _sums(target: str, contribution: Contribution, tables: Tables) -> list[Block]:
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
                "has arrived."
            )
        )
        if contribution.arrived > 1:
            before = contribution.total - contribution.amount
            blocks.append(
                equation(
                    matrix("so far", tables.gradient(before)), symbol("+"),
                    matrix("this", tables.gradient(contribution.amount)), symbol("="),
                    matrix("sum", tables.gradient(contribution.total)),
                )
            )  # fmt: skip
    return blocks
