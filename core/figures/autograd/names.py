"""What the parameters of a rule are called in this program."""

from collections import defaultdict

from core.autograd.graph.backward import node_name
from core.autograd.graph.trace import BackwardStep, Contribution, Trace
from core.autograd.operations.table import rule_of
from core.figures.autograd.numbers import number


class Letters(defaultdict[str, str]):
    """Names for a rule's parameters; one that is not known keeps its own name."""

    def __missing__(self, key: str) -> str:
        return key


def target_of(trace: Trace, contribution: Contribution) -> str:
    """The value that a contribution goes to, or the node where the program has no name for it."""
    if contribution.value is not None:
        return trace.values[contribution.value].title
    return node_name(contribution.slot.node)


def gradient_of(title: str) -> str:
    """grad_W, or grad of (y * y)."""
    return f"grad_{title}" if title.isidentifier() else f"grad of ({title})"


def rule_names(trace: Trace, step: BackwardStep, contribution: Contribution, upstream_size: int) -> Letters:
    """Upstream is "upstream"; parameters are what stands in their place in the program."""
    count = contribution.amount.numel() / max(upstream_size, 1)
    names = Letters(str, up="upstream", n=number(int(count) if count >= 1 else 1))
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
                names[mine] = bracketed(applied.shown[their].replace(" * ", " · "))
    return names


def bracketed(words: str) -> str:
    """An operand with an operator in it needs brackets inside a formula."""
    compound = any(sign in words for sign in (" + ", " - ", " * ", " · ", " / ", " @ "))
    return f"({words})" if compound and words[:1] != "(" else words
