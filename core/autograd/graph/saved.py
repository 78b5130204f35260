"""The saved tensors of a backward node: what it keeps from the forward pass for its backward."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from torch.autograd.graph import Node

from core.autograd.graph.trace import Saved, Value

_PREFIX = "_raw_saved_"
_COPIED = 36  # elements up to which a saved tensor that is no value of the program is copied


@cache
def _saved_names(kind: type[Node]) -> tuple[str, ...]:
    """Every node type lists its saved tensors as `_raw_saved_…`."""
    return tuple(name.removeprefix(_PREFIX) for name in dir(kind) if name.startswith(_PREFIX))


def saved_tensors(node: Node, values: Sequence[Value]) -> tuple[Saved, ...]:
    """Look while the graph is fresh: PyTorch frees them in backward. `values` are the operation's inputs and
    results, among which a saved tensor is found again."""
    found = []
    for name in _saved_names(type(node)):
        kept: Any = getattr(node, f"_saved_{name}")
        if isinstance(kept, torch.Tensor):
            found.append(_saved(name, kept, values))
        elif isinstance(kept, tuple):
            each = [(f"{name}[{i}]", item) for i, item in enumerate(kept)]
            found += [_saved(part, item, values) for part, item in each if isinstance(item, torch.Tensor)]
    return tuple(found)


def _saved(name: str, kept: torch.Tensor, values: Sequence[Value]) -> Saved:
    for value in values:
        if value.data.data_ptr() == kept.data_ptr() and value.data.dtype == kept.dtype:
            if (value.data.shape, value.data.stride()) == (kept.shape, kept.stride()):
                return Saved(name, value.number, False, None)
            if kept.dim() == 2 and (value.data.shape, value.data.stride()) == (kept.T.shape, kept.T.stride()):
                return Saved(name, value.number, True, None)
    data = kept.detach()
    return Saved(name, None, False, data.clone() if data.numel() <= _COPIED else data)
