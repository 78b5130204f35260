"""Runs looked at, and documents parsed: every element closed, every picture and table in reach."""

from __future__ import annotations

import base64
from html.parser import HTMLParser
from xml.etree import ElementTree

from core.data import catalogue
from core.data.normalisation import Normalisation
from core.figures.report.contents import Contents, Looked
from core.figures.report.sections import SECTIONS
from core.inspection.anatomy import anatomy
from core.inspection.confusion import ConfusionMatrix
from core.inspection.exhibits import Exhibit, exhibition
from core.inspection.predictions import predict
from core.inspection.question import Question
from core.inspection.report import Report
from core.training import checkpoint
from core.training.reports.curves import CurveReader
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore

VOID = {"meta", "img", "br", "link", "hr"}


def record_of(store: RunStore, run: Run) -> CheckpointRecord:
    record = store.latest_checkpoint(run.id)
    assert record is not None
    return record


def looked_at(store: RunStore, run: Run) -> Looked:
    record, images = record_of(store, run), catalogue.load(run.request.data.dataset, run.request.data.image)
    state = checkpoint.load(record.path, record.sha256)
    model = checkpoint.load_model(run.request, record.path, images.input_shape, len(images.classes))
    found = predict(model, images.test, Normalisation(tuple(state.mean), tuple(state.std)))
    matrix = ConfusionMatrix.of(found)
    curves = CurveReader(store).curves(run)
    moment, pixels = "after 3 epochs", images.test.pixels
    return Looked(
        run, moment, record.sha256, images.classes, pixels, found, curves, matrix, Report.of(matrix)
    )


def exhibits_of(
    store: RunStore, run: Run, looked: Looked, wanted: list[tuple[int, str, dict]]
) -> tuple[Exhibit, ...]:
    """(image, method, settings) → its map with its checks."""
    record, images = record_of(store, run), catalogue.load(run.request.data.dataset, run.request.data.image)
    state = checkpoint.load(record.path, record.sha256)
    normalisation = Normalisation(tuple(state.mean), tuple(state.std))
    model = checkpoint.load_model(run.request, record.path, images.input_shape, len(images.classes))
    questions = [
        (
            image,
            Question(model, images.test.pixels[image], normalisation, target, method, settings, images.test),
        )
        for image, method, settings in wanted
        for target in [int(looked.predictions.predicted[image])]
    ]
    facts = anatomy(model, normalisation(images.test.pixels[:1])[0])
    *_, last = exhibition(questions, facts, looked.predictions)
    return last.exhibits


def contents_of(*looked: Looked, **changes: object) -> Contents:
    values = {"title": "A report", "author": "Ada", "date": "2026-03-01", "sections": tuple(SECTIONS)}
    return Contents(looked=looked, **{**values, **changes})  # type: ignore[arg-type]


class Parsed(HTMLParser):
    """An HTML document whose elements are all closed in the order in which they were opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open[-1:] == ["style"]:
            return
        self.words.append(data)
        if self.open[-1:] in (["td"], ["th"]):
            self.tables[-1][-1][-1] += data

    @property
    def text(self) -> str:
        return " ".join(self.words).replace("\N{NO-BREAK SPACE}", " ")

    def table(self, first: str) -> list[list[str]]:
        """The rows below the first header that begins with `first`."""
        found = next(table for table in self.tables if table[0][0] == first)
        return [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row] for row in found[1:]]

    def pictures(self) -> dict[str, ElementTree.Element]:
        """What is said of each picture → its SVG."""
        kind = "data:image/svg+xml;base64,"
        return {
            str(attrs["alt"]): ElementTree.fromstring(base64.b64decode(str(attrs["src"]).removeprefix(kind)))
            for tag, attrs in self.tags
            if tag == "img"
        }
