"""Every term that a page asks the glossary for is defined there."""

import ast
from pathlib import Path

from pages.shared.glossary import terms

PAGES = Path(__file__).parents[2] / "pages"


def asked_terms() -> set[str]:
    asked = set()
    for file in PAGES.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "meaning":
                argument = node.args[0]
                if isinstance(argument, ast.Constant):
                    asked.add(str(argument.value))
    return asked


def test_every_term_that_a_page_asks_for_is_defined() -> None:
    assert asked_terms() <= set(terms())


def test_every_definition_is_one_paragraph() -> None:
    assert len(terms()) > 40
    for term, definition in terms().items():
        assert definition.endswith((".", "?")), term
        assert 20 < len(definition) < 400, term
