"""The views below the graph in their first, empty and wrong state, and what they keep."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.autograd.language.interpreter import run
from pages.autograd.examples import examples
from pages.autograd.leaves import generation_of

PAGE = str(Path(__file__).parents[2] / "pages" / "autograd" / "page.py")
VIEWS = ("All tensors", "Change the leaves", "Descend", "Predict", "Forward or reverse", "Notebook")
TWO = (
    "a = torch.tensor(3.0, requires_grad=True)\nb = torch.tensor(2.0, requires_grad=True)\n"
    "loss = a ** 2 + 10 * b ** 2\nloss.backward()\nprint(b.grad)\n"
)
VECTOR = "x = torch.tensor([1.0, 2.0], requires_grad=True)\ny = (x * x).sum()\ny.backward()\n"


def page(program: str, view: str) -> AppTest:
    app = AppTest.from_file(PAGE, default_timeout=60)
    app.query_params["program"] = program
    app.query_params["play"] = view
    app.run()
    assert not app.exception
    assert app.segmented_control(key="play").value == view
    return app


def words(app: AppTest) -> str:
    kinds = (app.caption, app.markdown, app.info, app.warning, app.success, app.error)
    return "\n".join(element.value for kind in kinds for element in kind)


def film(app: AppTest) -> str:
    """What the graph component was sent."""
    return next(str(e.proto) for e in app.get("bidi_component") if "autograd_graph" in str(e.proto))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("program", ["", "x = torch.ones(2, 3)\ny = x @ x\n", "import os\n", TWO, VECTOR])
def test_every_view_of_every_kind_of_program(view: str, program: str) -> None:
    page(program, view)


@pytest.mark.parametrize("view", VIEWS)
def test_every_example_in_every_view(view: str) -> None:
    app = page("", view)
    for example in examples():
        app.text_area(key="program").set_value(example.source).run()
        assert not app.exception, example.title


def test_empty_views_say_what_is_missing() -> None:
    assert "There is no loss" in words(page("", "Descend"))
    assert "There is no gradient to predict" in words(page("", "Predict"))
    assert "There is no Jacobian" in words(page("", "Forward or reverse"))
    assert "There is nothing to change" in words(page("", "Change the leaves"))


def moved(app: AppTest, key: str, numbers: dict[str, object]) -> AppTest:
    """As if someone had moved the sliders: the browser's message for the present generation."""
    generation = generation_of(app.text_area(key="program").value, 0)
    app.session_state[key] = {"given": {"generation": generation, "numbers": numbers}}
    return app.run()


def test_a_slider_changes_values_and_gradients() -> None:
    app = moved(page(TWO, "All tensors"), "autograd_leaves_beside", {"a": 5.0, "b": 2.0})
    assert not app.exception
    rows = {row["name"]: row for row in app.dataframe[0].value.to_dict("records")}
    assert rows["a"]["grad"] == "10" and rows["a"]["value"] == "5"
    assert app.text_area(key="program").value == TWO  # the text stays until it is asked to change


def test_the_new_numbers_are_written_into_the_program() -> None:
    app = moved(page(TWO, "All tensors"), "autograd_leaves_beside", {"a": 5.0, "b": 2.0})
    next(b for b in app.button if b.label == "Write into the program").click().run()
    assert app.text_area(key="program").value == TWO.replace("3.0", "5.0")
    assert all(b.disabled for b in app.button if b.label in ("Write into the program", "Reset"))


def test_reset_goes_back() -> None:
    app = moved(page(TWO, "All tensors"), "autograd_leaves_beside", {"a": 5.0, "b": 2.0})
    next(b for b in app.button if b.label == "Reset").click().run()
    rows = {row["name"]: row for row in app.dataframe[0].value.to_dict("records")}
    assert rows["a"]["value"] == "3"


@pytest.mark.parametrize("numbers", [{"a": "x"}, {"a": float("nan"), "c": 1}, {}, {"a": [1.0]}])
def test_nonsense_from_a_browser_changes_nothing(numbers: dict[str, object]) -> None:
    app = moved(page(TWO, "All tensors"), "autograd_leaves_beside", numbers)
    assert not app.exception
    rows = {row["name"]: row for row in app.dataframe[0].value.to_dict("records")}
    assert rows["a"]["value"] == "3"


def test_a_rate_that_is_too_high_is_named_at_its_step() -> None:
    app = page(TWO, "Descend")
    assert not app.warning
    app.select_slider(key="autograd_rate").set_value(0.15).run()
    # b ← b (1 − 20 · 0.15) = −2b: its part of the loss is 40 · 4^k; beyond 11 · 49 = 539 first at k = 2
    assert "Gradient descent diverges at step 2" in words(app)


def test_no_leaf_chosen() -> None:
    app = page(TWO, "Descend")
    next(group for group in app.pills if group.label == "Leaves").set_value([]).run()
    assert not app.exception
    assert "Choose at least one leaf" in words(app)


def test_the_asked_gradient_is_nowhere_until_it_is_revealed() -> None:
    source = TWO.replace("3.0", "7.0").replace("2.0", "1.3")  # ∂loss/∂a = 14
    app = page(source, "Predict")
    assert app.selectbox(key="autograd_question").value.title in ("∂loss/∂a", "∂loss/∂b")
    question = next(
        q for q in ("∂loss/∂a", "∂loss/∂b") if q == app.selectbox(key="autograd_question").value.title
    )
    hidden = {"∂loss/∂a": '"14"', "∂loss/∂b": '"26"'}[question]
    sent = film(app).replace("\\", "")
    assert hidden not in sent
    assert not app.dataframe and "tensor(" not in "".join(code.value for code in app.code)
    next(b for b in app.button if b.label == "Reveal").click().run()
    assert not app.exception
    assert hidden in film(app).replace("\\", "")
    assert app.latex  # the derivation
    assert "0 of 1 right" in words(app)


def test_answers_are_judged_and_scored_once() -> None:
    app = page(VECTOR, "Predict")
    assert app.selectbox(key="autograd_question").value.title == "∂y/∂x"
    check = next(b for b in app.button if b.label == "Check")
    app.text_input[0].set_value("2")
    app.text_input[1].set_value("1/3")
    check.click().run()
    assert [field.label for field in app.text_input] == ["[0] ✓", "[1] ✗"]
    assert "1 of 2 not right yet" in words(app) and "0 of 1 right" in words(app)
    app.text_input[1].set_value("4,0")
    next(b for b in app.button if b.label == "Check").click().run()
    assert "Right." in words(app)
    assert "0 of 1 right at the first answer" in words(app)
    next(b for b in app.button if b.label == "Another").click().run()
    assert app.selectbox(key="autograd_question").value.title == "∂y/∂x * x"
    for field in app.text_input:
        field.set_value("1")
    next(b for b in app.button if b.label == "Check").click().run()
    assert "1 of 2 right at the first answer" in words(app)


def test_the_jacobian_is_shown_by_both_modes() -> None:
    app = page(VECTOR, "Forward or reverse")
    assert [metric.value for metric in app.metric] == ["1", "2"]
    assert [frame.value.to_numpy().tolist() for frame in app.dataframe] == [[["2", "4"]], [["2", "4"]]]
    assert "One number depends on 2 others" in words(app)


def test_the_notebook_cell_has_the_new_numbers() -> None:
    app = moved(page(TWO, "Notebook"), "autograd_leaves_beside", {"a": 5.0, "b": 2.0})
    cell = app.code[-1].value
    assert "torch.tensor(5.0, requires_grad=True)" in cell
    assert run(cell).value("a").tensor.grad == 10
