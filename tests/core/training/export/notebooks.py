"""Notebooks of runs, executed in this process and compared with their runs."""

import re
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import nbformat
import pytest
import torch
from nbformat import NotebookNode

from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import checkpoint
from core.training.export.images import images
from core.training.export.notebook.notebook import notebook
from core.training.export.start import file_name, start, start_file
from core.training.export.weights import renamed
from core.training.runs.records import Run
from core.training.runs.store import RunStore

matplotlib.use("Agg")


BRANCHING = NetworkSpec(
    "branching",
    (
        layer("Conv2d", out_channels=8, kernel=5, stride=2),
        layer("ReLU"),
        layer(
            "Residual",
            (layer("Conv2d", out_channels=16, stride=2, padding=1), layer("BatchNorm2d")),
            norm=True,
        ),
        layer("ReLU"),
        layer("GlobalAvgPool"),
        layer("Flatten"),
        layer("Linear", out_features=10),
    ),
)

_HEADING = r"^Recorded in run \d+:\n"


def exported(store: RunStore, run: Run, folder: Path) -> NotebookNode:
    """The notebook, with the images, and what a fork begins with, beside where it will run."""
    record = store.latest_checkpoint(run.id)
    assert record is not None
    (folder / "silhouettes.pt").write_bytes(images(store, run, record))
    if start(store, run):
        (folder / file_name(run)).write_bytes(start_file(store, run, record))
    book = nbformat.reads(notebook(store, run, record).decode(), as_version=4)
    nbformat.validate(book)
    return book


def executed(book: NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, Any], str]:
    """All code cells in this process: the names that they leave, and what they print."""
    printed: list[str] = []
    names: dict[str, Any] = {"print": lambda *values: printed.append(" ".join(map(str, values)))}
    monkeypatch.chdir(folder)
    for cell in book.cells:
        if cell.cell_type == "code":
            exec(cell.source, names)  # noqa: S102 (our own text, made from a checked request)
    plt.close("all")
    return names, "\n".join(printed)


def code_of(book: NotebookNode) -> str:
    """All its code."""
    return "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")


def recorded(book: NotebookNode) -> str:
    """What the notebook shows as printed before it is run, without the lines that say so."""
    texts = [output.text for cell in book.cells for output in cell.get("outputs", ()) if "text" in output]
    assert all(re.match(_HEADING, text) for text in texts)
    return "".join(re.sub(_HEADING, "", text) for text in texts).rstrip("\n")


def check_same(book: NotebookNode, store: RunStore, run: Run, names: dict[str, Any], printed: str) -> None:
    """The printed lines are those that were recorded, and the weights those of the last checkpoint."""
    assert printed.splitlines() == recorded(book).splitlines()
    record = store.latest_checkpoint(run.id)
    assert record is not None
    ours = renamed(checkpoint.load(record.path).model, run.request.network, (1, 28, 28), 10)
    theirs = names["model"].state_dict()
    assert list(ours) == list(theirs)
    for name, tensor in ours.items():
        torch.testing.assert_close(theirs[name], tensor, rtol=1e-5, atol=1e-6)
