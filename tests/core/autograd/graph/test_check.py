"""The checker itself: it agrees with right gradients, notices wrong ones, and calls a kink a kink."""

import time
from dataclasses import replace

import pytest

from core.autograd.graph.check import BUDGET, check_all, check_pass
from core.autograd.graph.trace import BackwardPass, Trace
from core.autograd.language.interpreter import run

# y = w x, loss = Σ y²: ∂y = 2y = (6, 12), ∂w = Σ 2y x = 30, ∂x = 2y w = (18, 36)
PROGRAM = """\
x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor(3.0, requires_grad=True)
y = w * x
loss = (y * y).sum()
loss.backward()
"""
WHOLE, NEARBY = BUDGET, 0  # with a budget of 0, only the operations that a value enters are evaluated


def one_pass(source: str) -> tuple[Trace, BackwardPass]:
    trace = run(source)
    assert trace.error is None, trace.error
    return trace, trace.passes[0]


@pytest.mark.parametrize("budget", [WHOLE, NEARBY])
def test_right_gradients_agree(budget: int) -> None:
    trace, backward = one_pass(PROGRAM)
    checks, _ = check_pass(trace, backward, budget)
    assert set(checks) == set(backward.gradients)
    assert {check.state for check in checks.values()} == {"agrees"}
    assert max(check.error for check in checks.values()) < 1e-6
    assert checks[trace.names["x"]].by == ("element" if budget else "use")


@pytest.mark.parametrize("budget", [WHOLE, NEARBY])
@pytest.mark.parametrize("name", ["x", "w", "y"])
def test_a_wrong_gradient_is_noticed(name: str, budget: int) -> None:
    trace, backward = one_pass(PROGRAM)
    number = trace.names[name]
    wrong = backward.gradients[number].clone()
    wrong.view(-1)[0] *= 1.01
    tampered = replace(backward, gradients={**backward.gradients, number: wrong})
    checks, _ = check_pass(trace, tampered, budget)
    assert checks[number].state == "differs"
    # relative to the largest slope: 1 % of 18 in 36, of 30 in 30, of 6 in 12, here along elements
    if budget and name != "y":
        assert checks[number].error == pytest.approx({"x": 0.005, "w": 0.0099}[name], rel=0.02)


@pytest.mark.parametrize("budget", [WHOLE, NEARBY])
def test_relu_at_0_is_a_kink_and_beside_it_is_none(budget: int) -> None:
    source = "x = torch.tensor([{}, 2.0], requires_grad=True)\ntorch.relu(x).sum().backward()"
    for value, state in (("0.0", "kink"), ("0.1", "agrees"), ("-0.1", "agrees")):
        trace, backward = one_pass(source.format(value))
        checks, _ = check_pass(trace, backward, budget)
        assert checks[trace.names["x"]].state == state


@pytest.mark.parametrize("budget", [WHOLE, NEARBY])
def test_what_is_detached_counts_as_constant(budget: int) -> None:
    # y = x · constant 3: the slope of what autograd differentiates is 3, though x² has slope 6
    trace, backward = one_pass("x = torch.tensor(3.0, requires_grad=True)\ny = x * x.detach()\ny.backward()")
    checks, _ = check_pass(trace, backward, budget)
    assert checks[trace.names["x"]].state == "agrees"


@pytest.mark.parametrize("budget", [WHOLE, NEARBY])
def test_in_place_changes_are_replayed_on_copies(budget: int) -> None:
    trace, backward = one_pass(
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = x * 2\ny *= 3\nz = (y * y).sum()\nz.backward()"
    )
    before = [value.data.clone() for value in trace.values]
    checks, _ = check_pass(trace, backward, budget)
    assert {check.state for check in checks.values()} == {"agrees"}
    assert all(value.data.equal(data) for value, data in zip(trace.values, before, strict=True))


def test_a_gradient_of_ones_own_weights_the_outputs() -> None:
    trace, backward = one_pass(
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\n"
        "(x * x).backward(gradient=torch.tensor([1.0, 10.0]))"
    )
    for budget in (WHOLE, NEARBY):
        checks, _ = check_pass(trace, backward, budget)
        assert {check.state for check in checks.values()} == {"agrees"}


def test_a_long_program_is_checked_throughout() -> None:
    trace = run(
        "x = torch.tensor(0.5, requires_grad=True)\ny = x\n"
        "for i in range(200):\n    y = torch.sin(y) * x\n"
        "y.backward()"
    )
    checks = check_all(trace)[0]
    assert len(checks) == 1 + 2 * 200  # x, and two results a turn
    assert {check.state for check in checks.values()} == {"agrees"}
    assert {check.by for check in checks.values()} == {"element", "direction", "use"}


def test_from_the_end_on_nothing_more_is_checked() -> None:
    trace, backward = one_pass(PROGRAM)
    checks, spent = check_pass(trace, backward, end=0.0)
    assert {check.state for check in checks.values()} == {"skipped"}
    assert spent == 0


def test_few_large_tensors_do_not_take_long() -> None:
    # 36 elements, each changed twice, through ten products of 300³ = 27 million multiplications: 20 billion
    trace, backward = one_pass(
        "x = torch.ones(6, 6, requires_grad=True)\ny = x.sum() * torch.full([300, 300], 0.01)\n"
        "for i in range(10):\n    y = torch.tanh(y @ y)\ny.sum().backward()"
    )
    began = time.monotonic()
    checks = check_all(trace)[0]
    assert time.monotonic() - began < 3
    assert {check.state for check in checks.values()} <= {"agrees", "skipped"}
    assert set(checks) == set(backward.gradients)
