"""Every term that a page asks the glossary for is defined there."""

import ast
from pathlib import Path

from pages.shared.glossary import terms

PAGES = Path(__file__).parents[2] / "pages"
ASKING = ("meaning", "meanings")


def asked_terms() -> set[str]:
    asked = set()
    for file in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ASKING:
                constants = (each for part in node.args for each in ast.walk(part))
                asked |= {each.value for each in constants if isinstance(each, ast.Constant)}
    return asked


def test_every_term_that_a_page_asks_for_is_defined() -> None:
    assert asked_terms() <= set(terms())


def test_every_definition_is_one_paragraph() -> None:
    assert len(terms()) > 40
    for term, definition in terms().items():
        assert definition.endswith((".", "?")), term
        assert 20 < len(definition) < 400, term
