"""The film tells what the trace holds: each step, the numbers in each box, and the cards."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run
from core.figures.autograd.film import film
from core.figures.autograd.summary import check_summary
from core.figures.autograd.table import rows

EXAMPLES = sorted((Path(__file__).parents[4] / "assets" / "autograd" / "examples").glob("*.py"))

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
    titles = {f"g{box['value']}": box["title"] for box in picture["views"]["math"]["boxes"]}
    state: dict[str, list[list[str]]] = {}
    for each in picture["steps"][: None if step is None else step + 1]:
        for change in each["set"]:
            if change["key"] in titles:
                state[titles[change["key"]]] = cells(picture, change["table"])
    return state


def cells(picture: dict[str, Any], table: int | None) -> list[list[str]]:
    return [["—"]] if table is None else picture["tables"][table]["cells"]


def tables_of(picture: dict[str, Any], block: dict[str, Any]) -> list[list[list[str]]]:
    """The numbers in an equation of a card."""
    return [cells(picture, item["table"]) for item in block["items"] if "table" in item]


def signs(block: dict[str, Any]) -> list[str]:
    return [item.get("sign") or item["label"] for item in block["items"]]


def step_of(picture: dict[str, Any], title: str) -> dict[str, Any]:
    return next(step for step in picture["steps"] if step["title"] == title)


def test_the_boxes_of_the_issues_program() -> None:
    picture = shown(ISSUE)["views"]["math"]
    assert [(box["title"], box["tag"], box["kind"]) for box in picture["boxes"]] == [
        ("x", "leaf", "leaf"),
        ("y", "AddBackward0", "result"),
        ("y * y", "MulBackward0", "result"),
        ("z", "MulBackward0", "result"),
        ("out", "MeanBackward0", "result"),
    ]
    assert [(edge["start"], edge["end"]) for edge in picture["edges"]] == [
        (0, 1), (1, 2), (1, 2), (2, 3), (3, 4),
    ]  # fmt: skip


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
    assert step_of(shown(ISSUE), "back through y * y")["math"]["edges"] == [1, 2]


def test_the_card_says_upstream_times_local_is_the_contribution() -> None:
    picture = shown(ISSUE)
    card = step_of(picture, "back through z")["card"]
    assert card[0] == {"kind": "formula", "text": "grad of (y * y) = upstream · 3"}
    assert card[1] == {"kind": "numbers", "text": "element [0, 0]: 0.25 · 3 = 0.75"}
    assert signs(card[2]) == ["upstream", "×", "local", "=", "contribution"]
    assert [table[0][0] for table in tables_of(picture, card[2])] == ["0.25", "3", "0.75"]


def test_a_value_used_twice_shows_the_sum() -> None:
    picture = shown(ISSUE)
    card = step_of(picture, "back through y * y")["card"]
    assert [block["text"] for block in card if block["kind"] == "formula"] == [
        "part 1 of 2 of grad_y = upstream · y",
        "part 2 of 2 of grad_y = upstream · y",
    ]
    sums = [block for block in card if block["kind"] == "equation" and signs(block)[0] == "so far"]
    assert [table[0][0] for table in tables_of(picture, sums[0])] == ["2.25", "2.25", "4.5"]


def test_the_matrix_product_shows_its_matrices_under_their_names() -> None:
    source = """\
X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
W = torch.tensor([[5.0], [6.0]], requires_grad=True)
(X @ W).sum().backward()
"""
    picture = shown(source)
    card = next(step for step in picture["steps"] if step["subtitle"] == "MmBackward0")["card"]
    assert card[0]["text"] == "grad_W = Xᵀ @ upstream"
    assert signs(card[1]) == ["Xᵀ", "@", "upstream", "=", "contribution"]
    assert tables_of(picture, card[1]) == [[["1", "3"], ["2", "4"]], [["1"], ["1"]], [["4"], ["6"]]]
    forward = step_of(picture, "X @ W")["card"]
    assert forward[1]["text"] == "element [0, 0]: 1 · 5 + 2 · 6 = 17"


def test_a_transposed_saved_matrix_is_shown_under_the_name_that_it_has_in_the_program() -> None:
    # F.linear(x, W) = x Wᵀ keeps Wᵀ: the gradient of x is upstream @ W
    source = """\
x = torch.tensor([[1.0, 2.0]], requires_grad=True)
W = torch.tensor([[3.0, 4.0], [5.0, 6.0]], requires_grad=True)
F.linear(x, W).sum().backward()
"""
    picture = shown(source)
    card = next(step for step in picture["steps"] if step["subtitle"] == "MmBackward0")["card"]
    equation = next(block for block in card if block["kind"] == "equation" and "W" in signs(block))
    assert card[0]["text"] == "grad_x = upstream @ W"
    assert signs(equation) == ["upstream", "@", "W", "=", "contribution"]
    assert tables_of(picture, equation) == [[["1", "1"]], [["3", "4"], ["5", "6"]], [["8", "10"]]]


def test_broadcasting_shows_the_sum_that_undoes_it() -> None:
    source = "b = torch.tensor([1.0, 2.0], requires_grad=True)\n(torch.ones(3, 2) * b).sum().backward()"
    card = next(step for step in shown(source)["steps"] if step["subtitle"] == "MulBackward0")["card"]
    equation = next(block for block in card if block["kind"] == "equation")
    assert signs(equation)[-3:] == ["product", "Σ→", "contribution"]
    assert any("from (2,) to (3, 2)" in block.get("text", "") for block in card)


def test_a_mean_spreads_its_gradient() -> None:
    picture = shown(ISSUE)
    card = step_of(picture, "back through out")["card"]
    assert card[0]["text"] == "grad_z = upstream / 4, spread to each of the 4 elements that were averaged"
    assert signs(card[1]) == ["upstream", "×", "∂out/∂z", "=", "contribution"]
    assert tables_of(picture, card[1]) == [[["1"]], [["0.25", "0.25"]] * 2, [["0.25", "0.25"]] * 2]
    assert step_of(picture, "out = z.mean()")["card"][1]["text"] == "(27 + 27 + 27 + 27) / 4 = 27"


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("x * y", "element [1]: 1 · 5 = 5"),  # to x: the element that gets most is where y is largest
        ("x - y", "element [0]: 1 · 1 = 1"),
        ("x ** 2", "element [1]: 1 · 2 · (−3)^(2 − 1) = −6"),
        ("torch.relu(x)", "element [0]: 1 · (1 where 2 > 0, else 0) = 1"),
    ],
)
def test_rules_carry_the_numbers_of_one_element(operation: str, words: str) -> None:
    leaves = "x = torch.tensor([2.0, -3.0], requires_grad=True)\ny = torch.tensor([4.0, 5.0])"
    source = f"{leaves}\nz = {operation}\nz.sum().backward()"
    assert step_of(shown(source), "back through z")["card"][1]["text"] == words


def test_gradients_that_add_up_show_what_was_there_before() -> None:
    source = "x = torch.tensor(1.0, requires_grad=True)\nfor i in range(2):\n    (2 * x).backward()\n"
    picture = shown(source)
    assert tables_of(picture, picture["steps"][-1]["card"][1]) == [[["2"]], [["2"]], [["4"]]]


def test_what_torch_autograd_grad_returns_never_arrives_in_grad() -> None:
    picture = shown("x = torch.tensor(3.0, requires_grad=True)\ny = x * x\ng = torch.autograd.grad(y, x)")
    badges = [change.get("badge") for step in picture["steps"] for change in step["set"]]
    assert "returned" in badges and "arriving" not in badges
    assert gradients(picture)["x"] == [["—"]]


def test_zeroing_a_gradient_is_a_step_and_no_box() -> None:
    source = "x = torch.tensor(1.0, requires_grad=True)\n(2 * x).backward()\nx.grad.zero_()\nx.grad = None\n"
    picture = shown(source)
    assert [cells(picture, step["set"][0]["table"]) for step in picture["steps"][-2:]] == [[["0"]], [["—"]]]
    assert [box["title"] for box in picture["views"]["math"]["boxes"]] == ["x", "2 * x"]


@pytest.mark.parametrize("view", ["math", "pytorch"])
def test_places_and_sizes_do_not_depend_on_values(view: str) -> None:
    source = "x = torch.tensor([{}, {}], requires_grad=True)\ny = torch.exp(x * x).sum()\ny.backward()"
    one, other = shown(source.format(1.0, 2.0)), shown(source.format(-0.0123456, 3.14159e-9))
    for key in ("x", "y", "width", "height"):
        assert [b[key] for b in one["views"][view]["boxes"]] == [
            b[key] for b in other["views"][view]["boxes"]
        ]
    assert one["views"][view]["edges"] == other["views"][view]["edges"]


def test_a_longer_literal_moves_nothing() -> None:
    one, other = shown(ISSUE.replace("ones", "zeros")), shown(ISSUE)
    for key in ("x", "y", "width", "height"):
        assert [b[key] for b in one["views"]["math"]["boxes"]] == [
            b[key] for b in other["views"]["math"]["boxes"]
        ]


def test_an_empty_program_has_an_empty_picture() -> None:
    picture = shown("")
    assert (picture["views"]["math"]["boxes"], len(picture["steps"])) == ([], 1)
    assert check_summary(run(""), []) is None


def test_each_table_of_numbers_is_sent_once() -> None:
    picture = shown(ISSUE)
    texts = [json.dumps(table) for table in picture["tables"]]
    assert len(set(texts)) == len(texts)


def test_what_could_not_be_done_is_the_last_box_with_its_inputs() -> None:
    picture = shown("a = torch.ones(2, 3, requires_grad=True)\nb = a * 2\nc = b @ a\n")
    for view in picture["views"].values():
        failed = [i for i, box in enumerate(view["boxes"]) if box["kind"] == "failed"]
        assert [view["boxes"][i]["title"] for i in failed] == ["b @ a"]
        ends = [(edge["start"], edge["end"]) for edge in view["edges"] if edge["kind"] == "failed"]
        assert [view["boxes"][start]["title"] for start, _ in ends] == ["b", "a"]
        assert {end for _, end in ends} == set(failed)
    last = picture["steps"][-1]
    assert (last["phase"], last["math"]["focus"], last["line"]) == ("failed", 2, 3)
    assert last["card"][0]["kind"] == "check" and not last["card"][0]["good"]


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
    checks = check_all(trace)
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
    failed = 1 if trace.failed else 0
    assert len(picture["views"]["math"]["boxes"]) == len(trace.values) + failed
    for name, view in picture["views"].items():
        lit = [i for step in picture["steps"] for i in step[name]["edges"]]
        assert all(0 <= i < len(view["edges"]) for i in lit)
        assert all(0 <= box["about"] < len(picture["about"]) for box in view["boxes"])
