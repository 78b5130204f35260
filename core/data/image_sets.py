"""Data sets that people make of their own images: prepared once, and found by every process by their name.

Beside the prepared file (`core.data.prepared`) lies a small JSON that says what it is. The name follows from
the images themselves, so that the same images are the same data set, whoever adds them and when.
"""

import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, NoReturn

from core.data import image_zip, prepared
from core.data.dataset import DataMissing, Dataset
from core.data.download import Progress
from core.data.image_folder import FolderImages, ImagesRefused, read_folder
from core.data.record import DatasetRecord
from core.data.resizing import ImageFormat

MOST_SETS = 20  # on one server
MOST_CHARACTERS = 40  # of a title
SIDES = (28, 32, 64)  # pixels, to choose from
VERSION = 1
NAME = re.compile(r"folder-[0-9a-f]{12}")
FOLDERS = "AUTOGRAD_LAB_IMAGES"  # the environment variable that names the operator's folders

_ONE_AT_A_TIME = threading.Lock()  # one person's images are read while the next one waits


@dataclass(frozen=True)
class ImageSet:
    """What is kept of a data set beside its images."""

    title: str
    classes: tuple[str, ...]
    channels: int
    side: int  # pixels
    train: int  # images
    test: int  # images
    remarks: tuple[str, ...]  # how it was split, what was left out
    source: str  # where the images came from, for people
    owner: str  # the visitor who added it, and may delete it; "" for nobody in particular

    @property
    def sentence(self) -> str:
        """What it is, for a student."""
        kind = "grey" if self.channels == 1 else "colour"
        return (
            f"{self.train + self.test:,} {kind} images of {self.side}×{self.side} pixels in "
            f"{len(self.classes)} classes: {self.train:,} for training, {self.test:,} for test. "
            f"{' '.join(self.remarks)}"
        )


def offered_folders() -> dict[str, Path]:
    """The folders of images that the operator of the server offers, by their names."""
    listed = [Path(path).expanduser() for path in os.environ.get(FOLDERS, "").split(os.pathsep) if path]
    return {path.name: path for path in listed}


def add_folder(
    data_folder: Path, name: str, image: ImageFormat, owner: str, on_progress: Progress
) -> tuple[str, ImageSet]:
    """Make a data set of a folder that the operator offers; its name and what it is. Raises ImagesRefused."""
    folder = offered_folders().get(name)
    if folder is None or not folder.is_dir():
        raise ImagesRefused(
            f"There is no folder “{name}” on the server; {FOLDERS} names those that are offered."
        )

    def read(_passing: Path) -> FolderImages:
        return read_folder(folder, image, on_progress)

    return _add(data_folder, name, f"the folder “{name}” on this server", image, owner, on_progress, read)


def add_zip(
    data_folder: Path,
    archive: IO[bytes],
    size: int,
    title: str,
    image: ImageFormat,
    owner: str,
    on_progress: Progress,
) -> tuple[str, ImageSet]:
    """Make a data set of a zip of `size` bytes; its name and what it is. Raises ImagesRefused."""

    def read(passing: Path) -> FolderImages:
        remarks = image_zip.unpack(archive, size, passing, on_progress)
        found = read_folder(passing, image, on_progress)
        return FolderImages(found.classes, found.train, found.test, (*found.remarks, *remarks))

    return _add(data_folder, title, "uploaded here", image, owner, on_progress, read)


def _add(
    data_folder: Path,
    title: str,
    source: str,
    image: ImageFormat,
    owner: str,
    on_progress: Progress,
    read: Callable[[Path], FolderImages],
) -> tuple[str, ImageSet]:
    title, (channels, side) = _checked_title(title), image
    if channels not in (1, 3) or side not in SIDES:
        raise ImagesRefused(
            f"The images can't become {channels} channels of {side} pixels; choose grey or colour, and "
            f"{', '.join(map(str, SIDES))} pixels."
        )
    while not _ONE_AT_A_TIME.acquire(timeout=0.5):
        on_progress(0.0, "Somebody else is adding images; waiting for that")
    try:
        data_folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=data_folder, prefix="unpacking-") as passing:
            found = read(Path(passing))
        name = _name_of(found)
        known = kept(data_folder)
        if name not in known and len(known) >= MOST_SETS:
            raise ImagesRefused(
                f"There are {len(known)} data sets of people's own images on this server, and no room for more; "
                "delete one of yours first, or ask whoever runs the server."
            )
        on_progress(1.0, "Writing the prepared file")
        prepared.write(
            prepared_file(data_folder, name), Dataset(name, found.classes, found.train, found.test), VERSION
        )
        if name in known:
            return name, known[name]
        one = ImageSet(
            title,
            found.classes,
            channels,
            side,
            len(found.train),
            len(found.test),
            found.remarks,
            source,
            owner,
        )
        _write(_description(data_folder, name), one)
        return name, one
    except OSError as error:
        raise ImagesRefused(
            f"The images can't be kept on this server ({error.strerror or error}); whoever runs it must make room "
            "or allow writing."
        ) from error
    finally:
        _ONE_AT_A_TIME.release()


def kept(data_folder: Path) -> dict[str, ImageSet]:
    """All data sets of people's own images, by name, in the order in which they were added."""
    files = [(path.stat().st_mtime_ns, path) for path in (data_folder / "prepared").glob("folder-*.json")]
    read = ((path.stem, _read(path, written)) for written, path in sorted(files))
    return {name: one for name, one in read if one is not None}


def records(data_folder: Path) -> dict[str, DatasetRecord]:
    """The same as records for the catalogue."""
    return {name: _record(one) for name, one in kept(data_folder).items()}


def remove(data_folder: Path, name: str, owner: str) -> None:
    """Delete a data set, in all its formats; raises ImagesRefused for what is not the owner's."""
    one = kept(data_folder).get(name)
    if one is None:
        return
    if one.owner != owner:
        raise ImagesRefused(f"“{one.title}” was added by somebody else; only they can delete it.")
    _description(data_folder, name).unlink(missing_ok=True)  # first: nobody finds it half deleted
    for file in (data_folder / "prepared").glob(f"{name}*.pt"):
        with suppress(PermissionError):  # Windows: a process still reads it; unnamed it harms nobody
            file.unlink(missing_ok=True)


def prepared_file(data_folder: Path, stem: str) -> Path:
    """Where the prepared file of that stem lies, for all data sets."""
    return data_folder / "prepared" / f"{stem}.pt"


def _description(data_folder: Path, name: str) -> Path:
    return data_folder / "prepared" / f"{name}.json"


def _record(one: ImageSet) -> DatasetRecord:
    def make(_folder: Path, _progress: Progress) -> NoReturn:
        raise DataMissing(
            f"The images of “{one.title}” are gone from this machine, or damaged; add them again under “Add "
            "images” on the Train page."
        )

    return DatasetRecord(
        title=one.title,
        sentence=one.sentence,
        source=one.source,
        classes=one.classes,
        input_shape=(one.channels, one.side, one.side),
        version=VERSION,
        make=make,
    )


def _checked_title(title: str) -> str:
    title = title.strip()
    if not title or len(title) > MOST_CHARACTERS or not title.isprintable():
        raise ImagesRefused(
            f"The name of a data set is one line of 1 to {MOST_CHARACTERS} characters; given was {title[:80]!r}."
        )
    return title


def _name_of(found: FolderImages) -> str:
    """Follows from the classes, the images and their split."""
    content = hashlib.sha256(json.dumps([found.classes, list(found.train.pixels.shape)]).encode())
    for images in (found.train, found.test):
        content.update(images.pixels.numpy().tobytes())
        content.update(images.labels.numpy().tobytes())
    return f"folder-{content.hexdigest()[:12]}"


def _write(path: Path, one: ImageSet) -> None:
    """At once, so that no reader ever sees half a file."""
    handle, name = tempfile.mkstemp(prefix=path.name, suffix=".part", dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(one), file, indent=2)
        part.chmod(0o644)  # mkstemp makes it private to this user
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@lru_cache(maxsize=2 * MOST_SETS)  # pages ask at each rerun
def _read(path: Path, _written: int) -> ImageSet | None:
    """None for what is no such file; then its data set is as good as deleted."""
    if not NAME.fullmatch(path.stem):
        return None
    try:
        parts = json.loads(path.read_text(encoding="utf-8"))
        classes, remarks = (tuple(map(str, parts.pop(field))) for field in ("classes", "remarks"))
        return ImageSet(classes=classes, remarks=remarks, **parts)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
