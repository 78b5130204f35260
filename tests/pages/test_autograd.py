"""The Autograd page in its first, empty and wrong-input state."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.autograd.examples import examples
from pages.autograd.program import markdown

PAGE = str(Path(__file__).parents[2] / "pages" / "autograd" / "page.py")


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(PAGE, default_timeout=30).run()


def table(page: AppTest) -> dict[str, dict]:
    return {row["name"]: row for row in page.dataframe[0].value.to_dict("records")}


def test_at_first_it_shows_the_issues_program(page: AppTest) -> None:
    assert not page.exception
    assert "out.backward()" in page.text_area(key="program").value
    assert table(page)["x"]["grad"] == "[4.5 4.5; 4.5 4.5]"
    assert any("5 gradients" in caption.value for caption in page.caption)


def test_an_example_replaces_the_program(page: AppTest) -> None:
    example = next(example for example in examples() if example.title == "A product")
    page.selectbox(key="autograd_example").select(example).run()
    assert not page.exception
    assert page.text_area(key="program").value == example.source
    assert table(page)["a"]["grad"] == "−3"
    assert any(example.commentary == caption.value for caption in page.caption)


def test_an_own_program_is_no_example(page: AppTest) -> None:
    page.text_area(key="program").set_value(
        "x = torch.tensor(3.0, requires_grad=True)\n(x * x).backward()"
    ).run()
    assert not page.exception
    assert page.selectbox(key="autograd_example").value is None
    assert table(page)["x"]["grad"] == "6"


def test_an_empty_program(page: AppTest) -> None:
    page.text_area(key="program").set_value("").run()
    assert not page.exception and not page.error
    assert "Nothing has been computed yet" in page.info[0].value


def test_a_wrong_line_is_explained_and_the_rest_stays(page: AppTest) -> None:
    page.text_area(key="program").set_value("x = torch.ones(2, 3)\ny = x @ x\n").run()
    assert not page.exception
    assert page.error[0].value.startswith("**Line 2, column 5.** These shapes do not multiply")
    assert page.code[0].value == "y = x @ x\n    ^^^^^"
    assert "x @ x.T" in page.error[0].value
    assert list(table(page)) == ["x"]


@pytest.mark.parametrize(
    "source", ["import os", "x.__class__", "while True:\n    pass", "torch.ones(10**6, 10**6)"]
)
def test_what_is_forbidden_is_refused_in_words(page: AppTest, source: str) -> None:
    page.text_area(key="program").set_value(source).run()
    assert not page.exception
    assert "Line 1, column 1" in page.error[0].value


def test_what_is_printed_stands_beside_its_line(page: AppTest) -> None:
    page.text_area(key="program").set_value("x = torch.ones(2)\nprint(x, 3)").run()
    assert page.code[0].value == "2 │ print(x, 3)  →  tensor([1., 1.]) 3"


def test_a_program_in_the_address_is_opened() -> None:
    page = AppTest.from_file(PAGE, default_timeout=30)
    page.query_params["program"] = "w = torch.tensor(5.0, requires_grad=True)\n(3 * w).backward()"
    page.run()
    assert not page.exception
    assert table(page)["w"]["grad"] == "3"
    assert page.selectbox(key="autograd_example").value is None


def test_texts_from_a_program_are_no_markdown() -> None:
    assert markdown("a `b_c` d [x](y) :red[z]") == "a `b_c` d \\[x\\]\\(y\\) \\:red\\[z\\]"
    assert markdown("`open ![i](http://e)") == "`open ![i](http://e)`"
