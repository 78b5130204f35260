"""What a program has used up so far, against its limits."""

import time
from collections.abc import Mapping
from typing import Any

from core.autograd.errors import RefusalError
from core.autograd.limits import Limits
from core.autograd.operations.cost import tensors_in
from core.autograd.operations.operation import Operation


class Budget:
    """Time, operations and elements; each is checked before it is spent, and refused in words."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._deadline = time.monotonic() + limits.seconds
        self._elements = 0
        self._backward_nodes = 0

    def tick(self, ahead: float = 0) -> None:
        """Raises RefusalError when the time is up, or will be after `ahead` seconds more."""
        if time.monotonic() + ahead > self._deadline:
            raise RefusalError(
                f"The program ran longer than {self.limits.seconds:g} s",
                "Use fewer operations or smaller tensors.",
            )

    def spend(
        self, operation: Operation, given: Mapping[str, Any], shown: Mapping[str, str], done: int, events: int
    ) -> None:
        """Refuse the operation where it is too costly; `done` operations and so many events have been."""
        self.tick()
        limits = self.limits
        if done >= limits.operations:
            raise RefusalError(
                f"The program has more than {limits.operations} operations", "Use fewer turns of the loop."
            )
        self.count(events)
        cost = operation.cost(given, shown)
        if cost.elements > limits.elements:
            raise RefusalError(
                f"`{operation.shown_name}` would make a tensor of {cost.elements:,} elements; "
                f"at most {limits.elements:,} are allowed here",
                "Use smaller sizes: the picture shows tensors up to 6×6 in full.",
            )
        if cost.work > limits.work:
            raise RefusalError(
                f"`{operation.shown_name}` would take {cost.work:,} multiplications; at most "
                f"{limits.work:,} are allowed",
                "Use smaller sizes.",
            )
        if cost.buffer > limits.buffer:
            raise RefusalError(
                f"`{operation.shown_name}` would need room for {cost.buffer:,} numbers while it works; "
                f"at most {limits.buffer:,} are allowed",
                "Use smaller sizes.",
            )
        if cost.dimensions > limits.dimensions or any(t.dim() > limits.dimensions for t in tensors_in(given)):
            raise RefusalError(
                f"Tensors here have at most {limits.dimensions} dimensions", "Use .reshape(…) or .flatten()."
            )
        self._elements += cost.elements
        if self._elements > limits.total_elements:
            raise RefusalError(
                f"All tensors together would have more than {limits.total_elements:,} elements",
                "Use smaller tensors or fewer turns of the loop.",
            )

    def count(self, events: int) -> None:
        """Refuse one more event after so many."""
        if events >= self.limits.events:
            raise RefusalError(
                f"The program has more than {self.limits.events} operations, backward passes and changes "
                "of gradients together",
                "Use fewer turns of the loop.",
            )

    def tick_backward(self) -> None:
        self._backward_nodes += 1
        if self._backward_nodes > self.limits.backward_nodes:
            raise RefusalError(
                f"All backward passes together visit more than {self.limits.backward_nodes:,} nodes",
                "Call backward() less often, or use fewer operations.",
            )
        self.tick()
