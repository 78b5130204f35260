"""Jacobians by both modes against those worked out by hand."""

import pytest
import torch

from core.autograd.language.interpreter import run
from core.autograd.play.jacobian import Jacobian, Passes, jacobian, passes_of


def both(source: str) -> tuple[Passes, Jacobian]:
    trace = run(source)
    assert trace.error is None
    passes = passes_of(trace)
    assert passes is not None
    return passes, jacobian(trace, passes)


def test_of_softmax() -> None:
    passes, found = both("x = torch.tensor([1.0, 2.0, 0.5], requires_grad=True)\np = torch.softmax(x, 0)\n")
    e = torch.tensor([1.0, 2.0, 0.5]).exp()
    p = e / e.sum()
    expected = torch.diag(p) - p[:, None] * p[None, :]
    torch.testing.assert_close(found.rows, expected)
    torch.testing.assert_close(found.columns, expected)
    assert (passes.input_elements, passes.output_elements) == (3, 3)
    assert found.by == "forward-mode AD" and found.error < 1e-5


def test_of_a_matrix_times_x_is_the_matrix() -> None:
    passes, found = both(
        "A = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])\n"
        "x = torch.ones(3, requires_grad=True)\ny = A @ x\n"
    )
    expected = torch.tensor([[1.0, 2, 3], [4, 5, 6]])
    assert torch.equal(found.rows, expected) and torch.equal(found.columns, expected)
    assert (passes.input_elements, passes.output_elements) == (3, 2)


def test_of_a_loss_of_two_leaves_is_one_row() -> None:
    passes, found = both(
        "w = torch.tensor([2.0, -1.0], requires_grad=True)\nb = torch.tensor(3.0, requires_grad=True)\n"
        "c = torch.tensor(5.0)\nloss = (w * w).sum() * b + c\nloss.backward()\n"
    )
    # ∂/∂w = 2wb, ∂/∂b = Σw²
    assert found.rows.tolist() == [[12.0, -6.0, 5.0]]
    assert found.columns.tolist() == [[12.0, -6.0, 5.0]]
    assert (passes.input_elements, passes.output_elements) == (3, 1)


def test_outputs_are_what_backward_was_called_on() -> None:
    _, found = both(
        "x = torch.tensor(2.0, requires_grad=True)\na = x ** 2\nb = 3 * x\na.backward()\nb.backward()\n"
    )
    assert found.rows.tolist() == [[4.0], [3.0]]


def test_what_is_detached_is_constant_in_both() -> None:
    _, found = both("x = torch.tensor(3.0, requires_grad=True)\ny = x * x.detach()\n")
    assert found.rows.tolist() == found.columns.tolist() == [[3.0]]


def test_a_changed_leaf_leaves_the_last_function_only() -> None:
    passes, found = both(
        "w = torch.tensor(2.0, requires_grad=True)\nfor i in range(2):\n    l = (w - 1) ** 2\n"
        "    l.backward()\n"
        "    with torch.no_grad():\n        w -= 0.1 * w.grad\n    w.grad.zero_()\n"
    )
    assert passes.output_elements == 1
    assert found.rows.item() == pytest.approx(1.6)  # 2 (w − 1) at w = 1.8


def test_without_a_forward_rule_reverse_mode_is_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise NotImplementedError("Trying to use forward AD with an operation that does not support it")

    monkeypatch.setattr(torch.func, "jvp", refuse)
    _, found = both("x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x ** 3\n")
    assert found.by == "double backward"
    assert found.columns.tolist() == [[3.0, 0.0], [0.0, 12.0]]  # 3x² on the diagonal


def test_an_in_place_change_is_replayed() -> None:
    _, found = both("x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x * 2\ny.mul_(3)\nz = y.exp()\n")
    expected = torch.diag(6 * torch.tensor([6.0, 12.0]).exp())
    torch.testing.assert_close(found.rows, expected)
    torch.testing.assert_close(found.columns, expected)


def test_programs_without_a_jacobian() -> None:
    assert passes_of(run("")) is None
    assert passes_of(run("x = torch.ones(2)\ny = x * 2\n")) is None
    assert passes_of(run("x = torch.ones(2, requires_grad=True)\n")) is None


def test_a_large_one_is_only_counted() -> None:
    passes = passes_of(run("x = torch.ones(100, requires_grad=True)\nl = (x * x).sum()\nl.backward()\n"))
    assert passes is not None and not passes.small
    assert (passes.input_elements, passes.output_elements) == (100, 1)


def test_a_change_through_a_view_is_replayed() -> None:
    _, found = both(
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x * 2\nv = y[0]\nv.mul_(3)\nz = y * y\n"
    )
    # z = (36 x₀², 4 x₁²)
    torch.testing.assert_close(found.rows, torch.tensor([[72.0, 0.0], [0.0, 16.0]]))
    torch.testing.assert_close(found.columns, found.rows)


def test_dropout_keeps_its_mask() -> None:
    _, found = both("x = torch.ones(4, requires_grad=True)\ny = F.dropout(x, 0.5)\nz = y * y\n")
    diagonal = found.rows.diagonal()
    assert set(diagonal.tolist()) <= {0.0, 8.0}  # z = (2x)² or 0
    torch.testing.assert_close(found.columns, found.rows)
