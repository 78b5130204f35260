"""The steps are those of PyTorch's engine: same order, same sums, nothing left behind."""

import pytest
import torch
import torch.nn.functional as F

from core.autograd.graph.backward import ACCUMULATE, node_name, nodes_below, step_through


def residual() -> torch.Tensor:
    x = torch.linspace(-1, 1, 6).reshape(2, 3).requires_grad_()
    w = torch.linspace(0.5, 2, 9).reshape(3, 3).requires_grad_()
    h = torch.tanh(x @ w)
    return (h + x).pow(2).mean() + (x * h).sum()


def classifier() -> torch.Tensor:
    torch.manual_seed(1)
    x, w, b = torch.randn(4, 3), torch.randn(5, 3, requires_grad=True), torch.zeros(5, requires_grad=True)
    return F.cross_entropy(F.relu(F.linear(x, w, b)), torch.tensor([0, 4, 2, 1]))


def split() -> torch.Tensor:
    x = torch.arange(6.0, requires_grad=True)
    a, _, c = x.split(2)  # one node with three outputs, of which two are used
    return (a * c).sum()


GRAPHS = [residual, classifier, split]


@pytest.mark.parametrize("graph", GRAPHS)
def test_the_order_is_the_engines(graph) -> None:
    out = graph()
    engine: list = []
    nodes = nodes_below(out.grad_fn, 1000)
    handles = [node.register_prehook(lambda grads, node=node: engine.append(node)) for node in nodes]
    steps = [step.node for step in step_through(out.grad_fn, 0, torch.ones_like(out), 1000)]
    assert engine == []  # a node that is called by hand runs no hooks
    out.backward(retain_graph=True)
    for handle in handles:
        handle.remove()
    inner = [node for node in engine if node_name(node) != ACCUMULATE]
    assert [node for node in steps if node_name(node) != ACCUMULATE] == inner
    # leaves that become ready together may be accumulated in either order
    assert set(steps) == set(engine)
    for node in set(steps) - set(inner):
        before = {n for n in engine[: engine.index(node)] if node_name(n) != ACCUMULATE}
        assert before == {n for n in steps[: steps.index(node)] if node_name(n) != ACCUMULATE}


@pytest.mark.parametrize("graph", GRAPHS)
def test_what_arrives_at_each_leaf_is_its_gradient(graph) -> None:
    out = graph()
    arrived = {
        step.node.variable: step.upstream[0]
        for step in step_through(out.grad_fn, 0, torch.ones_like(out), 1000)
        if step.name == ACCUMULATE
    }
    assert all(leaf.grad is None for leaf in arrived)  # stepping writes nothing
    out.backward()
    for leaf, gradient in arrived.items():
        assert torch.equal(leaf.grad, gradient)


def test_a_freed_graph_raises_as_in_pytorch() -> None:
    out = residual()
    out.backward()
    with pytest.raises(RuntimeError, match="second time"):
        list(step_through(out.grad_fn, 0, torch.ones_like(out), 1000))


def test_contributions_are_counted_and_summed() -> None:
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x + x
    handed = [h for step in step_through(y.grad_fn, 0, torch.ones(()), 10) for h in step.handed]
    at_x = [
        (float(h.amount), h.arrived, h.expected, float(h.total))
        for h in handed
        if node_name(h.target) == ACCUMULATE
    ]
    # the addition hands 1 on at once, then the product hands 2 twice: 1 + 2 + 2 = 5
    assert at_x == [(1.0, 1, 3, 1.0), (2.0, 2, 3, 3.0), (2.0, 3, 3, 5.0)]
