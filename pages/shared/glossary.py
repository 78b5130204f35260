"""The meaning of a term, for tooltips: assets/glossary.md has a heading and a definition for each."""

from functools import cache
from pathlib import Path

GLOSSARY = Path(__file__).parents[2] / "assets" / "glossary.md"


@cache
def _definitions() -> dict[str, str]:
    sections = GLOSSARY.read_text(encoding="utf-8").split("\n## ")[1:]
    pairs = (section.split("\n", 1) for section in sections)
    return {term.strip(): " ".join(text.split()) for term, text in pairs}


def meaning(term: str) -> str:
    """The definition of `term`; raises KeyError for a term that the glossary lacks, which a test catches."""
    return _definitions()[term]


def meanings(*wanted: str) -> str:
    """A list of terms with their definitions; raises KeyError as `meaning`."""
    return "\n".join(f"- **{term}**: {meaning(term)}" for term in wanted)


def terms() -> dict[str, str]:
    """All terms with their definitions, in the order of the file."""
    return dict(_definitions())
