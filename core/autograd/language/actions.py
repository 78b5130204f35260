"""What a program can do with a tensor besides operations: backward, switches, and looking at it."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.autograd.graph import Node

from core.autograd.errors import RefusalError, Span
from core.autograd.graph.backward import node_name
from core.autograd.graph.gradients import record_gradients
from core.autograd.graph.passes import record_backward
from core.autograd.graph.recorder import Recorder
from core.autograd.language.plain_numbers import bounded
from core.autograd.operations.signature import Signature, shape_text

Action = Callable[[Recorder, torch.Tensor, Mapping[str, Any], str, Span, str], Any]


class GradientFunction(str):
    """A backward node, as `.grad_fn` and `next_functions` show it."""

    node: Node

    @classmethod
    def of(cls, node: Node | None) -> "GradientFunction | None":
        if node is None:
            return None
        shown = cls(f"<{node_name(node)}>")
        shown.node = node
        return shown

    @property
    def next_functions(self) -> tuple[tuple["GradientFunction | None", int], ...]:
        """Where the node hands gradients on to, and to which of their inputs."""
        return tuple((self.of(node), number) for node, number in self.node.next_functions)

    __repr__ = str.__str__  # so that it looks the same inside a tuple


def _backward(
    recorder: Recorder, tensor: torch.Tensor, given: Mapping[str, Any], shown: str, span: Span, text: str
) -> None:
    record_backward(
        recorder, tensor, given.get("gradient"), given.get("retain_graph") or False, shown, span, text
    )


_ASKED = Signature.parse(
    "outputs: tensor or tensors, inputs: tensor or tensors, grad_outputs: data?, retain_graph: flag?, "
    "create_graph: flag=, allow_unused: flag?"
)


def asked_gradients(
    recorder: Recorder, values: list[Any], named: Mapping[str, Any], shown: str, span: Span, text: str
) -> tuple[torch.Tensor | None, ...]:
    """torch.autograd.grad: the gradients come back as a tuple, and no leaf's .grad changes."""
    given = _ASKED.bind("torch.autograd.grad", values, dict(named))
    outputs, inputs, gradient = (_in_tuple(given.get(key)) for key in ("outputs", "inputs", "grad_outputs"))
    if len(outputs) != 1 or len(gradient) != 1 or not inputs:
        raise RefusalError(
            f"torch.autograd.grad takes one output and at least one input here; given were "
            f"{len(outputs)} and {len(inputs)}",
            "Write torch.autograd.grad(loss, [w, b]); add outputs up first.",
        )
    if gradient[0] is None and outputs[0].numel() != 1 and outputs[0].requires_grad:
        raise RefusalError(
            f"`{shown}` has shape {shape_text(outputs[0].shape)}: the pass starts from one number, "
            f"and this has {outputs[0].numel()}",
            f"Add it up with .sum(), or write grad_outputs=torch.ones_like({shown}).",
        )
    if given.get("create_graph"):
        raise RefusalError(
            "Gradients of gradients (create_graph=True) are not drawn here",
            "Leave create_graph out: the gradient then is a number like any other.",
        )
    settings = {key: bool(given.get(key)) for key in ("retain_graph", "allow_unused")}
    return record_gradients(recorder, outputs[0], inputs, gradient[0], settings, shown, span, text)


def _in_tuple(given: Any) -> tuple[Any, ...]:
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)


def _requires_grad(
    recorder: Recorder, tensor: torch.Tensor, given: Mapping[str, Any], shown: str, span: Span, text: str
) -> torch.Tensor:
    recorder.set_requires_grad(tensor, given.get("requires_grad", True), span)
    return tensor


def _retain(
    recorder: Recorder, tensor: torch.Tensor, given: Mapping[str, Any], shown: str, span: Span, text: str
) -> None:
    recorder.retain_gradient(tensor, span)


def _item(
    recorder: Recorder, tensor: torch.Tensor, given: Mapping[str, Any], shown: str, span: Span, text: str
) -> Any:
    if tensor.numel() != 1:
        raise RefusalError(
            f"`{shown}` has {tensor.numel()} elements; .item() gives the one number of a tensor with "
            f"one element",
            "Reduce it first, for example with .sum(), or choose one: x[0].",
        )
    return bounded(tensor.item())


def _list(
    recorder: Recorder, tensor: torch.Tensor, given: Mapping[str, Any], shown: str, span: Span, text: str
) -> Any:
    if tensor.numel() > 1_000:
        raise RefusalError(
            f"`{shown}` has {tensor.numel():,} elements; .tolist() gives at most 1,000", "Slice it first."
        )
    return tensor.tolist()


def _size(
    recorder: Recorder, tensor: torch.Tensor, given: Mapping[str, Any], shown: str, span: Span, text: str
) -> Any:
    if "dim" not in given:
        return tensor.shape
    if not -tensor.dim() <= given["dim"] < tensor.dim():
        raise RefusalError(
            f"`{shown}` has {tensor.dim()} dimensions, so none is number {given['dim']}", "They count from 0."
        )
    return tensor.shape[given["dim"]]


ACTIONS: dict[str, tuple[Signature, Action]] = {
    "backward": (Signature.parse("gradient: data?, retain_graph: flag?"), _backward),
    "requires_grad_": (Signature.parse("requires_grad: flag="), _requires_grad),
    "retain_grad": (Signature.parse(""), _retain),
    "item": (Signature.parse(""), _item),
    "tolist": (Signature.parse(""), _list),
    "size": (Signature.parse("dim: whole="), _size),
    "dim": (Signature.parse(""), lambda recorder, tensor, *rest: tensor.dim()),
    "numel": (Signature.parse(""), lambda recorder, tensor, *rest: tensor.numel()),
}

PROPERTIES: dict[str, Callable[[torch.Tensor], Any]] = {
    "shape": lambda tensor: tensor.shape,
    "dtype": lambda tensor: tensor.dtype,
    "ndim": lambda tensor: tensor.dim(),
    "requires_grad": lambda tensor: tensor.requires_grad,
    "_version": lambda tensor: tensor._version,
    "is_leaf": lambda tensor: tensor.is_leaf,
    "grad_fn": lambda tensor: GradientFunction.of(tensor.grad_fn),
}
