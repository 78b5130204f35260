"""Nothing gets out of the language, and nothing runs for long."""

import time
from dataclasses import replace

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.autograd.errors import ProgramError
from core.autograd.language.interpreter import run
from core.autograd.language.namespace import TENSOR_ACTIONS, TENSOR_PROPERTIES, members
from core.autograd.limits import LIMITS
from core.autograd.operations.table import METHODS

LONG = [
    "x = torch.ones(300, 300)\nfor i in range(1000):\n    y = x @ x",
    "x = torch.ones(1, 1, 300, 300)\ny = F.conv2d(x, torch.ones(1, 1, 299, 299), padding=150)",
    "x = torch.ones(1, 1, 10, 10)\ny = F.conv2d(x, torch.ones(1, 1, 1, 1), padding=10**6)",
    "x = torch.ones(1, 1, 10, 10)\ny = F.max_pool2d(x, 2, padding=10**6)",
    "x = torch.ones(100000)\nfor i in range(1000):\n    x = x.exp()",
    "x = torch.ones(1, 50000)\ny = x.T + x",
    "x = torch.ones(1).expand(100000).repeat(100000)",
    "x = torch.ones(10, 10000)\ny = x[torch.zeros(100000).long()]",
    "x = torch.arange(10**15)",
    "x = torch.arange(0, 1, 1e-12)",
    "x = torch.linspace(0, 1, 10**6)",
    "x = torch.eye(10**5)",
    "x = torch.outer(torch.ones(90000), torch.ones(90000))",
    "x = F.one_hot(torch.tensor([0, 10**9]))",
    "a = [1.0, 2.0, 3.0]\n" + "a = [a, a, a, a]\n" * 30 + "x = torch.tensor(a)",
    "a = [1.0]\nfor i in range(900):\n    a = [a]\nprint(a)",
    "s = 'aaaaaaaaaa'\nfor i in range(900):\n    s = s + s",
    "s = 'a'\nfor i in range(900):\n    s = f'{s}{s}'",
    "s = f'{1.0:99999999}'",
    "n = 7\nfor i in range(900):\n    n = n * n",
    "n = 2 ** 2 ** 2 ** 2 ** 2 ** 2",
    "for i in range(900):\n    for j in range(900):\n        for k in range(900):\n            n = 1",
    "for i in range(900):\n    print('x' * 3)",
    "for i in range(900):\n    "
    "print('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')",
    "x = torch.tensor(1.0, requires_grad=True)\ny = x * 1\nfor i in range(400):\n    y = y * 1\nfor i "
    "in range(99):\n"
    "    y.backward(retain_graph=True)",
    "x = " + "(" * 300 + "1" + ")" * 300,
    "x = " + "-" * 3000 + "1",
    "x = " + "1 + " * 1900 + "1",
    "x = torch.ones(1)" + ".exp()" * 900,
    "if 1:\n" + "".join(" " * i + "if 1:\n" for i in range(1, 90)) + " " * 90 + "x = 1",
    "x = 1\n" * 4001,
    "x = torch.ones(2)\n" + "x = x.unsqueeze(0)\n" * 70,
    "x = torch.ones(0, 1000000, 1000000)",
    "x = torch.ones(1, 1, 1, 1, 1, 1, 1, 1, 1, 1)",
    "x = torch.rand(1000)\na = [" + "x, " * 1000 + "]\nb = [a, a, a]\nprint(b)",
    "x = torch.rand(1000)\na = [" + "x, " * 1000 + "]\nb = [a, a, a]\ns = f'{b}'",
    "n = round(5, -10**12)",
    "a = torch.ones(1, 300, 300)\nb = a @ torch.ones(300, 300, 1)",
    "x = torch.ones(1, 1, 300, 300)\ny = F.conv2d(x, torch.ones(1, 1, 25, 25))",
    "a = [1]\n" + "a = [a, a, a, a]\n" * 6 + "x = torch.ones(a)",
]


@pytest.mark.parametrize("source", LONG, ids=range(len(LONG)))
def test_a_costly_program_ends_soon_with_an_explanation(source: str) -> None:
    start = time.monotonic()
    trace = run(source)
    seconds = time.monotonic() - start
    assert isinstance(trace.error, ProgramError)
    assert trace.error.message and seconds < LIMITS.seconds + 1


def test_the_time_limit_is_enforced() -> None:
    source = "x = torch.ones(100000)\nfor i in range(400):\n    x = x.tanh()"
    trace = run(source, replace(LIMITS, seconds=0.01, total_elements=10**9))
    assert trace.error is not None and "longer than 0.01 s" in trace.error.message


LEAF = "x = torch.tensor(1.0, requires_grad=True)\n"


def chain(turns: int) -> str:
    return f"{LEAF}y = x\nfor i in range({turns}):\n    y = y * 1.5\ny.backward()"


def test_the_most_operations_still_go_backward() -> None:
    assert run(chain(LIMITS.operations - 1)).error is None  # the tensor itself is one
    error = run(chain(LIMITS.operations)).error
    assert error is not None and "more than 500 operations" in error.message


def test_steps_that_are_no_operations_are_bounded_too() -> None:
    error = run(f"{LEAF}for i in range(400):\n    (x * 1.5).backward()\n    x.grad.zero_()").error
    assert error is not None and "more than 750" in error.message


def test_nothing_private_and_nothing_outside_can_be_named() -> None:
    for name in [
        *METHODS,
        *TENSOR_PROPERTIES,
        *TENSOR_ACTIONS,
        *members("torch"),
        *members("torch.nn.functional"),
    ]:
        assert not name.startswith("_")
    for path in (
        "torch.save",
        "torch.load",
        "torch.ops",
        "torch.hub",
        "torch.utils",
        "F.os",
        "torch.os",
        "nn.Module",
    ):
        error = run(f"a = {path}").error
        assert error is not None and "not part of this language" in error.message


ATOMS = st.sampled_from(
    ["x", "y", "w", "2", "-1", "0", "0.5", "None", "True", "'a'", "[1, 2]", "(2, 3)", "torch", "F",
        "x.grad", "1e300",
     "10**9", "torch.ones(2, 3)", "torch.tensor([0, "
                                  "1])", "torch.float64", "x > 0", "float", "nn", "...", "x.shape"]
)  # fmt: skip
NAMES = st.sampled_from(
    sorted({*METHODS, *TENSOR_PROPERTIES, *TENSOR_ACTIONS, "__class__", "data", "wrong", "_backward_hooks"})
)
FUNCTIONS = st.sampled_from(
    [f"torch.{name}" for name in members("torch")]
    + [f"F.{name}" for name in members("torch.nn.functional")]
    + [
        "print",
        "len",
        "range",
        "abs",
        "int",
        "max",
        "open",
        "getattr",
        "nn.Parameter",
        "x.max",
        "x.backward",
        "torch.autograd.grad",
    ]
)
KEYWORDS = st.sampled_from(
    ["dim", "keepdim", "dtype", "requires_grad", "gradient", "reduction", "padding", "wrong"]
)


@st.composite
def expression(draw: st.DrawFn, depth: int = 0) -> str:
    inner = ATOMS if depth > 2 else st.one_of(ATOMS, expression(depth + 1))
    kind = draw(
        st.sampled_from(["atom", "operator", "call", "method", "index", "attribute", "compare", "list"])
    )
    if kind == "operator":
        symbol = draw(st.sampled_from(["+", "-", "*", "/", "@", "**", "//", "%"]))
        return f"({draw(inner)} {symbol} {draw(inner)})"
    if kind == "compare":
        symbol = draw(st.sampled_from(["<", "==", "!=", "and", "or", "is", "in"]))
        return f"({draw(inner)} {symbol} {draw(inner)})"
    if kind in ("call", "method"):
        callee = draw(FUNCTIONS) if kind == "call" else f"({draw(inner)}).{draw(NAMES)}"
        arguments = draw(st.lists(inner, max_size=4))
        if draw(st.booleans()):
            arguments.append(f"{draw(KEYWORDS)}={draw(inner)}")
        return f"{callee}({', '.join(arguments)})"
    if kind == "index":
        return (
            f"({draw(inner)})[{draw(inner)}{draw(st.sampled_from(['', ':', ', 0', ', None', ':1', '::-1']))}]"
        )
    if kind == "attribute":
        return f"({draw(inner)}).{draw(NAMES)}"
    if kind == "list":
        return f"[{', '.join(draw(st.lists(inner, max_size=3)))}]"
    return draw(ATOMS)


STATEMENTS = st.sampled_from(
    ["{name} = {expression}", "{name} += "
                              "{expression}", "{expression}", "print({expression})", "{name}.grad = None",
     "for i in range(3):\n    {name} = {expression}", "if {expression}:\n    {name} = {expression}",
     "with torch.no_grad():\n    {name} -= {expression}", "({expression}).sum().backward()", "y.backward()",
     "{name}, z = {expression}", "{name} = "
                                 "f'{{{expression}}}'", "import {name}", "del {name}",
     "{name}[{expression}] = {expression}", "{name}[0] *= {expression}",
     "{name}, = torch.autograd.grad({expression}, [x])", "{name} = x[0]",
     "y.grad[0] += {expression}", "y = x.clone()"]
)  # fmt: skip


@st.composite
def programs(draw: st.DrawFn) -> str:
    lines = [
        "x = torch.ones(2, 3, requires_grad=True)",
        "w = torch.arange(6.0).reshape(3, 2)",
        "y = x * 2",
    ]
    for _ in range(draw(st.integers(1, 6))):
        text = draw(STATEMENTS)
        lines.append(
            text.format(name=draw(st.sampled_from(["x", "y", "w", "v"])), expression=draw(expression()))
        )
    return "\n".join(lines)


def check_survives(source: str) -> None:
    mode = torch.is_grad_enabled()
    trace = run(source)  # raises nothing
    assert torch.is_grad_enabled() == mode
    if trace.error is not None:
        assert trace.error.message
        assert 1 <= trace.error.line <= len(trace.program.lines)
        trace.error.caret_lines()
    for backward in trace.passes:
        assert all(error < 1e-4 for error in backward.engine.values())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_programs_of_the_language_never_fail_unexplained(source: str) -> None:
    check_survives(source)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200))
def test_arbitrary_text_never_fails_unexplained(source: str) -> None:
    check_survives(source)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_programs_never_fail_unexplained(data: st.DataObject) -> None:
    source = data.draw(programs())
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 8)))
    check_survives(
        source[:start] + data.draw(st.text("()[]{}'\":.,=+-*@\\\n\t xπ0", max_size=5)) + source[end:]
    )
