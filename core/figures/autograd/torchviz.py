"""torchviz's own drawing of a program's result, so that a student recognises it in the wild."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from core.autograd.language.interpreter import run

NODES = 120  # backward nodes from which on the drawing takes the browser too long
NOTE = (
    "Drawn by torchviz (`make_dot(…, show_attrs=True, show_saved=True)`): blue leaves, grey backward nodes "
    "with their attributes, orange saved tensors, green the result. It shows shapes, not numbers; arrows "
    "point the way of the forward pass."
)


@dataclass(frozen=True)
class Drawing:
    """A graph in the DOT language, or none; and what there is to say of it."""

    dot: str
    note: str


def torchviz_drawing(source: str, leaves: Mapping[str, Any]) -> Drawing:
    """The graph behind the last backward(), or behind the last result where there is none; attributes and
    saved tensors are drawn, under the names of the program.

    torchviz looks at saved tensors, which PyTorch frees in backward(): so it draws just before that.
    """
    drawn: list[Drawing] = []

    def keep(root: torch.Tensor, names: Mapping[str, torch.Tensor]) -> None:
        parameters = {name: tensor for name, tensor in names.items() if tensor.requires_grad}
        drawn.append(draw(root, parameters, saved=True, most=NODES, note=NOTE))

    trace = run(source, leaves=leaves, before_backward=keep)
    if not drawn:
        results = [value for value in trace.values if value.requires_grad and not value.is_leaf]
        if not results:
            return Drawing("", "torchviz draws what a grad_fn leads to, and this program has no grad_fn.")
        keep(results[-1].tensor, {name: trace.value(name).tensor for name in trace.names})
    return drawn[-1]


def draw(
    root: torch.Tensor, parameters: Mapping[str, torch.Tensor], saved: bool, most: int, note: str
) -> Drawing:
    """What torchviz draws of the graph behind `root`, with attributes and `saved` tensors if wanted; a note
    says why not, where it has more than `most` nodes or torchviz can't be imported."""
    try:
        from torchviz import make_dot
    except ImportError as problem:  # not installed, or made for an older Python (it imports distutils)
        return Drawing(
            "", f"torchviz cannot draw here: {problem}. `pip install torchviz setuptools` mends it."
        )
    count = len(_nodes(root))
    if count > most:
        return Drawing("", f"torchviz would draw {count} backward nodes; up to {most} are drawn here.")
    dot = make_dot(root, params=dict(parameters), show_attrs=saved, show_saved=saved)
    return Drawing(_for_the_page(dot.source), note)


def _nodes(root: torch.Tensor) -> set[Any]:
    found: set[Any] = set()
    waiting = [root.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.add(node)
            waiting += [below for below, _ in node.next_functions]
    return found


def _for_the_page(dot: str) -> str:
    """torchviz asks for a size in inches for print; on the page the graph has its natural size. A tensor
    without a name gets a label that begins with an empty line, at which the Graphviz of browsers fails after a
    few drawings ("table index is out of bounds")."""
    natural = "\n".join(line for line in dot.split("\n") if "size=" not in line or "fontsize" in line)
    return natural.replace('label="\n', 'label="')
