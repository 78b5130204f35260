"""One file a data set, of plain tensors: a process that needs it maps it into memory in a millisecond."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import torch

from core.data.dataset import Dataset, LabelledImages

FORMAT = 1  # of the file's layout; counted up when it changes


def write(path: Path, dataset: Dataset, *version: int) -> None:
    """Write beside the target and then take its place: no reader or second writer ever sees a half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(
                {
                    "format": (FORMAT, *version),
                    "train_pixels": dataset.train.pixels,
                    "train_labels": dataset.train.labels,
                    "test_pixels": dataset.test.pixels,
                    "test_labels": dataset.test.labels,
                },
                file,
            )
            file.flush()
            os.fsync(file.fileno())  # after a power cut a renamed file must not be full of zeros
        part.chmod(0o644)  # mkstemp makes it private to this user
        with suppress(PermissionError):  # Windows: another process reads an equal file that is there already
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path, name: str, classes: tuple[str, ...], *version: int) -> Dataset | None:
    """The data set, memory-mapped; None when the file is absent, damaged or of another version."""
    try:
        content = torch.load(path, weights_only=True, mmap=True)
        train = LabelledImages(content["train_pixels"], content["train_labels"])
        test = LabelledImages(content["test_pixels"], content["test_labels"])
        current = content["format"] == (FORMAT, *version)
    except (
        Exception
    ):  # what a damaged archive raises is torch's and zip's own affair; each means the same here
        return None
    whole = current and all(_plausible(images, len(classes)) for images in (train, test))
    return Dataset(name, classes, train, test) if whole else None


def _plausible(images: LabelledImages, classes: int) -> bool:
    pixels, labels = images.pixels, images.labels
    return (
        pixels.dtype == torch.uint8
        and labels.dtype == torch.int64
        and pixels.ndim == 4
        and labels.shape == pixels.shape[:1]
        and len(labels) > 0
        and int(labels.min()) >= 0
        and int(labels.max()) < classes
    )
