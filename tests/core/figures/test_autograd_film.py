"""The film tells what the trace holds: each step, the numbers in each box, and the cards."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run
from core.figures.autograd_film import film
from core.figures.autograd_summary import check_summary
from core.figures.autograd_table import rows

EXAMPLES = sorted((Path(__file__).parents[3] / "assets" / "autograd" / "examples").glob("*.py"))

ISSUE = """\
x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
out.backward()
"""


def shown(source: str) -> dict[str, Any]:
    trace = run(source)
    return film(trace, check_all(trace))


def gradients(picture: dict[str, Any], step: int | None = None) -> dict[str, list[list[str]]]:
    """What stands in each box at `step`, by title."""
    titles = {box["value"]: box["title"] for box in picture["boxes"]}
    state: dict[str, list[list[str]]] = {}
    for each in picture["steps"][: None if step is None else step + 1]:
        for change in each["set"]:
            state[titles[change["box"]]] = change["cells"]
    return state


def test_the_boxes_of_the_issues_program() -> None:
    picture = shown(ISSUE)
    assert [(box["title"], box["tag"], box["kind"]) for box in picture["boxes"]] == [
        ("x", "leaf", "leaf"),
        ("y", "AddBackward0", "result"),
        ("y * y", "MulBackward0", "result"),
        ("z", "MulBackward0", "result"),
        ("out", "MeanBackward0", "result"),
    ]
    assert [(edge["start"], edge["end"]) for edge in picture["edges"]] == [
        (0, 1),
        (1, 2),
        (1, 2),
        (2, 3),
        (3, 4),
    ]


def test_gradients_appear_step_by_step_and_are_never_zero_before() -> None:
    picture = shown(ISSUE)
    phases = [step["phase"] for step in picture["steps"]]
    assert phases == ["start", *["forward"] * 5, "seed", *["node"] * 4, "accumulate"]
    assert gradients(picture, 5) == {}  # none before backward
    assert gradients(picture, 6) == {"out": [["1"]]}
    assert gradients(picture, 7)["z"] == [["0.25", "0.25"]] * 2
    assert gradients(picture, 9)["y"] == [["4.5", "4.5"]] * 2
    assert gradients(picture, 10)["x"] == [["—"]]  # on its way, not yet in .grad
    assert gradients(picture)["x"] == [["4.5", "4.5"]] * 2


def test_each_use_of_a_value_lights_its_own_edge() -> None:
    picture = shown(ISSUE)
    product = next(step for step in picture["steps"] if step["title"] == "back through y * y")
    assert product["edges"] == [1, 2]


def test_the_card_says_upstream_times_local_is_the_contribution() -> None:
    card = next(step for step in shown(ISSUE)["steps"] if step["title"] == "back through z")["card"]
    assert card[0] == {"kind": "formula", "text": "to y * y: upstream · 3"}
    items = card[1]["items"]
    assert [item.get("sign") or item["label"] for item in items] == [
        "upstream",
        "×",
        "local",
        "=",
        "contribution",
    ]
    assert [items[i]["cells"][0][0] for i in (0, 2, 4)] == ["0.25", "3", "0.75"]


def test_a_value_used_twice_shows_the_sum() -> None:
    card = next(step for step in shown(ISSUE)["steps"] if step["title"] == "back through y * y")["card"]
    sums = [
        block for block in card if block["kind"] == "equation" and block["items"][0].get("label") == "so far"
    ]
    assert [item["cells"][0][0] for item in sums[0]["items"] if "cells" in item] == ["2.25", "2.25", "4.5"]


def test_the_matrix_product_shows_its_matrices() -> None:
    source = """\
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
W = torch.tensor([[5.0], [6.0]], requires_grad=True)
(X @ W).sum().backward()
"""
    card = next(step for step in shown(source)["steps"] if step["subtitle"] == "MmBackward0")["card"]
    assert card[0]["text"] == "to W: Xᵀ @ upstream"
    cells = [item["cells"] for item in card[1]["items"] if "cells" in item]
    assert cells == [[["1", "3"], ["2", "4"]], [["1"], ["1"]], [["4"], ["6"]]]


def test_broadcasting_shows_the_sum_that_undoes_it() -> None:
    source = "b = torch.tensor([1.0, 2.0], requires_grad=True)\n(torch.ones(3, 2) * b).sum().backward()"
    card = next(step for step in shown(source)["steps"] if step["subtitle"] == "MulBackward0")["card"]
    labels = [item.get("sign") or item["label"] for item in card[1]["items"]]
    assert labels[-3:] == ["product", "Σ→", "contribution"]
    assert "from (2,) to (3, 2)" in card[2]["text"]


def test_gradients_that_add_up_show_what_was_there_before() -> None:
    source = "x = torch.tensor(1.0, requires_grad=True)\nfor i in range(2):\n    (2 * x).backward()\n"
    card = shown(source)["steps"][-1]["card"]
    assert [item["cells"] for item in card[1]["items"] if "cells" in item] == [[["2"]], [["2"]], [["4"]]]


def test_zeroing_a_gradient_is_a_step_and_no_box() -> None:
    source = "x = torch.tensor(1.0, requires_grad=True)\n(2 * x).backward()\nx.grad.zero_()\nx.grad = None\n"
    picture = shown(source)
    assert [step["set"][0]["cells"] for step in picture["steps"][-2:]] == [[["0"]], [["—"]]]
    assert [box["title"] for box in picture["boxes"]] == ["x", "2 * x"]


def test_positions_do_not_depend_on_values_and_boxes_do_not_move() -> None:
    one = shown(ISSUE)
    other = shown(ISSUE.replace("x + 2", "x + 3"))
    assert [(box["x"], box["y"]) for box in one["boxes"]] == [(box["x"], box["y"]) for box in other["boxes"]]


def test_an_empty_program_has_an_empty_picture() -> None:
    picture = shown("")
    assert (picture["boxes"], len(picture["steps"])) == ([], 1)
    assert check_summary(run(""), []) is None


def test_the_checks_are_summed_up() -> None:
    trace = run(ISSUE)
    good, sentence = check_summary(trace, check_all(trace)) or (False, "")
    assert good and sentence.startswith("5 gradients")


def test_a_kink_is_called_a_kink() -> None:
    trace = run("x = torch.tensor(0.0, requires_grad=True)\ntorch.relu(x).backward()")
    checks = check_all(trace)
    assert checks[0][0].state == "kink"
    assert "kink" in (check_summary(trace, checks) or (False, ""))[1]


def test_the_table_says_what_pytorch_says() -> None:
    table = {row["name"]: row for row in rows(run(ISSUE))}
    assert table["x"] == {
        "name": "x", "made by": "torch.ones(2, 2, "
                                "requir…", "line": 1, "shape": "(2, 2)", "value": "[1 1; 1 1]",
        "grad": "[4.5 4.5; 4.5 4.5]", "requires_grad": True, "is_leaf": True, "grad_fn": "None", "version": 0,
    }  # fmt: skip
    assert (table["y"]["grad"], table["y"]["grad_fn"]) == ("—", "AddBackward0")


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_becomes_plain_json_without_nan(file: Path) -> None:
    trace = run(file.read_text(encoding="utf-8"))
    assert trace.error is None
    checks = check_all(trace)
    assert {check.state for found in checks for check in found.values()} <= {"agrees", "skipped"}
    json.dumps(film(trace, checks), allow_nan=False)


def test_infinite_and_missing_numbers_become_texts() -> None:
    source = "x = torch.tensor([0.0, -1.0], requires_grad=True)\ny = torch.log(x).sum()\ny.backward()"
    text = json.dumps(shown(source), allow_nan=False, ensure_ascii=False)
    assert "∞" in text and "nan" in text


@pytest.mark.parametrize(
    "source",
    [
        "x = torch.ones(0, 3, requires_grad=True)\n(x * 2).sum().backward()",
        "x = torch.ones(2, 0)\ny = x.T",
        "x = torch.arange(3)\ny = (x > 1).all()",
        "x = torch.ones(2, 3, requires_grad=True)\nv, i = x.max(dim=1)\nv.sum().backward()",
        "x = torch.ones(2, 2, 3, 4, requires_grad=True)\n(x @ x.mT).sum().backward()",
        "x = torch.ones(3, requires_grad=True)\ny = x * 2\ny += 1\ny.sum().backward()",
        "x = torch.ones(3, requires_grad=True)\nx.backward(gradient=torch.ones(3))",
        "x = torch.ones(3, requires_grad=True)\ny = (x * x).sum()\ny.backward()\ny.backward()",
        "w = torch.ones(1, requires_grad=True)\nv = w[0]\nwith torch.no_grad():\n    w -= 1\nv.backward()",
        "x = torch.ones(90, 90, requires_grad=True)\n(x @ x).mean().backward()",
        "x = torch.tensor(1.0, requires_grad=True)\nfor i in range(40):\n    x = x * x\nx.backward()",
    ],
)
def test_odd_programs_have_a_picture_too(source: str) -> None:
    trace = run(source)
    checks = check_all(trace)
    picture = film(trace, checks)
    json.dumps([picture, rows(trace), check_summary(trace, checks)], allow_nan=False)
    assert len(picture["boxes"]) == len(trace.values)
    assert all(0 <= i < len(picture["edges"]) for step in picture["steps"] for i in step["edges"])
