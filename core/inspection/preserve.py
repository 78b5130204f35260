"""Borrow a model and give back everything that was borrowed: modes, hooks, gradients, flags and buffers."""

import copy
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

_HOOKS = (  # where an nn.Module keeps its hooks; Captum adds to the first four
    "_forward_hooks",
    "_forward_pre_hooks",
    "_backward_hooks",
    "_backward_pre_hooks",
    "_forward_hooks_with_kwargs",
    "_forward_hooks_always_called",
    "_forward_pre_hooks_with_kwargs",
)
_locks: weakref.WeakKeyDictionary[nn.Module, threading.RLock] = weakref.WeakKeyDictionary()
_locks_guard = threading.Lock()


def _lock_of(model: nn.Module) -> threading.RLock:
    with _locks_guard:
        return _locks.setdefault(model, threading.RLock())


@contextmanager
def preserved(model: nn.Module) -> Iterator[nn.Module]:
    """Lend `model` to the block, and afterwards, also after an error, undo what the block did to it.

    Given back: the train/eval mode and the hooks of every submodule, every parameter's `.grad` (None inside
    the block) and `requires_grad`, and the values of the buffers. Parameter values are not kept: nobody may
    change them here. The model is lent to one thread at a time, since a mode that another thread changes
    can't be told from one's own.
    """
    with _lock_of(model):
        modes = [(module, module.training) for module in model.modules()]
        hooks: list[tuple[dict[Any, Any], dict[Any, Any]]] = [
            (kept, dict(kept))
            for module in model.modules()
            for name in _HOOKS
            if (kept := getattr(module, name)) is not None
        ]
        parameters = [(p, p.requires_grad, p.grad) for p in model.parameters()]
        buffers = [(buffer, buffer.clone()) for buffer in model.buffers()]
        for parameter, _, _ in parameters:
            parameter.grad = None  # so that nothing is added into the lender's own gradients
        try:
            yield model
        finally:
            for module, training in modes:
                module.training = training
            for kept, before in hooks:
                kept.clear()
                kept.update(before)
            for parameter, requires_grad, grad in parameters:
                parameter.requires_grad_(requires_grad)
                parameter.grad = grad
            for buffer, value in buffers:
                buffer.data.copy_(value)


def own_copy(model: nn.Module) -> nn.Module:
    """A copy of `model` in eval mode that the caller may hook, switch and throw away; takes 1 to 5 ms.

    A copy rather than a lock, because an attribution may take long and the page's model is shared by all
    sessions: nobody waits for another, and nothing that a method leaves behind, even after a crash, can reach
    anybody else.
    """
    with _lock_of(model):  # not while somebody else's hooks are on it
        return copy.deepcopy(model).eval()


def reporting(model: nn.Module, report: Callable[[int], None]) -> nn.Module:
    """Let `model` tell before each forward pass how many images went through it so far; gives `model` back.

    Copies of it report, too, and count on together. What `report` raises ends the pass.
    """
    through = 0

    def before(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        nonlocal through
        report(through)
        through += len(inputs[0])

    model.register_forward_pre_hook(before)
    return model


def not_in_place(model: nn.Module) -> nn.Module:
    """Let no layer of `model` overwrite its input, which would take away what hooks see; gives `model` back."""
    for module in model.modules():
        if isinstance(getattr(module, "inplace", None), bool):
            module.__dict__["inplace"] = False
    return model
