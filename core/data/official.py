"""The official files of a data set: which ones, whether they are here and whole, how to get them.

File names, checksums and addresses are torchvision's. torchvision takes seconds to import, so they are looked
up when they are needed: who loads a prepared data set never imports it.
"""

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.dataset import DataMissing
from core.data.download import Checksum, DownloadFailed, Progress, fetch


@dataclass(frozen=True)
class OfficialFile:
    """One file as its makers publish it."""

    name: str
    md5: str
    urls: tuple[str, ...]  # the same file, to be tried in this order


@dataclass(frozen=True)
class OfficialFiles:
    """All files of one data set."""

    title: str  # of the data set
    place: str  # the folder below the data folder that they lie in; where torchvision looks for them
    listed: Callable[[], Sequence[OfficialFile]]

    def folder(self, data_folder: Path) -> Path:
        """Where the files lie."""
        return data_folder / self.place

    def unusable(self, data_folder: Path) -> dict[str, str]:
        """The files that must be fetched: name → "missing" or "damaged"."""
        states = {}
        for file in self.listed():
            path = self.folder(data_folder) / file.name
            if not Checksum("md5", file.md5).fits(path):
                states[file.name] = "damaged" if path.exists() else "missing"
        return states

    def fetch(self, data_folder: Path, on_progress: Progress) -> None:
        """Download each file that is missing or damaged; raises DataMissing when one can't be had."""
        unusable = self.unusable(data_folder)
        wanted = [file for file in self.listed() if file.name in unusable]
        for number, file in enumerate(wanted, 1):

            def report(done: float, text: str, number: int = number) -> None:
                on_progress(done, f"File {number} of {len(wanted)}, {text}")

            path = self.folder(data_folder) / file.name
            try:
                fetch(list(file.urls), path, Checksum("md5", file.md5), report)
            except DownloadFailed as error:
                raise DataMissing(
                    f"{self.title} could not be downloaded ({error}): try again later, or "
                    f"{self.by_hand(data_folder, list(self.unusable(data_folder)))}."
                ) from error
            except OSError as error:
                raise DataMissing(_unwritable(path.parent, error)) from error

    def by_hand(self, data_folder: Path, names: Sequence[str]) -> str:
        """What to do without a network, as the second half of a sentence."""
        addresses = [file.urls[0] for file in self.listed() if file.name in names and file.urls]
        source = f" (from {addresses[0].rsplit('/', 1)[0]}/)" if addresses else ""
        listed = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
        return f"put {listed}{source} into the folder {self.folder(data_folder)} by hand"


def _unwritable(folder: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {folder} is full; make room there and try again."
    return (
        f"The folder {folder} can't be written ({error.strerror}); allow it, "
        "or set AUTOGRAD_LAB_DATA to another folder."
    )
