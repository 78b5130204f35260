"""Each kind of mistake gets its place, this case's shapes and values, and something to try; what ran before
stays."""

import pytest

from core.autograd.language.interpreter import run

LEAF = "x = torch.ones(2, 3, requires_grad=True)\n"

# program, line, the marked text, words of the message, words of the hint
MISTAKES = [
    (LEAF + "y = x @ x", 2, "x @ x", ["(2, 3)", "3 columns", "2 rows"], ["x @ x.T"]),
    (LEAF + "y = x + torch.ones(4)", 2, "x + torch.ones(4)", ["broadcast", "(2, 3)", "(4,)", "3 and 4"],
        ["reshape"]),
    (LEAF + "y = x * torch.ones(3, 2)", 2, "x * torch.ones(3, 2)", ["(3, 2)"], ["torch.ones(3, 2).T"]),
    (LEAF + "y = x * 2\ny.backward()", 3, "y.backward()", ["(2, 3)", "6"], ["y.sum().backward()",
        "gradient="]),
    (LEAF + "(x * 2).backward()", 2, "(x * 2).backward()", ["(2, 3)"], ["(x * 2).sum().backward()"]),
    ("x = torch.ones(2)\nx.sum().backward()", 2, "x.sum().backward()", ["requires_grad=True", "`x`"],
        ["leaf"]),
    (LEAF + "y = x.detach().sum()\ny.backward()", 3, "y.backward()", ["detach", "line 2"], ["Leave"]),
    (LEAF + "with torch.no_grad():\n    y = "
            "x.sum()\ny.backward()", 4, "y.backward()", ["no_grad", "line 3"], ["Leave"]),
    (LEAF + "y = (x * "
            "x).sum()\ny.backward()\ny.backward()", 4, "y.backward()", ["freed"], ["retain_graph=True"]),
    (LEAF + "x += 1", 2, "x += 1", ["leaf", "in place"], ["no_grad", "y = x + 1"]),
    (LEAF + "y = x.exp()\ny += 1\ny.sum().backward()", 4, "y.sum().backward()",
     ["in place", "version 0", "version 1 now", "`y += 1` in line 3"], ["y = y + 1"]),
    ("x = torch.tensor([1, 2], requires_grad=True)", 1, "torch.tensor([1, 2], requires_grad=True)",
     ["floating-point"], ["1.0"]),
    (LEAF + "y = torch.rellu(x)", 2, "torch.rellu(x)", ["torch.rellu"], ["`relu`"]),
    (LEAF + "y = x.sigmoide()", 2, "x.sigmoide()", ["sigmoide"], ["`sigmoid`"]),
    (LEAF + "y = z + 1", 2, "z", ["`z`", "not known"], ["z = torch.tensor"]),
    (LEAF + "y = sigmoid(x)", 2, "sigmoid", ["not known"], ["torch.sigmoid"]),
    (LEAF + "y = x.sum", 2, "x.sum", ["must be called"], [".sum()"]),
    (LEAF + "y = x.data", 2, "x.data", ["data"], ["detach"]),
    (LEAF + "y = x.sum(dim=5)", 2, "x.sum(dim=5)", ["no dimension 5", "-2 to 1"], ["count from 0"]),
    (LEAF + "y = x[5]", 2, "x[5]", ["no position 5", "size 2"], ["count from 0"]),
    (LEAF + "y = x.view(4, 2)", 2, "x.view(4, 2)", ["6"], ["product is 6"]),
    (LEAF + "y = x.sum(dim='rows')", 2, "x.sum(dim='rows')", ["`dim`", "'rows'"], ["sum"]),
    (LEAF + "y = x.sum(axes=0)", 2, "x.sum(axes=0)", ["no argument called `axes`"], ["dim="]),
    (LEAF + "if x > 0:\n    pass", 2, "x > 0", ["6 elements", "neither true nor false"], [".all()"]),
    (LEAF + "y = x.item()", 2, "x.item()", ["6 elements"], [".sum()"]),
    (LEAF + "y = F.cross_entropy(x, torch.tensor([0, 3]))", 2, "F.cross_entropy(x, torch.tensor([0, 3]))",
     ["target 3"], ["0 to C"]),
    (LEAF + "y = F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 7, 7))", 2,
     "F.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 7, 7))", ["7 pixels", "4 pixels"], ["padding"]),
    (LEAF + "y = torch.tensor([x.sum(), 1.0])", 2, "torch.tensor([x.sum(), "
                                                   "1.0])", ["cut off"], ["torch.stack"]),
    (LEAF + "import os", 2, "import os", ["import os", "not allowed"], ["torch"]),
    (LEAF + "from os import path", 2, "from os import path", ["not allowed"], ["torch"]),
    (LEAF + "y = x.__class__", 2, "x.__class__", ["__class__"], [".grad"]),
    (LEAF + "y = __import__('os')", 2, "__import__", ["closed"], []),
    (LEAF + "eval('1')", 2, "eval", ["not known"], []),
    (LEAF + "y = torch.ones(10**5, 10**4)", 2, "torch.ones(10**5, "
                                               "10**4)", ["1,000,000,000", "100,000"], ["smaller"]),
    (LEAF + "y = [x] == [x * 2]", 2, "[x] == [x * 2]", ["list of 1"], ["two tensors"]),
    (LEAF + "while True:\n    pass", 2, "while True:", ["for ever"], ["for i in range(n)"]),
    (LEAF + "for i in range(10**9):\n    pass", 2, "range(10**9)", ["1,000,000,000", "1,000"], ["smaller"]),
    (LEAF + "y = 10 ** 10 ** 10", 2, "10 ** 10 ** 10", ["too large"], ["float"]),
    (LEAF + "y = 99999999999999999999", 2, "99999999999999999999", ["too large"], []),
    (LEAF + "y = 1 / 0", 2, "1 / 0", ["division by zero"], []),
    (LEAF + "def f(x):\n    return x", 2, "def f(x):", ["functions"], []),
    (LEAF + "y = [i for i in range(3)]", 2, "[i for i in range(3)]", ["Comprehensions"], ["for"]),
    (LEAF + "x[0] = 1.0", 2, "x[0]", ["leaf", "in place"], ["no_grad"]),
    (LEAF + "y = x * 1\ny[0] = torch.ones(4)", 3, "y[0]", ["(4,)", "do not fit"], ["shape"]),
    (LEAF + "y = x * 1\nv = y.detach()\nv += 1", 4, "v += 1", ["`y`", "memory"], [".clone()"]),
    (LEAF + "v = x[0]\nv += 1", 3, "v += 1", ["leaf", "in place"], ["no_grad"]),
    (LEAF + "with torch.no_grad():\n    v = x[0]\nv += 1", 4, "v += 1", ["no_grad"], ["outside"]),
    (LEAF + "y = [1, 2]\ny[0] = 3", 3, "y[0]", ["list of 2"], ["new list"]),
    (LEAF + "y = F.dropout(x, 2)", 2, "F.dropout(x, 2)", ["probability", "2"], ["p=0.5"]),
    (LEAF + "y = (x + 1", 2, "(", ["never closed"], ["brackets"]),
    (LEAF + "y = x +* 2", 2, "*", ["cannot read"], ["brackets"]),
    (LEAF + "layer = nn.Linear(3, 2)", 2, "nn.Linear(3, 2)", ["nn.Linear"], ["F.linear"]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "line", "marked", "message", "hint"), MISTAKES)
def test_a_mistake_is_placed_and_explained(
    source: str, line: int, marked: str, message: list[str], hint: list[str]
) -> None:
    trace = run(source)
    error = trace.error
    assert error is not None
    assert error.line == line
    assert error.fragment == marked
    for words in message:
        assert words in error.message
    for words in hint:
        assert words in error.hint
    code, carets = error.caret_lines().split("\n")
    start = carets.index("^")
    assert code[start:].startswith(marked[: len(carets) - start])
    if source.startswith(LEAF):
        assert trace.value("x").data.tolist() == [[1.0] * 3] * 2  # what ran before it is kept


def test_what_ran_before_a_syntax_error_in_a_block_is_kept() -> None:
    trace = run("x = torch.ones(2)\nfor i in range(2):\n    y = x * i\n    z = = 3\n")
    assert trace.error is not None and trace.error.line == 4
    assert list(trace.names) == ["x"]


def test_columns_count_characters_not_bytes() -> None:
    error = run("π = 3.0; σ = π + wrong").error
    assert error is not None
    assert (error.line, error.column, error.fragment) == (1, 18, "wrong")


def test_a_very_long_line_is_cut_around_the_place() -> None:
    error = run("x = " + "1 + " * 40 + "wrong").error
    assert error is not None
    code, carets = error.caret_lines(60).split("\n")
    assert len(code) <= 60
    assert code[carets.index("^") :].startswith("wrong")


def test_an_error_inside_backward_keeps_the_first_pass() -> None:
    trace = run(LEAF + "y = (x * x).sum()\ny.backward()\ny.backward()")
    assert len(trace.passes) == 1
    assert trace.value("x").tensor.grad.tolist() == [[2.0] * 3] * 2


@pytest.mark.parametrize(
    ("line", "name", "inputs"),
    [
        ("y = x @ x", "@", ["x", "x"]),
        ("y = x + torch.ones(4)", "+", ["x", "torch.ones(4)"]),
        ("x.backward()", ".backward()", ["x"]),
        ("x *= 2", "*=", ["x"]),
        ("y = F.linear(x, weight=2)", "F.linear", ["x"]),
        ("y = x.sigmoide()", ".sigmoide()", ["x"]),
        ("y = torch.cat([x, x.T])", "torch.cat", ["x", "x.T"]),
    ],
)
def test_the_failed_operation_is_known_with_its_inputs(line: str, name: str, inputs: list[str]) -> None:
    trace = run(LEAF + line)
    assert trace.failed is not None and trace.error is not None
    assert (trace.failed.name, trace.failed.span.line) == (name, 2)
    assert trace.failed.span == trace.error.span
    assert trace.failed.text == line.removeprefix("y = ")
    assert [trace.values[number].title for number in trace.failed.inputs] == inputs


def test_nothing_failed_where_no_operation_did() -> None:
    assert run(LEAF + "y = x * 2").failed is None
    assert run(LEAF + "y = z + 1").failed is None
