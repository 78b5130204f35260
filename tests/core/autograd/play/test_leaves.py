"""Other numbers in a program's leaves, and back into its text."""

import pytest
import torch

from core.autograd.language.interpreter import run
from core.autograd.play.leaves import changed, leaves_of
from core.autograd.play.text import write

SQUARE = "x = torch.tensor(2.0, requires_grad=True)\ny = x * x\ny.backward()\n"


def test_other_numbers_change_values_and_gradients_but_not_the_version() -> None:
    trace = run(SQUARE, leaves={"x": 5})
    assert trace.error is None
    assert trace.value("y").data == 25
    assert trace.value("x").tensor.grad == 10  # 2x
    assert trace.value("x").version == 0
    assert trace.value("x").is_leaf


def test_a_parameter_and_a_random_leaf_can_be_changed() -> None:
    source = "w = nn.Parameter(torch.randn(2, 2))\nb = torch.randn(2).requires_grad_()\nr = torch.randn(2)\n"
    plain, other = run(source), run(source, leaves={"w": [[1, 2], [3, 4]], "b": [0.5, 0.25]})
    assert other.value("w").data.tolist() == [[1, 2], [3, 4]]
    assert other.value("b").data.tolist() == [0.5, 0.25]
    assert torch.equal(other.value("r").data, plain.value("r").data)  # the generator went on as before


@pytest.mark.parametrize("numbers", [[1.0, 2.0, 3.0], 1.0, [[1.0, 2.0]], ["a", "b"], None])
def test_what_does_not_fit_is_an_explained_error(numbers: object) -> None:
    trace = run("x = torch.ones(2)\n", leaves={"x": numbers})
    assert trace.error is not None and "`x`" in trace.error.message


def test_only_what_is_made_from_numbers_is_replaced() -> None:
    trace = run("x = torch.tensor(2.0)\ny = x * 3\nz = x\n", leaves={"y": 1.0, "z": 1.0})
    assert trace.value("y").data == 6
    assert trace.value("z").data == 2  # another name of x, not a leaf of its own


def test_leaves_and_why_others_cannot_be_changed() -> None:
    leaves, fixed = leaves_of(
        run(
            "a = torch.tensor(-4.0, requires_grad=True)\nm = torch.ones(2, 3)\nt = torch.arange(3)\n"
            "big = torch.zeros(7)\nq = a * 2\nfor i in range(2):\n    s = torch.ones(1)\nm > 0\n"
        )
    )
    assert [(leaf.name, leaf.shape, leaf.whole, leaf.requires_grad) for leaf in leaves] == [
        ("a", (), False, True),
        ("m", (2, 3), False, False),
        ("t", (3,), True, False),
    ]
    assert leaves[0].reach == 10  # at least twice 4, and a round number
    assert {each.name: each.reason for each in fixed} == {
        "big": "its shape (7,) is larger than 6×6",
        "s": "it is made more than once",
    }


def test_changes_from_a_browser_are_checked() -> None:
    leaves, _ = leaves_of(run("x = torch.ones(2)\nn = torch.tensor(1)\n"))
    wrong = {"x": [1.0, float("nan")], "n": 0.5, "other": 3}
    assert changed(leaves, wrong) == ()
    assert changed(leaves, {"x": [1.0, 1.0], "n": 1}) == ()  # nothing differs
    assert changed(leaves, {"x": [1.0, 3], "n": 2}) == (("x", (1.0, 3)), ("n", 2))
    assert changed(leaves, {"x": "1", "n": True}) == ()


def test_written_numbers_give_what_the_changes_gave() -> None:
    source = (
        "import torch as t\nw = nn.Parameter(torch.randn(2))\n"
        "x = t.tensor([1.0,\n    2.0], dtype=torch.float64, requires_grad=True); i = torch.arange(2)  # é\n"
        "r = torch.randn(3)\n"
    )
    changes = (("w", (1.5, -2.0)), ("x", (0.1, 3.0)), ("i", (4, 5)))
    before = run(source, leaves=dict(changes))
    text = write(before, changes)
    after = run(text)
    assert after.error is None
    for name in ("w", "x", "i", "r"):
        assert torch.equal(before.value(name).data, after.value(name).data), name
        assert before.value(name).requires_grad == after.value(name).requires_grad
        assert before.value(name).data.dtype == after.value(name).data.dtype
    assert "w = nn.Parameter(torch.tensor([1.5, -2.0]))" in text
    assert "x = t.tensor([0.1, 3.0], dtype=torch.float64, requires_grad=True); i = " in text


def test_numbers_are_written_short() -> None:
    leaves, _ = leaves_of(run("x = torch.tensor(0.1)"))
    assert leaves[0].numbers == 0.1  # float32 holds 0.10000000149
