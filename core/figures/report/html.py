"""The document as one HTML file: it needs no network and no scripts, and prints on A4."""

from __future__ import annotations

import base64
from functools import singledispatch
from html import escape
from pathlib import Path

from core.figures.report.blocks import Block, Listing, Picture, Subheading, Table, Words
from core.figures.report.contents import Contents
from core.figures.report.sections import built

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_SHORT = 14  # rows of a table that stays on one page
# nothing may be loaded or run, whatever a person has written; pictures lie in the file itself
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def html(contents: Contents) -> bytes:
    """The file, UTF-8; all text is escaped."""
    sections = built(contents)
    entries = "".join(f'<a href="#{key}">{escape(section.title)}</a>' for key, section, _ in sections)
    body = "".join(
        f'<section id="{key}"><h2>{escape(section.title)}</h2>'
        + "".join(f'<p class="own">{_said(part)}</p>' for part in contents.paragraphs(key))
        + "".join(map(_written, blocks))
        + "</section>"
        for key, section, blocks in sections
    )
    text = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(contents.title)}</title><style>{_STYLE}</style></head><body>"
        f'<h1>{escape(contents.title)}</h1><p class="by">{escape(byline(contents))}</p>'
        f'<nav aria-label="Contents">{entries}</nav>{body}'
        f"<footer>{escape(colophon(contents))}</footer></body></html>"
    )
    return text.encode("utf-8")


def byline(contents: Contents) -> str:
    """`Ada, 2026-03-01`."""
    return ", ".join(part for part in (contents.author.strip(), contents.date) if part)


def colophon(contents: Contents) -> str:
    """Where the numbers come from."""
    weights = "; ".join(f"{looked.name}: SHA-256 {looked.sha}" for looked in contents.looked)
    return (
        "Made with Autograd Lab. All numbers were computed from the weights named here and the test split, which was "
        f"not used in training. Weights of {weights}."
    )


def _said(text: str) -> str:
    """With each % on the line of its number."""
    return escape(text).replace(" %", "\N{NO-BREAK SPACE}%")


@singledispatch
def _written(block: Block) -> str:
    raise TypeError(f"No way to write {block!r}.")


@_written.register
def _words(block: Words) -> str:
    return f"<p>{_said(block.text)}</p>"


@_written.register
def _subheading(block: Subheading) -> str:
    return f"<h3>{_said(block.text)}</h3>"


@_written.register
def _listing(block: Listing) -> str:
    return f"<ul>{''.join(f'<li>{_said(entry)}</li>' for entry in block.entries)}</ul>"


@_written.register
def _table(block: Table) -> str:
    header = "".join(f'<th scope="col">{_said(name)}</th>' for name in block.header)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_said(cell)}</td>" for cell in row) + "</tr>" for row in block.rows
    )
    kinds = {
        "prose": block.prose,
        "facts": block.prose and not block.header[0],  # what the first column has are labels
        "short": len(block.rows) <= _SHORT,
    }
    names = " ".join(name for name, holds in kinds.items() if holds)
    return f'<table class="{names}"><thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table>'


@_written.register
def _picture(block: Picture) -> str:
    content = base64.b64encode(block.svg.encode("utf-8")).decode()
    width = f' style="width: {block.width}px"' if block.width else ' style="width: 100%"'
    caption = f"<figcaption>{_said(block.caption)}</figcaption>" if block.caption else ""
    return (
        f'<figure><img src="data:image/svg+xml;base64,{content}" alt="{escape(block.description)}"{width}>'
        f"{caption}</figure>"
    )
