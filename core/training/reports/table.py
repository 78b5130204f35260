"""A row for each run with what a course report asks for, and all of them as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from core.networks.analysis import analyse
from core.training.config import RunRequest
from core.training.reports.settings import NETWORK, SEED, dataset_record, differing, settings_of
from core.training.runs.records import Run

_OWN_COLUMN = {NETWORK, SEED, "dataset"}  # settings that have one, and are no detail


@dataclass(frozen=True)
class Column:
    """One thing that the report says of each run."""

    name: str
    unit: str  # "" where it needs none
    value: Callable[[Run], Any]  # None while it is not known

    @property
    def header(self) -> str:
        """Its name with its unit."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


def details(runs: Sequence[Run]) -> list[str]:
    """For each run its values of those settings in which `runs` differ."""
    parts = [
        [f"{difference.label} {text}" for text in difference.texts]
        for difference in differing(runs)
        if difference.name not in _OWN_COLUMN
    ]
    return [", ".join(part[index] for part in parts) for index in range(len(runs))]


@dataclass(frozen=True)
class Costs:
    """What a network costs by its design."""

    macs: int  # multiply-adds of the forward pass of one image
    parameters: int  # that training changes

    @property
    def flops(self) -> int:
        """2 × MACs."""
        return 2 * self.macs


@lru_cache(maxsize=1024)  # a page asks for those of all runs again and again
def costs(request: RunRequest) -> Costs | None:
    """None where the data set is not known any more, and so neither are the images."""
    data = dataset_record(request.data.dataset)
    if data is None:
        return None
    analysis = analyse(request.network, data.shape_as(request.data.image), len(data.classes))
    return None if analysis.problems else Costs(analysis.macs, analysis.trained_parameters)


def _cost(name: str) -> Callable[[Run], int | None]:
    return lambda run: getattr(costs(run.request), name, None)


def inference_ms(run: Run) -> float | None:
    """For one image, in batches."""
    return None if run.inference_seconds is None else 1000 * run.inference_seconds


DETAILS = Column("details", "", lambda run: "")  # its texts depend on all runs that are listed
COLUMNS: tuple[Column, ...] = (
    Column("run", "", lambda run: run.number),
    Column("name", "", lambda run: run.name),
    Column("state", "", lambda run: run.state),
    Column("network", "", lambda run: run.request.network.name),
    Column("data set", "", lambda run: settings_of(run.request)["dataset"].text),
    DETAILS,
    Column("train loss, running", "nats", lambda run: run.train_loss),
    Column("train accuracy, running", "0–1", lambda run: run.train_accuracy),
    Column("validation loss", "nats", lambda run: run.validation_loss),
    Column("validation accuracy", "0–1", lambda run: run.validation_accuracy),
    Column("test loss", "nats", lambda run: run.test_loss),
    Column("test accuracy", "0–1", lambda run: run.test_accuracy),
    Column("epochs", "", lambda run: run.epoch),
    Column("training time", "s", lambda run: run.seconds if run.step else None),
    Column("time per epoch", "s", lambda run: run.seconds_per_epoch),
    Column("inference", "ms per image", inference_ms),
    Column("MACs", "forward pass of one image", _cost("macs")),
    Column("FLOPs", "forward pass of one image, 2 × MACs", _cost("flops")),
    Column("parameters", "", lambda run: run.parameters or _cost("parameters")(run)),
    Column("device", "", lambda run: run.device),
    Column("precision", "", lambda run: run.precision),
    Column("seed", "", lambda run: run.request.config.seed),
    Column("note", "", lambda run: run.note),
)


def report_rows(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """A row for each run: the name of each column with its value."""
    return [
        {column.name: text if column is DETAILS else column.value(run) for column in COLUMNS}
        for run, text in zip(runs, details(runs), strict=True)
    ]


def report_csv(runs: Sequence[Run]) -> str:
    """The report as comma-separated values: units in the header, numbers plain, unknown ones empty."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([column.header for column in COLUMNS])
    writer.writerows(map(cell, row.values()) for row in report_rows(runs))
    return file.getvalue()


def cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, since a person typed it so, stays a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t")) else value
