"""The example programs: each a file that begins with its title and a comment."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "assets" / "autograd" / "examples"


@dataclass(frozen=True)
class Example:
    """A program with its title and two or three sentences about it."""

    title: str
    commentary: str
    source: str


@cache
def examples() -> tuple[Example, ...]:
    """All examples, in the order of their file names."""
    return tuple(_read(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.py")))


def _read(text: str) -> Example:
    lines = text.splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("#"))
    title, *commentary = (line.removeprefix("#").strip() for line in lines[:end])
    return Example(title, " ".join(commentary), "\n".join(lines[end:]).strip() + "\n")


def example_of(source: str) -> Example | None:
    """The example whose program this is, unchanged."""
    return next((example for example in examples() if example.source.strip() == source.strip()), None)
