"""Errors teach: each kind of mistake shows on the page where it is, what happened here, and what to try."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGE = str(Path(__file__).parents[2] / "pages" / "autograd" / "page.py")
LEAF = "x = torch.ones(2, 3, requires_grad=True)\n"

# kind: program, the line, the marked part, words of the explanation, words of what to try, tensors that stay
KINDS: dict[str, tuple[str, int, str, list[str], list[str], list[str]]] = {
    "shape mismatch": (LEAF + "y = x @ x", 2, "x @ x", ["(2, 3)", "3 columns", "2 rows"], ["x @ x.T"], ["x"]),
    "failed broadcast": (
        LEAF + "w = torch.ones(4)\ny = x + w", 3, "x + w", ["(2, 3)", "(4,)", "3 and 4"], ["reshape"],
        ["x", "w"],
    ),
    "backward on a non-scalar": (
        LEAF + "y = x * 2\ny.backward()", 3, "y.backward()", ["(2, 3)", "6"],
        ["y.sum().backward()", "gradient="], ["x", "y"],
    ),
    "backward without grad": (
        "x = torch.ones(2)\ny = x.sum()\ny.backward()", 3, "y.backward()", ["requires_grad=True", "x"],
        ["leaf"], ["x", "y"],
    ),
    "backward after detach": (
        LEAF + "y = x.detach().sum()\ny.backward()", 3, "y.backward()", ["detach", "line 2"], ["Leave"],
        ["x", "y"],
    ),
    "backward twice": (
        LEAF + "y = (x * x).sum()\ny.backward()\ny.backward()", 4, "y.backward()", ["freed"],
        ["retain_graph=True"], ["x", "y"],
    ),
    "in-place change of a leaf": (LEAF + "x += 1", 2, "x += 1", ["leaf", "in place"], ["no_grad"], ["x"]),
    "in-place change of a saved value": (
        LEAF + "y = x.exp()\ny += 1\ny.sum().backward()", 4, "y.sum().backward()", ["in place"],
        ["y = y + 1"], ["x", "y"],
    ),
    "integers with requires_grad": (
        "a = torch.ones(1)\nx = torch.tensor([1, 2], requires_grad=True)", 2,
        "torch.tensor([1, 2], requires_grad=True)", ["floating-point"], ["1.0"], ["a"],
    ),
    "unknown function": (LEAF + "y = torch.rellu(x)", 2, "torch.rellu(x)", ["rellu"], ["relu"], ["x"]),
    "unknown method": (LEAF + "y = x.sigmoide()", 2, "x.sigmoide()", ["sigmoide"], ["sigmoid"], ["x"]),
    "unknown name": (LEAF + "y = z + 1", 2, "z", ["not known"], ["z = torch.tensor"], ["x"]),
}  # fmt: skip


def opened(program: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["program"] = program
    return page.run()


def plain(markdown: str) -> str:
    """Without the signs that keep Markdown from reading a program's texts."""
    return markdown.replace("\\", "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_explains(kind: str) -> None:
    program, line, marked, message, hint, kept = KINDS[kind]
    page = opened(program)
    assert not page.exception
    assert len(page.error) == 1
    words = plain(page.error[0].value)
    assert f"Line {line}, column " in words
    for part in [*message, *hint]:
        assert part in words
    code, carets = page.code[0].value.split("\n")  # the line, and the part of it that is wrong
    assert code[carets.index("^") :].startswith(marked) and carets.count("^") == len(marked)
    names = page.dataframe[0].value["name"].tolist()
    assert set(kept) <= set(names)  # what ran before it stays


def test_the_grad_of_a_non_leaf_is_none_and_the_page_says_why() -> None:
    page = opened("x = torch.tensor(3.0, requires_grad=True)\ny = x * x\ny.backward()\nprint(y.grad)")
    assert not page.exception and not page.error
    assert page.code[0].value == "4 │ print(y.grad)  →  None"
    assert "not a leaf" in plain(page.info[0].value)
    assert "y.retain_grad()" in plain(page.info[0].value)


def test_a_mended_program_has_no_error_any_more() -> None:
    page = opened(LEAF + "y = x * 2\ny.backward()")
    assert page.error
    page.text_area(key="program").set_value(LEAF + "y = x * 2\ny.sum().backward()").run()
    assert not page.exception and not page.error
