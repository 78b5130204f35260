"""Blocks as a notebook's Markdown cell: pictures become attachments, and no text counts as markup."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from functools import singledispatchmethod

import nbformat.v4 as notebooks
import vl_convert
from nbformat import NotebookNode

from core.figures.report.blocks import Block, Listing, Picture, Subheading, Table, Words

SHARPNESS = 1.6  # pixels of a picture for each of its SVG


def escaped(text: str) -> str:
    """Text without what Markdown, TeX or HTML would make of it."""
    plain = re.sub(r"([\\`*_{}\[\]<>#|$~&])", r"\\\1", text)
    return re.sub(r"^(\s*)([-+=]|\d+(?=[.)]))", _no_list, plain, flags=re.MULTILINE)


def _no_list(found: re.Match[str]) -> str:
    blank, mark = found.groups()
    return f"{blank}{mark}\N{WORD JOINER}" if mark.isdigit() else f"{blank}\\{mark}"


def quoted(paragraphs: Sequence[str]) -> str:
    """What a person wrote, each line as it was broken."""
    return "\n>\n".join("> " + escaped(part).replace("\n", "  \n> ") for part in paragraphs)


class Cell:
    """A Markdown cell that grows."""

    def __init__(self, name: str) -> None:
        self._name = name  # in the names of its attachments
        self._parts: list[str] = []
        self._attachments: dict[str, dict[str, str]] = {}

    def add(self, markdown: str) -> None:
        """A part that is Markdown already."""
        if markdown:
            self._parts.append(markdown)

    def node(self) -> NotebookNode:
        """The cell."""
        cell = notebooks.new_markdown_cell("\n\n".join(self._parts))
        if self._attachments:
            cell["attachments"] = self._attachments
        return cell

    @singledispatchmethod
    def write(self, block: Block) -> None:
        """Add a block."""
        raise TypeError(f"No way to write {block!r}.")

    @write.register
    def _words(self, block: Words) -> None:
        self.add(escaped(block.text))

    @write.register
    def _subheading(self, block: Subheading) -> None:
        self.add(f"### {escaped(block.text)}")

    @write.register
    def _listing(self, block: Listing) -> None:
        self.add("\n".join(f"- {escaped(entry)}" for entry in block.entries))

    @write.register
    def _table(self, block: Table) -> None:
        marks = [":---", *([":---" if block.prose else "---:"] * (len(block.header) - 1))]
        rows = [block.header, *block.rows]
        lines = ["| " + " | ".join(escaped(cell).replace("\n", " ") for cell in row) + " |" for row in rows]
        self.add("\n".join([lines[0], "|" + "|".join(marks) + "|", *lines[1:]]))

    @write.register
    def _picture(self, block: Picture) -> None:
        name = f"{self._name}-{len(self._attachments) + 1}.png"
        content = vl_convert.svg_to_png(block.svg, scale=SHARPNESS)
        self._attachments[name] = {"image/png": base64.b64encode(content).decode()}
        self.add(f"![{escaped(block.description)}](attachment:{name})")
        if block.caption:
            self.add(f"*{escaped(block.caption)}*")
