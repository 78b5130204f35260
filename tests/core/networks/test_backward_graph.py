"""The recorded graph against the engine's own walk, against sequence numbers, and against hand counts."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn

from core.networks import backward_graph as module
from core.networks.backward_graph import BATCH, BackwardGraph, backward_graph, record
from core.networks.backward_nodes import ACCUMULATE
from core.networks.build import build
from core.networks.gallery import GALLERY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, Shape, SpecError
from tests.core.networks.strategies import fitting

IMAGE = (1, 28, 28)
SMALL = ["Net_Linear", "LeNet", "FashionCNN", "Two Inception blocks", "Small ResNet", "Small DenseNet"]


def short(node: Any) -> str:
    return str(node.name()).split("::")[-1]


def all_nodes(root: Any) -> list[Any]:
    found, waiting = [], [root]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.append(node)
            waiting += [target for target, _ in node.next_functions]
    return found


def walked(spec: NetworkSpec, input_shape: Shape) -> tuple[nn.Module, list[Any]]:
    """A model with real weights, and the nodes in the order in which a real backward() runs them."""
    torch.manual_seed(0)
    model = build(spec, input_shape)
    output = model(torch.randn(BATCH, *input_shape))
    order: list[Any] = []
    for node in all_nodes(output.grad_fn):
        node.register_prehook(lambda gradients, node=node: order.append(node))
    output.sum().backward()
    return model, order


def labels(graph: BackwardGraph) -> list[tuple[str, str]]:
    return [(node.name, node.parameter) for node in graph.nodes]


@pytest.mark.parametrize("name", GALLERY)
def test_nodes_stand_in_the_order_of_the_engine(name: str) -> None:
    spec, image = GALLERY[name].spec, GALLERY[name].image
    model, order = walked(spec, image)
    parameters = {id(tensor): path for path, tensor in model.named_parameters()}
    graph = backward_graph(spec, image)
    assert labels(graph) == [
        (short(node), parameters[id(node.variable)] if short(node) == ACCUMULATE else "") for node in order
    ]
    # and they hand on to the same ones
    numbers = {node: i for i, node in enumerate(order)}
    for node, mine in zip(order, graph.nodes, strict=True):
        theirs = [None if target is None else numbers[target] for target, _ in node.next_functions]
        assert [each.target for each in mine.handed] == theirs


def test_every_parameter_is_named_once() -> None:
    for name in SMALL:
        model = build(NAMED_NETWORKS[name], IMAGE)
        graph = backward_graph(NAMED_NETWORKS[name], IMAGE)
        named = {node.parameter: node.upstream for node in graph.nodes if node.parameter}
        assert named == {path: tuple(tensor.shape) for path, tensor in model.named_parameters()}
        assert sum(node.name == ACCUMULATE for node in graph.nodes) == len(named)


class Numbered:
    """For each module the sequence numbers that its forward took; PyTorch counts nodes as they are made."""

    def __init__(self, model: nn.Module) -> None:
        self.ranges: list[tuple[int, int, str]] = []
        self._began: dict[str, int] = {}
        self._leaf = torch.ones((), requires_grad=True)
        for path, one in model.named_modules():
            if path:
                one.register_forward_pre_hook(lambda *_, path=path: self._began.update({path: self.now()}))
                one.register_forward_hook(lambda *_, path=path: self._end(path))

    def now(self) -> int:
        return int((self._leaf * 1).grad_fn._sequence_nr())  # type: ignore[union-attr]

    def _end(self, path: str) -> None:
        self.ranges.append((self._began[path], self.now(), path))

    def module(self, node: Any) -> str:
        """The innermost module in whose forward the node was made."""
        number = node._sequence_nr()
        inside = [(end - begin, path) for begin, end, path in self.ranges if begin < number < end]
        return min(inside)[1]


def check_modules(spec: NetworkSpec, input_shape: Shape) -> None:
    model = build(spec, input_shape)
    numbered = Numbered(model)
    output = model(torch.randn(BATCH, *input_shape))
    theirs = Counter(
        (short(node), numbered.module(node))
        for node in all_nodes(output.grad_fn)
        if short(node) != ACCUMULATE
    )
    graph = backward_graph(spec, input_shape)
    assert Counter((node.name, node.module) for node in graph.nodes if node.name != ACCUMULATE) == theirs
    for node in graph.nodes:
        if node.name == ACCUMULATE:
            assert node.parameter.startswith(f"{node.module}.") and "." not in node.parameter.removeprefix(
                f"{node.module}."
            )


@pytest.mark.parametrize("name", SMALL)
def test_a_node_belongs_to_the_module_in_whose_forward_it_was_numbered(name: str) -> None:
    check_modules(NAMED_NETWORKS[name], IMAGE)


@settings(max_examples=25, deadline=None)
@given(fitting())
def test_so_it_does_in_any_network(spec: NetworkSpec) -> None:
    try:
        check_modules(spec, IMAGE)
    except (ValueError, RuntimeError):  # such as one value a channel: PyTorch refuses the real one too
        with pytest.raises(SpecError, match="PyTorch refuses"):
            backward_graph(spec, IMAGE)


@pytest.mark.parametrize("name", SMALL)
def test_saved_memory_is_what_pytorch_packs(name: str) -> None:
    spec = NAMED_NETWORKS[name]
    model = build(spec, IMAGE)
    image = torch.randn(BATCH, *IMAGE)
    lasting = {
        tensor.untyped_storage().data_ptr() for tensor in (*model.parameters(), *model.buffers(), image)
    }
    packed: dict[int, int] = {}
    kept: list[torch.Tensor] = []  # so that no address is used twice

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        kept.append(tensor)
        if storage.data_ptr() not in lasting:
            packed[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(image)
    assert backward_graph(spec, IMAGE).saved_bytes == sum(packed.values())


def test_lenet_by_hand() -> None:
    graph = backward_graph(NAMED_NETWORKS["LeNet"], IMAGE)
    # linear2, relu3, linear1, flatten1, pool2, relu2, conv2, pool1, relu1, conv1
    linear = ["AddmmBackward0", ACCUMULATE, "TBackward0", ACCUMULATE]
    pooled = [
        "MaxPool2DWithIndicesBackward0",
        "ReluBackward0",
        "ConvolutionBackward0",
        ACCUMULATE,
        ACCUMULATE,
    ]
    names = [*linear, "ReluBackward0", *linear, "ViewBackward0", *pooled, *pooled]
    assert [node.name for node in graph.nodes] == names
    assert graph.image == (2, 1, 28, 28) and graph.output == (2, 10)

    conv2 = next(node for node in graph.nodes if node.module == "conv2" and node.saved)
    assert conv2.upstream == (2, 50, 8, 8)
    assert [each.shape for each in conv2.handed] == [(2, 20, 12, 12), (50, 20, 5, 5), (50,)]
    kept = {each.name: each for each in conv2.saved}
    assert kept["input"].source == "output of pool1" and kept["input"].bytes == 2 * 20 * 12 * 12 * 4
    assert kept["weight"].source == "conv2.weight"

    flat = next(node for node in graph.nodes if node.name == "AddmmBackward0" and node.module == "linear1")
    kept = {each.name: each for each in flat.saved}
    assert kept["mat1"].source == "output of flatten1"  # the same memory as pool2's output
    assert kept["mat2"].source == "linear1.weight" and kept["mat2"].shape == (800, 500)  # transposed
    pool = next(node for node in graph.nodes if node.module == "pool1")
    assert [each.bytes for each in pool.saved if each.name == "result1"] == [2 * 20 * 12 * 12 * 8]  # int64


def test_the_graph_ends_where_the_image_comes_in() -> None:
    graph = backward_graph(NAMED_NETWORKS["LeNet"], IMAGE)
    assert [node.module for node in graph.nodes if node.ends] == ["conv1"]
    # Flatten gets an image that needs no gradient: nothing is recorded
    graph = backward_graph(NAMED_NETWORKS["Net_Linear"], IMAGE)
    assert {node.module for node in graph.nodes} == {"linear1"}
    assert [node.name for node in graph.nodes if node.ends] == ["AddmmBackward0"]


BODY = (layer("Conv2d", out_channels=4, padding=1), layer("ReLU"))
RESIDUAL = NetworkSpec(
    "residual",
    (
        layer("Conv2d", out_channels=4),
        layer("Residual", BODY),
        layer("Residual", (layer("Conv2d", out_channels=6, padding=1),), norm=True),
        layer("GlobalAvgPool"),
        layer("Flatten"),
        layer("Linear"),
    ),
)


def test_two_ways_lead_from_the_addition_to_one_node() -> None:
    graph = backward_graph(RESIDUAL, IMAGE)
    add = next(node for node in graph.nodes if node.name == "AddBackward0" and node.module == "residual1")
    through, around = (each.target for each in add.handed)
    assert through is not None and around is not None
    assert graph.nodes[through].module == "residual1.body.relu1"
    assert graph.nodes[around].module == "conv1"  # x as it is
    conv = graph.nodes[next(i for i, node in enumerate(graph.nodes) if node.module == "residual1.body.conv2")]
    assert conv.handed[0].target == around

    add = next(node for node in graph.nodes if node.name == "AddBackward0" and node.module == "residual2")
    assert {graph.nodes[each.target].module for each in add.handed if each.target is not None} == {
        "residual2.body.conv3",
        "residual2.shortcut.1",
    }


def test_frozen_layers_leave_no_nodes() -> None:
    graph = backward_graph(replace(NAMED_NETWORKS["LeNet"], frozen=True), IMAGE)
    assert {node.module for node in graph.nodes} == {"linear2"}
    assert [node.parameter for node in graph.nodes if node.parameter] == ["linear2.bias", "linear2.weight"]
    assert graph.nodes[0].ends


def test_what_cannot_be_drawn_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpecError, match="10 numbers"):
        backward_graph(NetworkSpec("open", (layer("Flatten"), layer("Linear", out_features=9))), IMAGE)
    spec = replace(NAMED_NETWORKS["LeNet"], name="large")
    monkeypatch.setattr(module, "MOST_PARAMETERS", 431_079)
    with pytest.raises(SpecError, match="431,080 parameters; its graph is drawn for up to 431,079"):
        backward_graph(spec, IMAGE)
    monkeypatch.undo()
    monkeypatch.setattr(module, "MOST_MACS", 1000)
    with pytest.raises(SpecError, match="MACs an image"):
        backward_graph(spec, IMAGE)


class Refuses(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        raise ValueError("not with me")


def test_hooks_are_taken_off_again() -> None:
    good = nn.Sequential(nn.Linear(3, 2), nn.ReLU())
    assert record(good, torch.zeros(2, 3)).nodes[0].name == "ReluBackward0"
    bad = nn.Sequential(nn.Linear(3, 2), Refuses())
    with pytest.raises(SpecError, match="not with me"):
        record(bad, torch.zeros(2, 3))
    for each in (*good.modules(), *bad.modules()):
        assert not each._forward_hooks and not each._forward_pre_hooks


def test_a_module_of_ones_own_with_an_operation_between_its_layers() -> None:
    class Gated(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.values, self.gate = nn.Linear(3, 2), nn.Sequential(nn.Linear(3, 2), nn.Sigmoid())

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.Tensor(self.values(x) * self.gate(x))

    model = nn.Sequential()
    model.add_module("gated", Gated())
    graph = record(model, torch.zeros(2, 3))
    places = {node.name: node.module for node in graph.nodes}
    assert places["MulBackward0"] == "gated"
    assert places["SigmoidBackward0"] == "gated.gate.1"
    assert {node.module for node in graph.nodes if node.name == "AddmmBackward0"} == {
        "gated.values",
        "gated.gate.0",
    }
