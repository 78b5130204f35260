"""The text for a notebook, run as one by Python itself, gives the same numbers."""

import io
import random
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import torch

from core.autograd.language.interpreter import run
from core.autograd.language.notebook import notebook_text

EXAMPLES = sorted((Path(__file__).parents[4] / "assets" / "autograd" / "examples").glob("*.py"))

PROGRAMS = {
    "random numbers without a seed": """\
x = torch.randn(3, 4, requires_grad=True)
(x * torch.rand(4)).sum().backward()
""",
    "few and many normal numbers": """\
a = torch.randn(3)
b = torch.randn(50)
c = torch.randn(7)
d = torch.rand(2)
""",
    "a seed of its own": """\
torch.manual_seed(7)
x = torch.rand(2)
y = torch.randint(0, 9, (5,))
""",
    "a seed that comes too late": """\
x = torch.rand(2)
torch.manual_seed(7)
y = torch.rand(2)
""",
    "dropout": """\
x = torch.ones(4, 5, requires_grad=True)
y = F.dropout(x, 0.3)
y.sum().backward()
z = torch.rand(3)
""",
    "its own imports": """\
# a cell
import torch
from torch import nn

x = nn.Parameter(torch.randn(3))
y = F.relu(x)
""",
    "an import beside a draw": """\
import torch; x = torch.rand(2)
""",
    "another name for torch": """\
import torch as t
x = t.rand(2)
y = t.ones(2) * x
""",
    "functional by name": """\
from torch.nn import functional
import torch
x = functional.dropout(torch.ones(9))
""",
    "an import that comes late": """\
x = torch.ones(2)
import torch
y = x * math.pi
""",
    "a tensor called F": """\
F = torch.ones(2)
y = F * 2
""",
    "a loop with a step": """\
w = torch.rand(3, requires_grad=True)
for i in range(4):
    loss = (w ** 2).sum()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
    w.grad.zero_()
    print(f'{i} {loss.item():.4f}')
""",
    "parts that are set": """\
x = torch.rand(2, 3, requires_grad=True)
y = x * 2
y[0] = x[1] ** 2
y[y > 0.9] = 0.5
y.sum().backward()
""",
}


def check_same_numbers(source: str) -> None:
    trace = run(source)
    assert trace.error is None, trace.error
    torch.manual_seed(random.randrange(10**6))  # a notebook that was used before
    names: dict = {}
    shown = io.StringIO()
    with redirect_stdout(shown):
        exec(compile(notebook_text(source), "cell", "exec"), names)  # noqa: S102  our own text
    assert trace.names
    for name, number in trace.names.items():
        value = trace.values[number]
        assert torch.equal(value.data, names[name].detach()), name
        assert value.requires_grad == names[name].requires_grad
        if value.is_leaf and value.requires_grad and value.gradient_of is None:
            ours, theirs = value.tensor.grad, names[name].grad
            assert (ours is None) == (theirs is None), name
            assert ours is None or torch.equal(ours, theirs), name
    assert shown.getvalue() == "".join(note.text + "\n" for note in trace.printed)


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_a_cell_gives_the_same_numbers(source: str) -> None:
    check_same_numbers(source)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_each_example_gives_the_same_numbers(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    if run(source).error is not None:
        pytest.skip("ends with a mistake, on purpose")
    check_same_numbers(source)


def test_only_what_is_missing_is_added() -> None:
    whole = (
        "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\nx = F.relu(torch.ones(2))\n"
    )
    assert notebook_text(whole) == whole
    assert notebook_text("x = F.relu(torch.ones(2))\n") == (
        "import torch\nimport torch.nn.functional as F\n\nx = F.relu(torch.ones(2))\n"
    )
    assert notebook_text("import torch\nx = torch.rand(2)\n") == (
        "import torch\ntorch.manual_seed(0)\nx = torch.rand(2)\n"
    )
    assert notebook_text("x = torch.rand(2)") == "import torch\ntorch.manual_seed(0)\n\nx = torch.rand(2)\n"
    assert notebook_text("a = 1\n") == "a = 1\n"


def test_a_wrong_program_is_shown_as_it_is() -> None:
    assert notebook_text("x = torch.ones(2)\ny = = 3\n") == "import torch\n\nx = torch.ones(2)\ny = = 3\n"
