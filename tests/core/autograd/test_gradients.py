"""Gradients derived by hand, step by step."""

import pytest
import torch

from core.autograd.graph.trace import Trace
from core.autograd.language.interpreter import run

ISSUE = """\
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
out.backward()
"""


def gradient(source: str, name: str) -> list | float:
    trace = run(source)
    assert trace.error is None, trace.error
    return trace.value(name).tensor.grad.tolist()


def kinds(trace: Trace) -> list[tuple[str, str]]:
    return [(step.kind, step.name) for step in trace.passes[0].steps]


def test_three_times_x_plus_two_squared_averaged() -> None:
    # out = ¼ Σ 3(x+2)², so ∂out/∂x = 6(x+2)/4 = 4.5 at x = 1
    assert gradient(ISSUE, "x") == [[4.5, 4.5], [4.5, 4.5]]


def test_its_steps_one_by_one() -> None:
    trace = run(ISSUE)
    steps = trace.passes[0].steps
    assert kinds(trace) == [
        ("seed", "MeanBackward0"),
        ("node", "MeanBackward0"),
        ("node", "MulBackward0"),
        ("node", "MulBackward0"),
        ("node", "AddBackward0"),
        ("accumulate", "AccumulateGrad"),
    ]
    # mean: 1/4 each; times 3: 0.75; times y = 3, twice, because y · y uses y twice: 2.25 + 2.25 = 4.5
    amounts = [[float(c.amount[0, 0]) for c in step.contributions] for step in steps]
    assert amounts == [[], [0.25], [0.75], [2.25, 2.25], [4.5], []]
    assert [(c.arrived, c.expected) for c in steps[3].contributions] == [(1, 2), (2, 2)]
    assert steps[3].contributions[1].total.tolist() == [[4.5, 4.5], [4.5, 4.5]]
    assert steps[5].before is None
    assert steps[5].after.tolist() == [[4.5, 4.5], [4.5, 4.5]]


def test_product_of_two_scalars() -> None:
    source = """\
a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(-3.0, requires_grad=True)
(a * b).backward()
"""
    assert gradient(source, "a") == -3.0
    assert gradient(source, "b") == 2.0


def test_a_reused_variable_sums_its_paths() -> None:
    # y = x² + 3x: dy/dx = 2x + 3 = 7 at 2
    source = "x = torch.tensor(2.0, requires_grad=True)\ny = x * x + 3 * x\ny.backward()"
    assert gradient(source, "x") == 7.0


def test_broadcasting_is_undone_by_a_sum() -> None:
    source = """\
x = torch.ones(2, 3)
b = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
y = (x * b).sum()
y.backward()
"""
    assert gradient(source, "b") == [2.0, 2.0, 2.0]
    step = next(step for step in run(source).passes[0].steps if step.name == "MulBackward0")
    contribution = step.contributions[0]
    assert tuple(contribution.raw.shape) == (2, 3)
    assert tuple(contribution.amount.shape) == (3,)


def test_matrix_product() -> None:
    # f = Σ (X W): ∂f/∂W = Xᵀ 1 (row i: the sum of column i of X), ∂f/∂X = 1 Wᵀ
    source = """\
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
W = torch.tensor([[5.0, 6.0, 7.0], [8.0, 9.0, 10.0]], requires_grad=True)
(X @ W).sum().backward()
"""
    assert gradient(source, "W") == [[4.0, 4.0, 4.0], [6.0, 6.0, 6.0]]
    assert gradient(source, "X") == [[18.0, 27.0], [18.0, 27.0]]


def test_cross_entropy_is_softmax_minus_one_hot() -> None:
    source = (
        "z = torch.tensor([[0.0, 0.0]], requires_grad=True)\nF.cross_entropy(z, torch.tensor([0])).backward()"
    )
    assert gradient(source, "z") == [[-0.5, 0.5]]
    names = [name for kind, name in kinds(run(source)) if kind == "node"]
    assert names == ["NllLossBackward0", "LogSoftmaxBackward0"]


def test_an_upstream_gradient_of_ones_own() -> None:
    source = """\
x = torch.tensor([1.0, 2.0], requires_grad=True)
(x * x).backward(gradient=torch.tensor([1.0, 10.0]))
"""
    assert gradient(source, "x") == [2.0, 40.0]


def test_gradients_accumulate_over_calls() -> None:
    source = """\
x = torch.tensor(3.0, requires_grad=True)
y = x * x
y.backward(retain_graph=True)
y.backward()
"""
    trace = run(source)
    assert trace.value("x").tensor.grad == 12.0  # 6 + 6
    last = trace.passes[1].steps[-1]
    assert (float(last.before), float(last.after)) == (6.0, 12.0)


def test_gradient_descent_in_a_loop() -> None:
    # f = (w − 1)², rate 0.1: the distance from 1 shrinks by 1 − 0.2 = 0.8 each time, from 1 to 0.512
    source = """\
w = torch.tensor(2.0, requires_grad=True)
for i in range(3):
    loss = (w - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
print(w.item())
"""
    trace = run(source)
    assert trace.error is None
    assert float(trace.value("w").data) == pytest.approx(1.512)
    versions = [value for value in trace.values if value.title == "w"]
    assert [value.version for value in versions] == [0, 1, 2, 3]
    assert [float(value.data) for value in versions] == pytest.approx([2, 1.8, 1.64, 1.512])
    # each pass reaches the w of its own turn
    reached = [[step.value for step in p.steps if step.kind == "accumulate"] for p in trace.passes]
    assert reached == [[versions[0].number], [versions[1].number], [versions[2].number]]


def test_without_zeroing_gradients_add_up() -> None:
    source = "x = torch.tensor(1.0, requires_grad=True)\nfor i in range(3):\n    (2 * x).backward()\n"
    assert gradient(source, "x") == 6.0


def test_dropping_a_gradient() -> None:
    source = (
        "x = torch.tensor(1.0, requires_grad=True)\n(2 * x).backward()\nx.grad = None\n(5 * x).backward()\n"
    )
    assert gradient(source, "x") == 5.0


def test_detach_stops_the_gradient() -> None:
    # y = x · detach(x): only the first factor counts, so dy/dx = x = 3, not 6
    assert gradient("x = torch.tensor(3.0, requires_grad=True)\ny = x * x.detach()\ny.backward()", "x") == 3.0


def test_retain_grad_keeps_the_gradient_of_a_non_leaf() -> None:
    source = """\
x = torch.tensor(3.0, requires_grad=True)
y = x * x
y.retain_grad()
(4 * y).backward()
print(y.grad)
"""
    trace = run(source)
    assert [note.text for note in trace.printed] == ["tensor(4.)"]


def test_the_gradient_of_a_non_leaf_is_none_and_a_note_says_why() -> None:
    source = "x = torch.tensor(3.0, requires_grad=True)\ny = x * x\ny.backward()\nprint(y.grad)"
    trace = run(source)
    assert [note.text for note in trace.printed] == ["None"]
    assert "not a leaf" in trace.notes[0].text and trace.notes[0].line == 4


def test_the_graph_follows_the_branch_that_ran() -> None:
    source = """\
x = torch.tensor({}, requires_grad=True)
if x > 0:
    y = x * 2
else:
    y = x * 7
y.backward()
"""
    assert gradient(source.format("1.0"), "x") == 2.0
    assert gradient(source.format("-1.0"), "x") == 7.0


def test_programs_leave_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    run("torch.manual_seed(5)\nx = torch.randn(3, 3)")
    assert torch.equal(before, torch.get_rng_state())


def test_programs_leave_the_gradient_mode_alone() -> None:
    run("with torch.no_grad():\n    x = torch.ones(2) @ torch.ones(3)")
    assert torch.is_grad_enabled()


def test_the_seed_gives_the_numbers_of_a_notebook() -> None:
    torch_state = torch.get_rng_state()
    torch.manual_seed(42)
    expected = torch.randn(2, 2)
    torch.set_rng_state(torch_state)
    assert torch.equal(run("torch.manual_seed(42)\nx = torch.randn(2, 2)").value("x").data, expected)


def test_a_transposed_weight_may_be_used_under_no_grad() -> None:
    # a view made under no_grad claims requires_grad, yet nothing is recorded
    trace = run(
        """
w = torch.ones(2, 3, requires_grad=True)
x = torch.ones(4, 3)
with torch.no_grad():
    y = x @ w.T
    v = w.T
    w -= 0.5
loss = (x @ w.T).sum()
loss.backward()
"""
    )
    assert trace.error is None
    assert not trace.values[trace.names["y"]].requires_grad
    assert trace.values[trace.names["w"]].tensor.grad.tolist() == [[4.0] * 3] * 2  # 4 rows of x, each 1


def test_a_view_that_is_a_leaf_gets_a_gradient() -> None:
    trace = run("x = torch.ones(4)\ny = x.view(2, 2).requires_grad_()\n(y * 2).sum().backward()")
    assert trace.error is None
    assert trace.values[trace.names["y"]].tensor.grad.tolist() == [[2.0, 2.0], [2.0, 2.0]]
