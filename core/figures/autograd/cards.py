"""The cards of all steps but the backward nodes': what happened, and with which numbers."""

from core.autograd.graph.backward import node_name
from core.autograd.graph.check import Check
from core.autograd.graph.trace import Applied, BackwardPass, BackwardStep, GradientChange, Trace
from core.autograd.operations.signature import shape_text
from core.figures.autograd.blocks import (
    Block,
    check_blocks,
    equation,
    formula,
    matrix,
    put_in,
    symbol,
    text,
)
from core.figures.autograd.names import Letters, bracketed
from core.figures.autograd.put_in import forward_numbers
from core.figures.autograd.tables import Tables


def forward_card(trace: Trace, applied: Applied, tables: Tables) -> list[Block]:
    """One operation of the forward pass."""
    out = [trace.values[number] for number in applied.outputs]
    shown = {key: words.replace(" * ", " · ") for key, words in applied.shown.items()}
    if applied.operation.symbol not in ("+", "[]"):
        shown = {key: bracketed(words) for key, words in shown.items()}
    names = Letters(str, shown, out=out[0].title, out_shape=shape_text(out[0].data.shape))
    inputs = [trace.values[number] for number in dict.fromkeys(applied.inputs)]
    blocks = [formula(f"{out[0].title} = {applied.operation.formula.format_map(names)}")]
    if inputs:
        numbers = forward_numbers(trace, applied)
        blocks += [put_in(numbers)] if numbers else []
        items: list[Block] = []
        for value in inputs:
            items += [matrix(value.title, tables.value(value.data)), symbol(",")]
        result = matrix(out[0].title, tables.value(out[0].data))
        blocks.append(equation(*items[:-1], symbol("→"), result))
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


def seed_card(trace: Trace, backward: BackwardPass, tables: Tables) -> list[Block]:
    root = trace.values[backward.root]
    return [
        formula(
            f"∂{root.title}/∂{root.title} = 1"
            if backward.seed.numel() == 1
            else "the gradient that was given"
        ),
        equation(matrix("upstream gradient", tables.gradient(backward.seed))),
        text(
            f"backward() starts at {root.title}. From here each node multiplies what arrives by its "
            f"local derivative."
        ),
    ]


def accumulate_card(
    trace: Trace, step: BackwardStep, error: float | None, check: Check | None, tables: Tables
) -> list[Block]:
    """The gradient reaches a leaf."""
    title = trace.values[step.value].title if step.value is not None else "leaf"
    arriving = step.upstream[0]
    after = matrix(f"{title}.grad", tables.gradient(step.after))
    what = "what arrives" if step.before is None else f"{title}.grad + what arrives"
    blocks = [formula(f"{title}.grad = {what}")]
    if step.before is None:
        blocks.append(equation(after))
        blocks.append(text(f"{title}.grad was None (—): the gradient becomes its .grad."))
    else:
        before = matrix("before", tables.gradient(step.before))
        blocks.append(
            equation(before, symbol("+"), matrix("arrives", tables.gradient(arriving)), symbol("="), after)
        )
        blocks.append(
            text("Gradients accumulate over calls of backward(): hence zero_grad before each step.")
        )
    return blocks + check_blocks(error, check)


def change_card(trace: Trace, change: GradientChange, tables: Tables) -> list[Block]:
    title = trace.values[change.value].title
    if change.gradient is None:
        return [
            formula(f"{title}.grad = None"),
            text("The gradient is dropped; the next backward() starts afresh."),
        ]
    return [
        equation(matrix(f"{title}.grad", tables.gradient(change.gradient))),
        text("The program changed .grad itself."),
    ]


def error_card(trace: Trace) -> list[Block]:
    """What stopped the program."""
    error = trace.error
    if error is None:
        return []
    message, hint = (words.replace("`", "") for words in (error.message, error.hint))
    blocks: list[Block] = [{"kind": "check", "good": False, "text": f"{message}."}]
    return blocks + ([text(hint)] if hint else [])
