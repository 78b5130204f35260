"""What a program may use, so that one page cannot slow down the server for the others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The bounds of one program; each is checked before the work is done."""

    characters: int = 8_000  # of source text
    depth: int = 60  # nesting of expressions and blocks; three Python frames each
    operations: int = 500  # recorded tensor operations
    events: int = 750  # operations, backward passes and changes of a .grad together
    elements: int = 100_000  # of one tensor
    total_elements: int = 3_000_000  # of all tensors together, 12 MB in float32
    buffer: int = 5_000_000  # elements that one operation needs besides its result, for a moment
    dimensions: int = 8  # of one tensor
    work: int = 50_000_000  # multiplications or comparisons of one operation, about 0.1 s
    turns: int = 1_000  # of all loops together
    evaluations: int = 50_000  # expressions and statements evaluated
    backward_nodes: int = 5_000  # backward nodes visited, over all calls of backward
    whole: int = 2**53  # size of a whole number; beyond it floats are no longer exact
    size: int = 1_000_000  # of a dimension, stride, padding …
    text: int = 2_000  # characters of one string
    printed: int = 20_000  # characters of all output
    list_items: int = 10_000
    seconds: float = 2.0


LIMITS = Limits()
