"""Changes in place, also through views: the same numbers as a notebook, and the right gradients."""

import io
from contextlib import redirect_stdout

import pytest
import torch

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run

LEAF = "import torch\nx = torch.arange(1.0, 7.0).reshape(2, 3).requires_grad_()\n"
PROGRAMS = {
    "a view": """\
y = x * 2
v = y[0]
v *= 3
z = (y * y).sum() + v.sum()
z.backward()
""",
    "a view, by a tensor": """\
y = x * 2
v = y[0]
v.mul_(x[1])
z = (y * y).sum() + (v * v).sum()
z.backward()
""",
    "parts": """\
y = x * 2
y[0] += 1
y[0, 1] *= 5
z = (y * y).sum()
z.backward()
""",
    "the base": """\
y = x * 2
v = y[0]
y += 1
z = (v * v).sum()
z.backward()
""",
    "a view of a view": """\
y = x * 2
v = y[0]
w = v[1:]
u = y.T
w *= 3
z = v.sum() + u.exp().sum() / 1e4 + w.sum()
z.backward()
""",
    "a reshaped view": """\
y = x * 2
v = y.view(-1)
v[0] = x[1, 1]
v.add_(1)
z = y.prod()
z.backward()
""",
    "parts of each other": """\
y = x * 2
y[1] = y[0] * 1
for i in range(2):
    y[i] += y[1 - i]
(y * y).sum().backward()
""",
    "a detached alias": """\
y = x * 2
d = y.detach()
y += 1
y.sum().backward()
""",
    "a leaf under no_grad": """\
with torch.no_grad():
    x[0] -= 1.5
    x[1] = x[0]
z = (x * x).sum()
z.backward()
""",
    "a view of a leaf under no_grad": """\
v = x[0]
with torch.no_grad():
    v += 1
z = (v * x).sum()
z.backward()
""",
    "a gradient": """\
(x * x).sum().backward()
x.grad[0] *= 0
x.grad *= 2
x.grad[1, 1] = 7.0
""",
    "without gradients": """\
a = torch.zeros(2, 2)
b = a[0]
b += 1
a[1] = b * 2
c = a.T
c[0, 0] = 5.0
d = x.add(1)
d.add_(2)
""",
    "a calculated index": """\
y = x * 2
y[torch.tensor([0])] += 1
y.sum().backward()
""",
}


@pytest.mark.parametrize("lines", PROGRAMS.values(), ids=PROGRAMS)
def test_as_in_a_notebook(lines: str) -> None:
    source = f"{LEAF}{lines}print(x, x.grad, x._version)\n"
    trace = run(source)
    assert trace.error is None, trace.error
    names: dict = {}
    with redirect_stdout(io.StringIO()) as shown:
        exec(source, names)  # noqa: S102  our own text
    assert shown.getvalue() == "".join(note.text + "\n" for note in trace.printed)
    for name, number in trace.names.items():
        assert torch.equal(trace.values[number].data, names[name].detach()), name
        assert trace.values[number].tensor._version == names[name]._version
        assert trace.values[number].requires_grad == names[name].requires_grad
    for backward, checks in zip(trace.passes, check_all(trace), strict=True):
        assert all(error == 0 for error in backward.engine.values())
        assert {check.state for check in checks.values()} == {"agrees"}


def test_the_base_and_the_view_have_new_values() -> None:
    trace = run(LEAF + "y = x * 2\nv = y[0]\nv *= 3\nz = v.sum()\nz.backward()")
    titles = [(applied.text, trace.values[applied.outputs[0]].title) for applied in trace.operations[3:]]
    # changing v changes y; v, seen again, is a part of the new y
    assert titles == [("y[0]", "v"), ("v *= 3", "y"), ("y[0]", "v"), ("v.sum()", "z")]
    nodes = [step.name for step in trace.passes[0].steps if step.kind == "node"]
    assert nodes == ["SumBackward0", "AsStridedBackward0", "CopySlices", "MulBackward0"]
    # z = Σ 3·2·x[0]
    assert trace.value("x").tensor.grad.tolist() == [[6, 6, 6], [0, 0, 0]]


def test_the_version_counter_is_explained_once() -> None:
    trace = run(LEAF + "y = x * 2\nfor i in range(3):\n    y += 1\nn = y._version\nprint(n)")
    assert [note.line for note in trace.notes] == [5]
    assert "from 0 to 1" in trace.notes[0].text and "`y._version`" in trace.notes[0].text
    assert trace.printed[0].text == "3"


def test_nothing_is_said_where_autograd_does_not_record() -> None:
    assert run(LEAF + "with torch.no_grad():\n    x -= 0.1").notes == []
