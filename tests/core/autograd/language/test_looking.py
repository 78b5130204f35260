"""What a program can look at besides numbers: the graph's functions, versions, NumPy's names."""

import pytest

from core.autograd.language.interpreter import run

LEAF = "x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)\n"


@pytest.mark.parametrize(
    ("lines", "printed"),
    [
        ("y = x * 2\nprint(y.grad_fn)", "<MulBackward0>"),
        ("y = x * 2\nprint(y.grad_fn.next_functions)", "((<AccumulateGrad>, 0), (None, 0))"),
        ("y = (x * 2).sum()\nprint(y.grad_fn.next_functions[0][0])", "<MulBackward0>"),
        ("y = (x * 2).sum()\nn = y.grad_fn.next_functions[0][0].next_functions\n"
         "print(len(n), n[1][0] is None)", "2 True"),
        ("print(x.grad_fn, x._version)", "None 0"),
        ("with torch.no_grad():\n    x += 1\n    x *= 2\nprint(x._version)", "2"),
        ("print(x.sum(axis=0).tolist(), x.mean(axis=1, keepdims=True).shape)",
         "[4.0, 6.0] torch.Size([2, 1])"),
        ("print('a', ['b', 1], (x.shape,))", "a ['b', 1] (torch.Size([2, 2]),)"),
        ("import torch.nn as nn\nfrom torch import nn as n\nimport torch.nn.functional as f\n"
         "print(f.relu(x).sum().item())", "10.0"),
    ],
)  # fmt: skip
def test_it_can_be_printed(lines: str, printed: str) -> None:
    trace = run(LEAF + lines)
    assert trace.error is None, trace.error
    assert [note.text for note in trace.printed] == [printed]


def test_functional_takes_no_axis_as_in_pytorch() -> None:
    error = run(LEAF + "y = F.softmax(x, axis=1)").error
    assert error is not None and "`axis`" in error.message


def test_other_private_attributes_stay_closed() -> None:
    for name in ("_base", "_grad", "_backward_hooks", "__dict__", "_saved_self"):
        error = run(LEAF + f"y = (x * 2).{name}").error
        assert error is not None and "private" in error.message
