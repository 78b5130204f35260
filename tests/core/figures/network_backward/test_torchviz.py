"""torchviz's drawing of a network."""

import re

import pytest

from core.figures.network_backward import torchviz
from core.figures.network_backward.torchviz import network_torchviz
from core.networks.backward_graph import backward_graph
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, SpecError

IMAGE = (1, 28, 28)
LENET = NAMED_NETWORKS["LeNet"]


def test_every_node_and_every_parameter_is_drawn() -> None:
    pytest.importorskip("torchviz")
    dot = network_torchviz(LENET, IMAGE, 10, saved=False).dot
    graph = backward_graph(LENET, IMAGE)
    for node in graph.nodes:
        assert node.name in dot
        assert not node.parameter or f'"{node.parameter}\n' in dot
    assert dot.count("fillcolor=lightblue") == 8 and "orange" not in dot


def test_each_saved_tensor_is_a_box_of_its_own() -> None:
    pytest.importorskip("torchviz")
    dot = network_torchviz(LENET, IMAGE, 10, saved=True).dot
    saved = re.findall(r'(\d+) \[label="[^"]*" fillcolor=orange', dot)
    # two of them are the kernels themselves, whose boxes are those of the parameters
    parameters = re.findall(r'(\d+) \[label="[^"]*" fillcolor=lightblue', dot)
    assert len(set(saved) & set(parameters)) == 2
    assert (
        len(set(saved)) == len(saved) == sum(len(node.saved) for node in backward_graph(LENET, IMAGE).nodes)
    )


def test_too_many_nodes_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torchviz")
    monkeypatch.setattr(torchviz, "NODES", 19)
    drawing = network_torchviz(LENET, IMAGE, 10, saved=False)
    assert drawing.dot == "" and "20 backward nodes; up to 19" in drawing.note


def test_a_network_with_a_problem_is_refused() -> None:
    with pytest.raises(SpecError, match="flat"):
        network_torchviz(NetworkSpec("wrong", (layer("Linear"),)), IMAGE, 10, saved=False)
