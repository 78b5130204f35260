"""Seconds that each layer takes, forward and backward, while a network runs as it always does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from torch import Tensor, nn
from torch.autograd.graph import Node

from core.networks.rows import LayerRow


class LayerClock:
    """Reads the clock before and after each layer's forward pass and each of its nodes of the autograd graph.

    Forward, a block's time is its own, without that of its inner layers. Backward, a node belongs to the
    innermost layer whose forward pass made it, so that branches may run in any order.
    """

    def __init__(self, model: nn.Module, rows: Sequence[LayerRow], now: Callable[[], float]) -> None:
        self._layers = [(row.name, model.get_submodule(row.path)) for row in rows]
        self._now = now
        self.seconds: dict[str, float] = defaultdict(float)  # by the row's name, since `restart`
        self._made: list[tuple[str, Tensor]] = []  # what each layer gave, in the order of execution
        self._running: list[float] = []  # a layer's start, moved on by the time of those inside it

    def restart(self) -> None:
        """Set all layers' seconds to 0."""
        self.seconds.clear()

    @contextmanager
    def forward(self) -> Iterator[None]:
        """Watch the forward passes inside."""
        self._made.clear()
        with ExitStack() as handles:
            for name, module in self._layers:
                handles.callback(module.register_forward_pre_hook(self._begin).remove)
                handles.callback(module.register_forward_hook(self._end(name)).remove)
            yield

    @contextmanager
    def backward(self) -> Iterator[None]:
        """Watch the backward pass inside, of the forward pass that was watched last."""
        seen: set[Node] = set()
        with ExitStack() as handles:
            for name, output in self._made:
                for node in _new_nodes(output.grad_fn, seen):
                    before, after = self._around(name)
                    handles.callback(node.register_prehook(before).remove)
                    handles.callback(node.register_hook(after).remove)
            self._made.clear()
            yield

    def _begin(self, _module: nn.Module, _inputs: Any) -> None:
        self._running.append(self._now())

    def _end(self, name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def end(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            took = self._now() - self._running.pop()
            self.seconds[name] += took
            self._running = [start + took for start in self._running]
            self._made.append((name, output))

        return end

    def _around(self, name: str) -> tuple[Callable[[Any], None], Callable[[Any, Any], None]]:
        started = 0.0

        def before(_gradients: Any) -> None:
            nonlocal started
            started = self._now()

        def after(_inputs: Any, _outputs: Any) -> None:
            self.seconds[name] += self._now() - started

        return before, after


def _new_nodes(node: Node | None, seen: set[Node]) -> Iterator[Node]:
    """`node` and those that it leads to, without any that were seen before."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            waiting += [following for following, _ in node.next_functions]
