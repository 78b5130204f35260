"""What the app knows of a data set before it is on this machine."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.data.dataset import LabelledImages
from core.data.download import Progress
from core.data.official import OfficialFiles
from core.data.resizing import ImageFormat


@dataclass(frozen=True)
class DatasetRecord:
    """One data set: what it is, and how its images are made."""

    title: str
    sentence: str  # what it is, for a student
    source: str  # who made it
    classes: tuple[str, ...]
    input_shape: tuple[int, int, int]  # (C, H, W)
    version: int  # counted up when `make` gives other images than before
    make: Callable[[Path, Progress], tuple[LabelledImages, LabelledImages]]  # folder → (train, test); fetches
    files: OfficialFiles | None = None  # to be fetched first; None where `make` needs no network
    megabytes: int = 0  # to be downloaded

    def shape_as(self, image: ImageFormat | None) -> tuple[int, int, int]:
        """(C, H, W) of its images as a network gets them: as they are, or brought to `image`."""
        return self.input_shape if image is None else (image[0], image[1], image[1])

    @property
    def short_title(self) -> str:
        """The title without what stands in brackets behind it."""
        return self.title.split(" (")[0]
