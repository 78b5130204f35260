"""torch.autograd.grad: the gradients come back, no .grad changes; the numbers are derived by hand."""

import pytest

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run

LEAVES = """\
x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
w = torch.tensor([4.0, 5.0, 6.0], requires_grad=True)
"""
LOSS = LEAVES + "y = x * w\nloss = (y * y).sum()\n"


def test_gradients_come_back_as_a_tuple_and_leaves_stay_as_they_are() -> None:
    trace = run(LOSS + "g, h = torch.autograd.grad(loss, [x, y])\na = x.grad\nprint(a)")
    assert trace.error is None
    # loss = Σ (x·w)²: ∂loss/∂y = 2y = (8, 20, 36), ∂loss/∂x = 2y·w
    assert trace.value("h").data.tolist() == [8, 20, 36]
    assert trace.value("g").data.tolist() == [32, 100, 216]
    assert trace.value("x").tensor.grad is None and trace.value("w").tensor.grad is None
    assert trace.printed[0].text == "None"


def test_it_is_a_pass_that_accumulates_into_nothing() -> None:
    trace = run(LOSS + "g = torch.autograd.grad(loss, x)[0]")
    (backward,) = trace.passes
    assert [step.kind for step in backward.steps] == ["seed", "node", "node", "node"]
    titles = {trace.values[number].title for number in backward.gradients}
    assert titles == {"loss", "y * y", "y", "x"}
    assert trace.names["w"] not in backward.gradients  # the way to w is not gone
    assert trace.value("g").gradient_of == trace.names["x"]
    assert all(error == 0 for error in backward.engine.values())
    assert {check.state for check in check_all(trace)[0].values()} == {"agrees"}


def test_a_node_that_is_asked_for_and_passed_through() -> None:
    trace = run(LOSS + "g, h, k = torch.autograd.grad(loss, (loss, y, w))\n")
    # ∂loss/∂loss = 1, ∂loss/∂w = 2y·x
    assert trace.value("g").data.tolist() == 1
    assert trace.value("k").data.tolist() == [8, 40, 108]


@pytest.mark.parametrize(
    "call",
    [
        "torch.autograd.grad(y, x, torch.tensor([1.0, 0.0, 2.0]))[0]",
        "torch.autograd.grad(outputs=[y], inputs=[x], grad_outputs=[torch.tensor([1.0, 0.0, 2.0])])[0]",
    ],
)
def test_an_upstream_gradient_can_be_given(call: str) -> None:
    trace = run(LEAVES + f"y = x * w\ng = {call}")
    assert trace.value("g").data.tolist() == [4, 0, 12]  # upstream · w


def test_a_step_of_descent_with_it() -> None:
    source = LOSS + "g = torch.autograd.grad(loss, w)[0]\nwith torch.no_grad():\n    w -= 0.1 * g\n"
    new = run(source).value("w").data.tolist()
    assert new == pytest.approx([4 - 0.8, 5 - 4.0, 6 - 10.8])


def test_backward_after_it_needs_the_graph_kept() -> None:
    kept = run(LOSS + "g = torch.autograd.grad(loss, x, retain_graph=True)[0]\nloss.backward()")
    assert kept.error is None
    assert kept.value("x").tensor.grad.tolist() == kept.value("g").data.tolist()
    freed = run(LOSS + "g = torch.autograd.grad(loss, x)[0]\nloss.backward()")
    assert freed.error is not None and "freed" in freed.error.message


def test_a_tensor_that_was_not_used() -> None:
    trace = run(LOSS + "u = torch.ones(2, requires_grad=True)\ng = torch.autograd.grad(loss, [u])")
    assert trace.error is not None and "`u`" in trace.error.message and "not used" in trace.error.message
    assert "allow_unused=True" in trace.error.hint
    allowed = run(LOSS + "u = torch.ones(2, requires_grad=True)\n"
                         "g, h = torch.autograd.grad(loss, [u, x], allow_unused=True)\nprint(g)")  # fmt: skip
    assert allowed.error is None and allowed.printed[0].text == "None"


@pytest.mark.parametrize(
    ("call", "message", "hint"),
    [
        ("torch.autograd.grad(y, x)", "(3,)", "grad_outputs=torch.ones_like(y)"),
        ("torch.autograd.grad(loss, torch.ones(2))", "requires_grad=True", "leaf"),
        ("torch.autograd.grad(loss, x, create_graph=True)", "Gradients of gradients", "Leave"),
        ("torch.autograd.grad([loss, y.sum()], x)", "given were 2 and 1", "add outputs up"),
        ("torch.autograd.grad(torch.ones(1), x)", "no graph", "leaf"),
        ("torch.autograd.gradient(loss, x)", "not part", "`grad`"),
    ],
)
def test_what_it_refuses_is_explained(call: str, message: str, hint: str) -> None:
    error = run(LOSS + call).error
    assert error is not None
    assert message in error.message and hint in error.hint
