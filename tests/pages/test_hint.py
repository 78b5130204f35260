"""No help is given where Streamlit does not show it."""

import ast
from pathlib import Path

PAGES = Path(__file__).parents[2] / "pages"


def hides_its_help(node: ast.AST) -> bool:
    """Whether a call gives help to a label that is hidden."""
    if not isinstance(node, ast.Call):
        return False
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    return "help" in given and given.get("label_visibility") in ("'collapsed'", "'hidden'")


def test_no_hidden_label_has_help() -> None:
    found = [
        f"{file.relative_to(PAGES)}:{node.lineno}"
        for file in PAGES.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if hides_its_help(node)
    ]
    assert not found, f"{found}: a hidden label hides its help; use pages.shared.hint instead"
