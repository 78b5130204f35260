"""What a document is made of, whoever writes it down: words, lists, tables, pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """A paragraph of plain text; nothing in it means markup."""

    text: str


@dataclass(frozen=True)
class Listing:
    """Short sentences, one below the other."""

    entries: tuple[str, ...]


@dataclass(frozen=True)
class Subheading:
    """What the next blocks are about."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of texts under a header; the first column names the row, the others stand to the right."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    prose: bool = False  # cells hold words, which begin at the left


@dataclass(frozen=True)
class Picture:
    """A drawing as SVG that needs nothing from elsewhere."""

    svg: str
    description: str  # for those who can't see it
    caption: str = ""
    width: int = 0  # CSS pixels; 0: as wide as the page


Block = Words | Listing | Subheading | Table | Picture
