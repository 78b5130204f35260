"""A program as a notebook cell: the same lines, with what they need above them."""

import ast
from collections.abc import Iterable, Iterator

from core.autograd.graph.recorder import SEED
from core.autograd.operations.table import BY_HOME
from core.autograd.program import parse

# name that a program may use without importing it → the line that brings it
IMPORTS = {
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "math": "import math",
}
_RANDOM = frozenset(name for (_, name), op in BY_HOME.items() if op.random or name == "dropout")

Place = tuple[int, int]  # line and column


def notebook_text(source: str) -> str:
    """The text of a cell that gives the same numbers in a notebook.

    Added are only the imports that the program leaves out, and a seed where it draws random numbers before it
    sets one: torch.manual_seed starts PyTorch's global generator where the program's own starts.
    """
    program = parse(source)
    nodes = [node for statement in program.statements for node in ast.walk(statement)]
    bound = dict(sorted(_bindings(nodes), key=lambda item: item[1], reverse=True))  # the first of each name
    used = [(node.id, _place(node)) for node in nodes if isinstance(node, ast.Name)]
    needed = {name for name, place in used if place < bound.get(name, (place[0] + 1, 0))}
    lines = program.source.rstrip().split("\n")
    if not _draws_unseeded(nodes):
        return _with_head([line for name, line in IMPORTS.items() if name in needed], lines)
    seed = f"torch.manual_seed({SEED})"
    after = _end_of_imports(program.statements)
    if "torch" not in needed and bound.get("torch", (after + 1, 0))[0] <= after:
        lines.insert(after, seed)
        return _with_head([line for name, line in IMPORTS.items() if name in needed], lines)
    needed.add("torch")
    return _with_head([line for name, line in IMPORTS.items() if name in needed] + [seed], lines)


def _with_head(head: list[str], lines: list[str]) -> str:
    return "\n".join([*head, "", *lines] if head else lines) + "\n"


def _place(node: ast.expr | ast.stmt) -> Place:
    return node.lineno, node.col_offset


def _bindings(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, Place]]:
    """The names that the program gives, by assignment or import, and where their statement begins."""
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, _place(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield alias.asname or alias.name.split(".")[0], _place(node)


def _draws_unseeded(nodes: list[ast.AST]) -> bool:
    """Whether a random number is drawn before the first seed."""
    calls = sorted((_place(node), _called(node)) for node in nodes if isinstance(node, ast.Call))
    first = next((name for _, name in calls if name in _RANDOM or name == "manual_seed"), "")
    return first in _RANDOM


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _end_of_imports(statements: tuple[ast.stmt, ...]) -> int:
    """The last line of the imports that the program begins with; 0 where something else shares it."""
    end = 0
    for statement in statements:
        if not isinstance(statement, (ast.Import, ast.ImportFrom)):
            return 0 if statement.lineno <= end else end
        end = statement.end_lineno or statement.lineno
    return end
