"""The data sets that there are, and how to get one: `status`, `prepare`, `load`. One record a set."""

import os
import threading
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.data import cifar10, flowers, idx, image_sets, prepared, resizing, silhouettes
from core.data.dataset import DataMissing, Dataset
from core.data.download import Progress
from core.data.record import DatasetRecord
from core.data.resizing import ImageFormat

__all__ = [
    "DATASETS",
    "DataMissing",
    "DataStatus",
    "DatasetRecord",
    "data_folder",
    "datasets",
    "load",
    "prepare",
    "record",
    "size",
    "status",
    "stem",
]


_FASHION = idx.four_files("Fashion-MNIST", "FashionMNIST")
_MNIST = idx.four_files("MNIST", "MNIST")
_KMNIST = idx.four_files("KMNIST", "KMNIST")

DATASETS: dict[str, DatasetRecord] = {
    "fashion-mnist": DatasetRecord(
        title="Fashion-MNIST",
        sentence="70,000 grey photographs of clothes and shoes, 28×28 pixels, in ten classes.",
        source="Zalando Research, 2017",
        classes=idx.GARMENTS,
        input_shape=(1, 28, 28),
        version=1,
        make=idx.make_from_four(_FASHION, "FashionMNIST"),
        files=_FASHION,
        megabytes=31,
    ),
    "silhouettes": DatasetRecord(
        title="Silhouettes (drawn, not photographs)",
        sentence="7,000 garments that this app draws itself, 28×28 pixels, in Fashion-MNIST's ten classes.",
        source="drawn on this machine, always the same",
        classes=idx.GARMENTS,
        input_shape=(1, 28, 28),
        version=silhouettes.VERSION,
        make=lambda _folder, on_progress: silhouettes.make(on_progress),
    ),
    "mnist": DatasetRecord(
        title="MNIST",
        sentence="70,000 handwritten digits, grey, 28×28 pixels, in ten classes: easy, nearly all methods work.",
        source="LeCun, Cortes and Burges, 1998",
        classes=idx.DIGITS,
        input_shape=(1, 28, 28),
        version=1,
        make=idx.make_from_four(_MNIST, "MNIST"),
        files=_MNIST,
        megabytes=12,
    ),
    "kmnist": DatasetRecord(
        title="KMNIST",
        sentence="70,000 cursive Japanese characters from old books, grey, 28×28 pixels, in ten classes.",
        source="Clanuwat and others, 2018",
        classes=idx.SYLLABLES,
        input_shape=(1, 28, 28),
        version=1,
        make=idx.make_from_four(_KMNIST, "KMNIST"),
        files=_KMNIST,
        megabytes=21,
    ),
    "emnist-balanced": DatasetRecord(
        title="EMNIST (balanced)",
        sentence="131,600 handwritten digits and letters, grey, 28×28 pixels, in 47 classes of equal size.",
        source="Cohen, Afshar, Tapson and van Schaik, 2017",
        classes=idx.CHARACTERS,
        input_shape=(1, 28, 28),
        version=1,
        make=idx.make_emnist,
        files=idx.EMNIST_FILES,
        megabytes=562,
    ),
    "cifar-10": DatasetRecord(
        title="CIFAR-10",
        sentence="60,000 colour photographs of animals and vehicles, 32×32 pixels, in ten classes.",
        source="Krizhevsky, 2009",
        classes=cifar10.CLASSES,
        input_shape=(3, 32, 32),
        version=1,
        make=cifar10.make,
        files=cifar10.FILES,
        megabytes=170,
    ),
    "flowers-102": DatasetRecord(
        title="Oxford Flowers-102",
        sentence="8,189 colour photographs of flowers, cut to squares of 64×64 pixels, in 102 classes; only 20 "
        "images of each are for training (the makers' training and validation splits together), the rest are "
        "for test.",
        source="Nilsback and Zisserman, 2008",
        classes=flowers.CLASSES,
        input_shape=(3, flowers.SIDE, flowers.SIDE),
        version=1,
        make=flowers.make,
        files=flowers.FILES,
        megabytes=345,
    ),
}

# a class that presses "Download" at once downloads once
_ONE_AT_A_TIME: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


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


def datasets() -> dict[str, DatasetRecord]:
    """All data sets that there are now, by name: those below, and what people made of their own images."""
    return {**DATASETS, **image_sets.records(data_folder())}


def record(name: str) -> DatasetRecord:
    """The record of a data set; raises DataMissing for an unknown name."""
    known = datasets()
    if name not in known and image_sets.NAME.fullmatch(name):
        raise DataMissing(
            "This data set of somebody's own images was deleted from this server. Add the same images again, in "
            "the same format, under “Add images” on the Train page: they then get the same name."
        )
    if name not in known:
        raise DataMissing(f"There is no data set “{name}”; choose one of {', '.join(known)}.")
    return known[name]


def status(name: str) -> DataStatus:
    """Whether a data set is ready, and in one sentence what to do if not; a millisecond when it is ready."""
    known = record(name)
    if _read(name) is not None:
        return DataStatus(name, "ready", {}, f"{known.title} is ready.")
    unusable = known.files.unusable(data_folder()) if known.files else {}
    if known.files is None or not unusable:
        return DataStatus(name, "local", {}, f"{known.title} is here and takes a moment to prepare.")
    damaged = [file for file, state in unusable.items() if state == "damaged"]
    found = f" (damaged: {', '.join(damaged)})" if damaged else ""
    hint = known.files.by_hand(data_folder(), list(unusable))
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
            raise DataMissing(_unwritable(known, error)) from error
    finally:
        lock.release()


def load(name: str, image: ImageFormat | None = None) -> Dataset:
    """The data set, memory-mapped from its prepared file, which is made first where that needs no network.

    With `image` (channels, side) it is brought to that format; the result is kept as a file of its own.
    Raises DataMissing with a sentence that says what to do.
    """
    dataset = _load(name)
    if image is None or dataset.input_shape == record(name).shape_as(image):
        return dataset
    return _load_resized(dataset, image)


def size(name: str, image: ImageFormat | None = None) -> int:
    """Bytes of the data set in that format once it is in memory; 0 while it is not prepared."""
    file = _prepared_file(name, image)
    return file.stat().st_size if file.is_file() else 0


def stem(name: str, image: ImageFormat | None = None) -> str:
    """What files are called that hold a data set, or something of it, in that format."""
    return name if image is None else f"{name}-{image[0]}x{image[1]}"


def _load(name: str) -> Dataset:
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


def _load_resized(dataset: Dataset, image: ImageFormat) -> Dataset:
    known, path = record(dataset.name), _prepared_file(dataset.name, image)
    version = (known.version, resizing.VERSION)
    with _ONE_AT_A_TIME[path.stem]:
        found = prepared.read(path, dataset.name, dataset.classes, *version)
        if found is not None:
            return found
        made = Dataset(
            dataset.name,
            dataset.classes,
            resizing.resized(dataset.train, image),
            resizing.resized(dataset.test, image),
        )
        try:
            prepared.write(path, made, *version)
        except OSError as error:
            raise DataMissing(_unwritable(known, error)) from error
        return made


def _unwritable(known: DatasetRecord, error: OSError) -> str:
    return (
        f"{known.title} can't be written to {data_folder()} ({error.strerror or error}); "
        "make room or allow writing there, or set AUTOGRAD_LAB_DATA to another folder."
    )


def _prepared_file(name: str, image: ImageFormat | None = None) -> Path:
    return image_sets.prepared_file(data_folder(), stem(name, image))


def _read(name: str) -> Dataset | None:
    known = record(name)
    return prepared.read(_prepared_file(name), name, known.classes, known.version)
