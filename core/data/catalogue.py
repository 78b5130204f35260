"""The data sets that there are, and how to get one: `status`, `prepare`, `load`. One record a set."""

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data import fashion_mnist, prepared, silhouettes
from core.data.dataset import DataMissing, Dataset, LabelledImages
from core.data.download import Progress

__all__ = [
    "DATASETS",
    "DataMissing",
    "DataStatus",
    "DatasetRecord",
    "data_folder",
    "load",
    "prepare",
    "status",
]


@dataclass(frozen=True)
class DatasetRecord:
    """What the app knows of a data set before it is on this machine."""

    title: str
    sentence: str  # what it is, for a student
    source: str  # who made it
    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]  # (C, H, W)
    version: int  # counted up when `make` gives other images than before
    make: Callable[[Path, Progress], tuple[LabelledImages, LabelledImages]]  # folder → (train, test); fetches
    unusable: Callable[[Path], dict[str, str]]  # files to fetch first: name → "missing" | "damaged"
    # what to do without a network, for these files; half a sentence
    by_hand: Callable[[Path, list[str]], str]


DATASETS: dict[str, DatasetRecord] = {
    "fashion-mnist": DatasetRecord(
        title="Fashion-MNIST",
        sentence="70,000 grey photographs of clothes and shoes, 28×28 pixels, in ten classes.",
        source="Zalando Research, 2017",
        classes=fashion_mnist.CLASSES,
        input_shape=(1, 28, 28),
        version=1,
        make=fashion_mnist.make,
        unusable=fashion_mnist.unusable_files,
        by_hand=fashion_mnist.by_hand,
    ),
    "silhouettes": DatasetRecord(
        title="Silhouettes (drawn, not photographs)",
        sentence="7,000 garments that this app draws itself, 28×28 pixels, in Fashion-MNIST's ten classes.",
        source="drawn on this machine, always the same",
        classes=fashion_mnist.CLASSES,
        input_shape=(1, 28, 28),
        version=silhouettes.VERSION,
        make=lambda _folder, on_progress: silhouettes.make(on_progress),
        unusable=lambda _folder: {},
        by_hand=lambda _folder, _names: "",
    ),
}

_ONE_AT_A_TIME = {
    name: threading.Lock() for name in DATASETS
}  # a class that presses "Download" at once downloads once


@dataclass(frozen=True)
class DataStatus:
    """Whether a data set can be used now."""

    name: str
    # local: nothing to download, `load` makes the prepared file itself
    state: Literal["ready", "local", "missing"]
    unusable: dict[str, str]  # files to fetch: name → "missing" | "damaged"
    message: str  # one sentence

    @property
    def ready(self) -> bool:
        """Whether `load` gives the data without a network."""
        return self.state != "missing"


def data_folder() -> Path:
    """Where data sets lie: AUTOGRAD_LAB_DATA, else `data/` beside app.py."""
    chosen = os.environ.get("AUTOGRAD_LAB_DATA")
    return Path(chosen).expanduser() if chosen else Path(__file__).resolve().parents[2] / "data"


def record(name: str) -> DatasetRecord:
    """The record of a data set; raises DataMissing for an unknown name."""
    if name not in DATASETS:
        raise DataMissing(f"There is no data set “{name}”; choose one of {', '.join(DATASETS)}.")
    return DATASETS[name]


def status(name: str) -> DataStatus:
    """Whether a data set is ready, and in one sentence what to do if not; a millisecond when it is ready."""
    known = record(name)
    if _read(name) is not None:
        return DataStatus(name, "ready", {}, f"{known.title} is ready.")
    unusable = known.unusable(data_folder())
    if not unusable:
        return DataStatus(name, "local", {}, f"{known.title} is here and takes a moment to prepare.")
    damaged = [file for file, state in unusable.items() if state == "damaged"]
    found = f" (damaged: {', '.join(damaged)})" if damaged else ""
    hint = known.by_hand(data_folder(), list(unusable))
    return DataStatus(
        name, "missing", unusable, f"{known.title} is not on this machine yet{found}: download it, or {hint}."
    )


def prepare(name: str, on_progress: Progress | None = None) -> None:
    """Fetch, verify and read a data set, and write its prepared file, unless that is there and whole.

    `on_progress(done in 0–1, text)` is called now and then. Raises DataMissing with a sentence that says what
    to do.
    """
    known = record(name)
    report = on_progress or (lambda _done, _text: None)
    lock = _ONE_AT_A_TIME[name]
    while not lock.acquire(timeout=0.5):
        report(0.0, f"Another session is getting {known.title}; waiting for it")
    try:
        if _read(name) is not None:
            return
        try:
            data_folder().mkdir(parents=True, exist_ok=True)
            train, test = known.make(data_folder(), report)
            report(1.0, "Writing the prepared file")
            prepared.write(_prepared_file(name), Dataset(name, known.classes, train, test), known.version)
        except OSError as error:
            raise DataMissing(
                f"{known.title} can't be written to {data_folder()} ({error.strerror or error}); "
                "make room or allow writing there, or set AUTOGRAD_LAB_DATA to another folder."
            ) from error
    finally:
        lock.release()


def load(name: str) -> Dataset:
    """The data set, memory-mapped from its prepared file, which is made first where that needs no network.

    Raises DataMissing with a sentence that says what to do.
    """
    dataset = _read(name)
    if dataset is None:
        found = status(name)
        if not found.ready:
            raise DataMissing(found.message)
        prepare(name)
        dataset = _read(name)
    if dataset is None:
        raise DataMissing(f"{_prepared_file(name)} can't be read back after it was written; check that disk.")
    return dataset


def _prepared_file(name: str) -> Path:
    return data_folder() / "prepared" / f"{name}.pt"


def _read(name: str) -> Dataset | None:
    known = record(name)
    return prepared.read(_prepared_file(name), name, known.classes, known.version)
