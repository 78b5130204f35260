"""Four data sets in MNIST's file format, IDX: 28×28 grey, a file of images and one of labels for each split.

MNIST (LeCun, Cortes, Burges, 1998), Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017, arXiv:1708.07747) and KMNIST
(Clanuwat and others, 2018, arXiv:1812.01718) publish the four files one by one; EMNIST (Cohen and others, 2017,
arXiv:1702.05373) has those of all its variants in one archive. torchvision's classes read them, unpacked, from
a passing folder, so that no unpacked file can go stale.
"""

import gzip
import shutil
import string
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from core.data.dataset import LabelledImages
from core.data.download import Progress
from core.data.official import OfficialFile, OfficialFiles

GARMENTS = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
DIGITS = tuple(string.digits)
SYLLABLES = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")  # one hiragana of each row
# EMNIST's "balanced" merges the lower-case letters that look like their upper-case ones
CHARACTERS = (*string.digits, *string.ascii_uppercase, *"abdefghnqrt")

Splits = tuple[LabelledImages, LabelledImages]  # (train, test)


def four_files(title: str, name: str) -> OfficialFiles:
    """The files of the torchvision class `name`, which lists them as MNIST does."""

    def listed() -> Sequence[OfficialFile]:
        kind = _torchvision(name)
        return [
            OfficialFile(file, md5, tuple(mirror + file for mirror in kind.mirrors))
            for file, md5 in kind.resources
        ]

    return OfficialFiles(title, f"{name}/raw", listed)


def make_from_four(files: OfficialFiles, name: str) -> Callable[[Path, Progress], Splits]:
    """How to make a data set of four files: fetch what is missing, verify, unpack and read."""

    def make(folder: Path, on_progress: Progress) -> Splits:
        files.fetch(folder, on_progress)
        on_progress(1.0, "Reading the images")
        with tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as passing:
            unpacked = files.folder(Path(passing))
            unpacked.mkdir(parents=True)
            for file in files.listed():
                with gzip.open(files.folder(folder) / file.name) as packed:
                    _unpack(packed, unpacked / file.name.removesuffix(".gz"))
            kind = _torchvision(name)
            return _splits(kind(passing, train=True), kind(passing, train=False))

    return make


def _listed_of_emnist() -> Sequence[OfficialFile]:
    kind = _torchvision("EMNIST")
    return [OfficialFile("gzip.zip", kind.md5, (kind.url,))]


EMNIST_FILES = OfficialFiles("EMNIST", "EMNIST/raw", _listed_of_emnist)


def make_emnist(folder: Path, on_progress: Progress) -> Splits:
    """EMNIST's balanced variant; its files have each image transposed, and it is put upright here."""
    EMNIST_FILES.fetch(folder, on_progress)
    on_progress(1.0, "Reading the images")
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as passing,
        zipfile.ZipFile(EMNIST_FILES.folder(folder) / "gzip.zip") as archive,
    ):
        unpacked = EMNIST_FILES.folder(Path(passing))
        unpacked.mkdir(parents=True)
        for split in ("train", "test"):
            for content in ("images-idx3-ubyte", "labels-idx1-ubyte"):
                file = f"emnist-balanced-{split}-{content}"
                with archive.open(f"gzip/{file}.gz") as inner, gzip.open(inner) as packed:
                    _unpack(packed, unpacked / file)
        kind = _torchvision("EMNIST")
        train, test = _splits(*(kind(passing, split="balanced", train=train) for train in (True, False)))
    return _upright(train), _upright(test)


def _upright(images: LabelledImages) -> LabelledImages:
    return LabelledImages(images.pixels.transpose(2, 3).contiguous(), images.labels)  # rows ↔ columns


def _splits(train: Any, test: Any) -> Splits:
    """From torchvision's data sets; (N, H, W) → (N, 1, H, W)."""
    return (
        LabelledImages(train.data.unsqueeze(1), train.targets),
        LabelledImages(test.data.unsqueeze(1), test.targets),
    )


def _unpack(packed: gzip.GzipFile, target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(packed, file)


def _torchvision(name: str) -> Any:
    from torchvision import datasets

    return getattr(datasets, name)
