"""The files that a report can be taken away as, and those that its notebook reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.figures.report.contents import Contents
from core.figures.report.html import html
from core.figures.report.notebook import notebook
from core.networks.source.names import stem
from core.training.export import EXPORTS
from core.training.export.notebook.program import TORCHVISION
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore


@dataclass(frozen=True)
class ReportFile:
    """One kind of file."""

    label: str
    purpose: str  # one sentence
    file_name: Callable[[Run], str]
    mime: str
    icon: str  # one of Material's
    make: Callable[[RunStore, CheckpointRecord, Contents], bytes]  # of one of the first run's checkpoints
    fits: Callable[[Run], bool] = lambda run: True  # whether a run needs such a file


def _named(ending: str) -> Callable[[Run], str]:
    """`report_run_3_lenet.html` for ".html"."""
    return lambda run: f"report_run_{run.number}_{stem(run.name)}{ending}"


def _export(name: str) -> Callable[[RunStore, CheckpointRecord, Contents], bytes]:
    return lambda store, record, contents: EXPORTS[name].make(store, contents.first.run, record)


FILES = {
    "html": ReportFile(
        "Report (HTML)",
        "One file that every browser opens without a network; print it from there, also to PDF.",
        _named(".html"),
        "text/html",
        "description",
        lambda _store, _record, contents: html(contents),
    ),
    "notebook": ReportFile(
        "Notebook",
        "The same as a Jupyter notebook, with code that computes the matrix, the table of classes and the maps again.",
        _named(".ipynb"),
        "application/x-ipynb+json",
        "code",
        notebook,
    ),
    "weights": ReportFile(
        "Weights for the notebook",
        "It reads them: put the file beside it.",
        EXPORTS["state-dict"].file_name,
        EXPORTS["state-dict"].mime,
        "weight",
        _export("state-dict"),
    ),
    "images": ReportFile(
        "Images for the notebook",
        "It reads them, since torchvision has no such data set: put the file beside it.",
        EXPORTS["images"].file_name,
        EXPORTS["images"].mime,
        "image",
        _export("images"),
        lambda run: run.request.data.dataset not in TORCHVISION,
    ),
}
