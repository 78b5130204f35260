"""The table of all operations: to add one, add its record to the file of its kind."""

from core.autograd.operations.arithmetic import ARITHMETIC, INPLACE
from core.autograd.operations.creation import CREATION
from core.autograd.operations.functions import FUNCTIONS
from core.autograd.operations.layers import LAYERS
from core.autograd.operations.operation import METHOD, Operation, Rule
from core.autograd.operations.reductions import REDUCTIONS
from core.autograd.operations.shapes import SHAPES

OPERATIONS: tuple[Operation, ...] = (
    *CREATION, *ARITHMETIC, *INPLACE, *FUNCTIONS, *REDUCTIONS, *SHAPES, *LAYERS
)  # fmt: skip

BY_HOME: dict[tuple[str, str], Operation] = {(home, op.name): op for op in OPERATIONS for home in op.homes}
METHODS: dict[str, Operation] = {op.name: op for op in OPERATIONS if METHOD in op.homes}
BY_SYMBOL: dict[str, Operation] = {op.symbol: op for op in OPERATIONS if op.symbol}
RULES: dict[str, tuple[Rule, Operation]] = {
    node: (rule, op) for op in OPERATIONS for node, rule in op.rules.items()
}


def rule_of(node_name: str) -> tuple[Rule, Operation] | None:
    """The rule of a backward node such as "MulBackward0", with the operation that it belongs to."""
    return RULES.get(node_name) or RULES.get(node_name.split("Backward")[0])
