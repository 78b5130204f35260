"""In one sentence: whether all gradients of a trace agree with the two independent ways to get them."""

from core.autograd.graph.check import Check
from core.autograd.graph.trace import Trace
from core.figures.autograd.numbers import number


def check_summary(trace: Trace, checks: list[dict[int, Check]]) -> tuple[bool, str] | None:
    """Whether they agree, and the sentence; None where there was no backward pass."""
    if not trace.passes:
        return None
    engine = max((error for backward in trace.passes for error in backward.engine.values()), default=0.0)
    states = [check for found in checks for check in found.values()]
    checked = [check for check in states if check.state == "agrees"]
    differing = sum(check.state == "differs" for check in states)
    worst = max((check.error for check in checked), default=0.0)
    good = engine < 1e-6 and differing == 0
    sentence = (
        f"{len(states)} gradients: largest relative error {number(engine)} against torch.autograd.grad"
        f", {number(worst)} against float64 central differences"
    )
    notes = [
        (differing, "differ from central differences"),
        (sum(check.state == "kink" for check in states), "at a kink, where differences mean nothing"),
        (sum(check.state == "skipped" for check in states), "not compared with differences, to save time"),
    ]
    extra = "; ".join(f"{count} {words}" for count, words in notes if count)
    return good, f"{sentence}{f' ({extra})' if extra else ''}."
