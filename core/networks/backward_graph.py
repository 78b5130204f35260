"""The graph that PyTorch records for a network's backward pass: every node, and the layer that left it.

The network really runs, forward, on a batch of zeros. Its weights are zeros too: nodes, shapes and what is saved
do not depend on numbers, and drawing eleven million random ones takes longer than all the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import nn

from core.networks.analysis import analyse
from core.networks.backward_nodes import ACCUMULATE, arrives, in_order, node_name, place, saved_by, unknown
from core.networks.build import build, raise_problem
from core.networks.spec import NetworkSpec, Shape, SpecError

BATCH = 2  # images: in training mode batch norm needs more than one value a channel
MOST_PARAMETERS = 50_000_000  # 0.2 GB
MOST_MACS = 5_000_000_000  # of one image: about a second on one core


@dataclass(frozen=True)
class Saved:
    """A tensor that a node keeps from the forward pass, because its formula needs it."""

    name: str  # PyTorch's name for it: input, weight, result …
    shape: Shape
    bytes: int
    source: str  # whose memory it is: "conv1.weight", "output of relu1", "image"; "": made for this node


@dataclass(frozen=True)
class Handed:
    """One of a node's `next_functions`: which node gets this gradient; None where none is asked for."""

    target: int | None
    shape: Shape


@dataclass(frozen=True)
class BackwardNode:
    """One `grad_fn`, or the AccumulateGrad of a parameter; shapes are those of a batch."""

    name: str  # ConvolutionBackward0
    module: str  # path of the module whose forward left it; of an AccumulateGrad: of its parameter's module
    parameter: str  # conv1.weight, for an AccumulateGrad
    upstream: Shape  # of the gradient that arrives
    saved: tuple[Saved, ...]
    handed: tuple[Handed, ...]
    ends: bool  # what its module was given asks for no gradient: that way the graph ends here


@dataclass(frozen=True)
class BackwardGraph:
    """The nodes in the order in which autograd runs them, so that edges go from lower to higher numbers."""

    nodes: tuple[BackwardNode, ...]
    image: Shape  # of the batch that goes in
    output: Shape  # of the scores that come out, where the backward pass begins
    saved_bytes: int  # of what the nodes keep, each memory once; without parameters, buffers and the image


@lru_cache(maxsize=32)
def backward_graph(spec: NetworkSpec, input_shape: Shape, classes: int = 10) -> BackwardGraph:
    """The backward graph of the network in training mode for a batch of two images of `input_shape`.

    Raises SpecError where the analysis finds a problem, where the network is too large to be run for a
    picture, or where PyTorch refuses to run it.
    """
    model, image = blank(spec, input_shape, classes)
    return record(model, image)


def blank(spec: NetworkSpec, input_shape: Shape, classes: int = 10) -> tuple[nn.Module, torch.Tensor]:
    """The network and a batch of images, all numbers zero; raises SpecError like `backward_graph`."""
    analysis = analyse(spec, input_shape, classes)
    raise_problem(analysis)
    for number, most, what in (
        (analysis.parameters, MOST_PARAMETERS, "parameters"),
        (analysis.macs, MOST_MACS, "MACs an image"),
    ):
        if number > most:
            raise SpecError(
                f"This network has {number:,} {what}; its graph is drawn for up to {most:,}, because the "
                "network has to run once for it."
            )
    with torch.device("meta"):  # PyTorch's constructors without their random numbers
        model = build(spec, input_shape, classes)
    model.to_empty(device="cpu")
    for tensor in (*model.parameters(), *model.buffers()):
        tensor.detach().zero_()
    return model, torch.zeros((BATCH, *input_shape))


def record(model: nn.Module, image: torch.Tensor) -> BackwardGraph:
    """The graph behind `model(image)`, which runs once in the mode that the model is in.

    Raises SpecError with PyTorch's words where it does not run.
    """
    recorder = _Recorder(model, image)
    hooks = [
        hook
        for path, module in model.named_modules()
        for hook in recorder.watch(path, module)
    ]  # fmt: skip
    try:
        output = model(image)
    except (ValueError, RuntimeError) as problem:
        raise SpecError(f"PyTorch refuses to run this network on {BATCH} images: {problem}") from None
    finally:
        for hook in hooks:
            hook.remove()
    return recorder.graph(output)


class _Recorder:
    """Hears each module begin and end, and gives it the nodes that have come since."""

    def __init__(self, model: nn.Module, image: torch.Tensor) -> None:
        self._image = image
        self._parameters = {id(tensor): name for name, tensor in model.named_parameters()}
        self._owners: dict[Any, str] = {}  # node → path of its module
        self._blind: set[str] = set()  # modules whose input asks for no gradient
        self._kept = [image]  # alive as long as their memory is compared
        self._sources: dict[tuple[int, Shape], str] = {place(image): "image"}
        for name, tensor in [*model.named_parameters(), *model.named_buffers()]:
            self._sources[place(tensor)] = name
            self._sources[place(tensor.mT if tensor.dim() > 1 else tensor)] = name
        self._lasting = {memory for memory, _ in self._sources}  # not saved for the backward pass

    def watch(self, path: str, module: nn.Module) -> list[Any]:
        """Hooks around the forward of `module`."""

        def before(module: nn.Module, given: tuple[Any, ...]) -> None:
            if not given[0].requires_grad:
                self._blind.add(path)

        def after(module: nn.Module, given: tuple[Any, ...], output: torch.Tensor) -> None:
            for node in unknown(output.grad_fn, self._owners):
                self._owners[node] = path
            self._kept.append(output)
            self._sources.setdefault(place(output), f"output of {path}")

        return [module.register_forward_pre_hook(before), module.register_forward_hook(after)]

    def graph(self, output: torch.Tensor) -> BackwardGraph:
        found = list(in_order(output.grad_fn)) if output.grad_fn is not None else []
        numbers = {node: number for number, node in enumerate(found)}
        memory: dict[int, int] = {}
        nodes = tuple(self._node(node, numbers, memory) for node in found)
        return BackwardGraph(nodes, tuple(self._image.shape), tuple(output.shape), sum(memory.values()))

    def _node(self, node: Any, numbers: dict[Any, int], memory: dict[int, int]) -> BackwardNode:
        handed = tuple(
            Handed(None, ()) if target is None else Handed(numbers[target], arrives(target, slot))
            for target, slot in node.next_functions
        )
        module, parameter = self._owners[node], ""
        if node_name(node) == ACCUMULATE:
            parameter = self._parameters.get(id(node.variable), "")
            module = parameter.rpartition(".")[0] or module
        saved = []
        for name, kept in saved_by(node):
            where = place(kept)
            if where[0] not in self._lasting:
                memory[where[0]] = kept.untyped_storage().nbytes()
            source = self._sources.get(where, "")
            saved.append(Saved(name, tuple(kept.shape), kept.numel() * kept.element_size(), source))
        ends = module in self._blind and any(each.target is None for each in handed)
        return BackwardNode(node_name(node), module, parameter, arrives(node, 0), tuple(saved), handed, ends)
