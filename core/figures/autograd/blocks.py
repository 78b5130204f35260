"""What a card is made of: sentences, formulas, equations of tables, and checks."""

from collections.abc import Sequence
from typing import Any

from core.autograd.graph.check import Check
from core.figures.autograd.numbers import number

Block = dict[
    str, Any
]  # {"kind": "text" | "formula" | "pairs" | "equation" | "check", …}, drawn by the browser side


def text(words: str) -> Block:
    return {"kind": "text", "text": words}


def formula(words: str) -> Block:
    """A rule; `put_in` is the same with numbers."""
    return {"kind": "formula", "text": words}


def put_in(words: str) -> Block:
    """A rule with this case's numbers in it."""
    return {"kind": "numbers", "text": words}


def pairs(lines: Sequence[tuple[str, str]]) -> Block:
    """A short table: a name, and what it is."""
    return {"kind": "pairs", "items": [list(line) for line in lines]}


def matrix(label: str, table: int) -> Block:
    """A table (its number among the film's tables) with a name above it."""
    return {"label": label, "table": table}


def symbol(sign: str) -> Block:
    return {"sign": sign}


def equation(*items: Block) -> Block:
    return {"kind": "equation", "items": list(items)}


_CHECKED_ALONG = {
    "element": "",
    "direction": ", along random directions",
    "use": ", along random directions, for each operation that uses it",
}


def check_blocks(error: float | None, check: Check | None) -> list[Block]:
    """How a gradient compares with two independent ways to get it."""
    lines = []
    if error is not None:
        lines.append((error < 1e-6, f"torch.autograd.grad: relative error {number(error)}"))
    if check is not None:
        relative = f"relative error {number(check.error)}{_CHECKED_ALONG[check.by]}"
        words = {
            "agrees": (True, f"float64 central differences: {relative}"),
            "differs": (False, f"float64 central differences differ: {relative}"),
            "kink": (True, "the function has a kink at this point, where central differences mean nothing"),
            "skipped": (True, "central differences left out: they would take too long here"),
        }
        lines.append(words[check.state])
    return [{"kind": "check", "good": good, "text": words} for good, words in lines]
