"""Fashion-MNIST (Xiao, Rasul, Vollgraf, 2017, arXiv:1708.07747): its four official files, fetched and read.

File names, checksums and the address are torchvision's, and torchvision's class reads the files. torchvision
takes seconds to import, so each function imports it when needed: who loads a prepared data set never does.
"""

import errno
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.data.dataset import DataMissing, LabelledImages
from core.data.download import Checksum, DownloadFailed, Progress, fetch

CLASSES = (
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

Resources = Sequence[tuple[str, str]]  # (file name, MD5)


def raw_folder(folder: Path) -> Path:
    """Where the four files lie below the data folder; the place that torchvision uses."""
    return folder / "FashionMNIST" / "raw"


def official_resources() -> Resources:
    """The four files and their MD5s."""
    from torchvision.datasets import FashionMNIST

    return FashionMNIST.resources


def official_mirrors() -> Sequence[str]:
    """The addresses to fetch the files from; each ends in a slash."""
    from torchvision.datasets import FashionMNIST

    return FashionMNIST.mirrors


def unusable_files(folder: Path, resources: Resources | None = None) -> dict[str, str]:
    """The files that must be fetched: name → "missing" or "damaged"."""
    states = {}
    for name, md5 in resources or official_resources():
        path = raw_folder(folder) / name
        if not Checksum("md5", md5).fits(path):
            states[name] = "damaged" if path.exists() else "missing"
    return states


def fetch_files(
    folder: Path,
    on_progress: Progress,
    mirrors: Sequence[str] | None = None,
    resources: Resources | None = None,
) -> None:
    """Download each file that is missing or damaged; raises DataMissing when one can't be had."""
    mirrors = official_mirrors() if mirrors is None else mirrors
    resources = official_resources() if resources is None else resources
    unusable = unusable_files(folder, resources)
    checksums = {name: Checksum("md5", md5) for name, md5 in resources}
    for number, name in enumerate(unusable, 1):

        def report(done: float, text: str, number: int = number) -> None:
            on_progress(done, f"File {number} of {len(unusable)}, {text}")

        try:
            fetch([mirror + name for mirror in mirrors], raw_folder(folder) / name, checksums[name], report)
        except DownloadFailed as error:
            raise DataMissing(
                f"Fashion-MNIST could not be downloaded ({error}): try again later, or "
                f"{by_hand(folder, list(unusable_files(folder, resources)), mirrors)}."
            ) from error
        except OSError as error:
            raise DataMissing(_unwritable(raw_folder(folder), error)) from error


def by_hand(folder: Path, names: Sequence[str], mirrors: Sequence[str] | None = None) -> str:
    """What to do without a network, as the second half of a sentence."""
    mirrors = official_mirrors() if mirrors is None else mirrors
    source = f" (from {mirrors[0]})" if mirrors else ""
    listed = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
    return f"put {listed}{source} into the folder {raw_folder(folder)} by hand"


def read(folder: Path) -> tuple[LabelledImages, LabelledImages]:
    """The training and test images of verified files.

    torchvision's class reads unpacked files: they go into a passing folder, so that none can go stale.
    """
    from torchvision.datasets import FashionMNIST
    from torchvision.datasets.utils import extract_archive

    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as passing:
        unpacked = raw_folder(Path(passing))
        unpacked.mkdir(parents=True)
        for name, _ in FashionMNIST.resources:
            extract_archive(str(raw_folder(folder) / name), str(unpacked))
        splits = (FashionMNIST(passing, train=train) for train in (True, False))
        train, test = (
            LabelledImages(s.data.unsqueeze(1), s.targets) for s in splits
        )  # (N, H, W) → (N, 1, H, W)
    return train, test


def make(folder: Path, on_progress: Progress) -> tuple[LabelledImages, LabelledImages]:
    """Fetch what is missing, verify, unpack and read; raises DataMissing."""
    fetch_files(folder, on_progress)
    on_progress(1.0, "Reading the images")
    return read(folder)


def _unwritable(folder: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {folder} is full; make room there and try again."
    return (
        f"The folder {folder} can't be written ({error.strerror}); allow it, "
        "or set AUTOGRAD_LAB_DATA to another folder."
    )
