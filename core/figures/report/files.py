"""The files that a report can be taken away as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.figures.report.contents import Contents
from core.figures.report.html import html
from core.networks.source.names import stem
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore


@dataclass(frozen=True)
class ReportFile:
    """One kind of file."""

    label: str
    purpose: str  # one sentence
    ending: str
    mime: str
    icon: str
    make: Callable[[RunStore, CheckpointRecord, Contents], bytes]  # the checkpoint is the first run's

    def file_name(self, run: Run) -> str:
        """`report_run_3_lenet.html`."""
        return f"report_run_{run.number}_{stem(run.name)}{self.ending}"


FILES = {
    "html": ReportFile(
        "Report (HTML)",
        "One file that every browser opens without a network; print it from there, also to PDF.",
        ".html",
        "text/html",
        ":material/description:",
        lambda _store, _record, contents: html(contents),
    ),
}
