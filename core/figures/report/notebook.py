"""The document as a Jupyter notebook: the same words, and code that computes its numbers again from the weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import nbformat
import nbformat.v4 as notebooks
from nbformat import NotebookNode

from core.figures.report import cells
from core.figures.report.blocks import Block, Picture, Table
from core.figures.report.contents import Contents
from core.figures.report.html import byline, colophon
from core.figures.report.markdown import Cell, escaped, quoted
from core.figures.report.recomputed import Recomputed
from core.figures.report.sections import built
from core.training import checkpoint
from core.training.runs.records import CheckpointRecord
from core.training.runs.store import RunStore


@dataclass(frozen=True)
class Computed:
    """What code of a section brings, and which blocks it makes superfluous where one run is shown."""

    code: Callable[[Recomputed], NotebookNode | None]
    instead: type[Block]


CODE: dict[str, Computed] = {  # section → its code cell, under its heading
    "classes": Computed(cells.classes, Table),
    "confusion": Computed(cells.confusion, Picture),
    "evidence": Computed(cells.maps, Picture),
}


def notebook(_store: RunStore, record: CheckpointRecord, contents: Contents) -> bytes:
    """The file; its code speaks of the first run. Raises CheckpointDamaged."""
    state = checkpoint.load(record.path, record.sha256)
    run = Recomputed(contents, tuple(state.mean), tuple(state.std), tuple(state.model))
    beginning = Cell("beginning")
    beginning.add(f"# {escaped(contents.title)}")
    beginning.add(escaped(byline(contents)))
    beginning.add(cells.needs(run))
    found = [beginning.node(), *cells.preparation(run)]
    for key, section, blocks in built(contents):
        heading = Cell(key)
        heading.add(f"## {escaped(section.title)}")
        heading.add(quoted(contents.paragraphs(key)))
        code = CODE[key].code(run) if key in CODE else None
        following = Cell(key) if code else heading
        for block in blocks if code is None else _beside(key, blocks, run):
            following.write(block)
        found += [heading.node(), *([code, following.node()] if code else [])]
    found.append(notebooks.new_markdown_cell(escaped(colophon(contents))))
    for place, each in enumerate(found):
        each["id"] = f"cell-{place}"
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    text: str = nbformat.writes(notebooks.new_notebook(cells=found, metadata=metadata))
    return text.encode()


def _beside(key: str, blocks: list[Block], run: Recomputed) -> list[Block]:
    """The blocks of a section without those that its code shows, too."""
    with_map = [each for each in run.contents.exhibits if each.trust]
    if len(run.contents.looked) > 1 or (key == "evidence" and len(run.maps) < len(with_map)):
        return blocks  # of which the code shows only a part
    return [block for block in blocks if not isinstance(block, CODE[key].instead)]
