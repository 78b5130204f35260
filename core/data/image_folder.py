"""Any folder of images as labelled images: one folder a class, the layout of torchvision's ImageFolder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import torch
from PIL import Image, ImageOps

from core.data.dataset import LabelledImages
from core.data.download import Progress
from core.data.pictures import square
from core.data.resizing import ImageFormat
from core.data.splits import split

LEAST_CLASSES, MOST_CLASSES = 2, 200  # a larger confusion matrix can't be read any more
LEAST_OF_A_CLASS = 5  # so that training, validation and test each get some
MOST_IMAGES = 20_000  # at 64×64 pixels in colour they take 250 MB
MOST_PIXELS = 4_000_000  # of one picture: a small file may hold a picture that fills the memory
MOST_CHARACTERS = 60  # of a class's name
ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".ppm", ".pgm")
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "PPM")  # the only ones that Pillow is let try on a stranger's file
TEST_SHARE = 0.2  # where the folder has no split of its own
TEST_FOLDERS, VALIDATION_FOLDERS = ("test",), ("val", "valid", "validation")


class ImagesRefused(ValueError):
    """Images that can't become a data set; the text is one sentence that says why and what to do."""


@dataclass(frozen=True)
class FolderImages:
    """What was found in a folder."""

    classes: tuple[str, ...]  # the folders' names, in alphabetical order
    train: LabelledImages
    test: LabelledImages
    remarks: tuple[str, ...]  # how it was split, what was left out: a sentence each


def is_image(path: Path) -> bool:
    """Whether a file is to be read: it ends like a picture, and neither it nor a folder around it is hidden."""
    return path.suffix.lower() in ENDINGS and not any(is_hidden(part) for part in path.parts)


def is_hidden(name: str) -> bool:
    """Whether a file or folder is a system's own, not a person's."""
    return name.startswith(".") or name == "__MACOSX"


def read_folder(root: Path, image: ImageFormat, on_progress: Progress) -> FolderImages:
    """Every image below `root`, brought to `image` (channels, side).

    Where `root` holds one folder around all others, that one is read. Folders `train` and `test` (or `val`)
    are the splits, each with its folders of classes; else a fifth of each class becomes the test split, the
    same one each time. Raises ImagesRefused.
    """
    root = _passed_through(root)
    parts = {folder.name.lower(): folder for folder in _folders(root)}
    tests = [parts[name] for name in TEST_FOLDERS if name in parts]
    validations = [parts[name] for name in VALIDATION_FOLDERS if name in parts]
    already_split = {"train"} < set(parts) <= {"train", *TEST_FOLDERS, *VALIDATION_FOLDERS}
    if already_split:
        for_training = [parts["train"], *(validations if tests else [])]
        for_test = tests or validations
    else:
        for_training, for_test = [root], []
    sources = [_Folder(folder, root, image) for folder in (*for_training, *for_test)]
    classes = _agreed_classes(sources, len(for_training))
    _check(sources, classes)
    total, done = sum(len(source.images) for source in sources), 0

    def advance() -> None:
        nonlocal done
        done += 1
        if done % 50 == 0:
            on_progress(done / total, f"Reading image {done:,} of {total:,}")

    read = [source.read(classes, advance) for source in sources]
    training = _together(read[: len(for_training)])
    if already_split:
        test = _together(read[len(for_training) :])
        names = " and ".join(f"“{folder.name}”" for folder in for_training)
        how = f"{names} for training, “{for_test[0].name}” for test, as the folders say."
    else:
        cut = split(training.labels, 1.0, TEST_SHARE, seed=0)
        training, test = training.at(cut.train), training.at(cut.validation)
        how = f"{100 * TEST_SHARE:g} % of each class for test, chosen by lot, the same each time."
    left_out = sum(source.left_out for source in sources)
    remark = f"Left out, since hidden files and other formats are not read: {left_out:,}."
    return FolderImages(classes, training, test, (how, remark) if left_out else (how,))


class _Folder:
    """One folder of class folders, through torchvision's ImageFolder."""

    def __init__(self, folder: Path, root: Path, image: ImageFormat) -> None:
        from torchvision.datasets import ImageFolder  # takes seconds to import

        self.left_out = 0
        names = [inner.name for inner in _folders(folder)]

        class Visible(ImageFolder):
            def find_classes(self, directory: Any) -> tuple[list[str], dict[str, int]]:
                return names, {name: number for number, name in enumerate(names)}

        def is_valid(path: str) -> bool:
            valid = is_image(Path(path).relative_to(root))
            self.left_out += not valid
            return valid

        channels, side = image
        if not names:
            raise ImagesRefused(
                f"No classes were found in “{folder.name}”: put the images of each class into a folder of its own, "
                "named like the class."
            )
        self.shape = (channels, side, side)
        self.images = Visible(
            str(folder),
            loader=lambda path: opened(Path(path), Path(path).relative_to(root).as_posix()),
            transform=lambda picture: square(picture, channels, side),
            is_valid_file=is_valid,
            allow_empty=True,
        )

    @property
    def classes(self) -> list[str]:
        """The names of the classes that have images."""
        found = sorted({number for _, number in self.images.samples})
        return [self.images.classes[number] for number in found]

    def counts(self) -> dict[str, int]:
        """Images a class."""
        numbers = [number for _, number in self.images.samples]
        return {name: numbers.count(self.images.class_to_idx[name]) for name in self.classes}

    def read(self, classes: tuple[str, ...], advance: Callable[[], None]) -> LabelledImages:
        """All images, labelled by the place of their class in `classes`."""
        pixels = torch.empty(len(self.images), *self.shape, dtype=torch.uint8)
        labels = torch.empty(len(self.images), dtype=torch.int64)
        for index in range(len(self.images)):
            pixels[index], number = self.images[index]
            labels[index] = classes.index(self.images.classes[number])
            advance()
        return LabelledImages(pixels, labels)


def _passed_through(root: Path) -> Path:
    """Into the one folder around all others that most archivers make."""
    while len(inner := _folders(root)) == 1 and _folders(inner[0]):
        root = inner[0]
    return root


def _folders(folder: Path) -> list[Path]:
    return sorted(inner for inner in folder.iterdir() if inner.is_dir() and not is_hidden(inner.name))


def _agreed_classes(sources: list[_Folder], training: int) -> tuple[str, ...]:
    classes = tuple(sorted({name for source in sources[:training] for name in source.classes}))
    for source in sources[training:]:
        if strange := sorted(set(source.classes) - set(classes)):
            raise ImagesRefused(
                f"The test images have a class “{strange[0]}” that the training images lack; a network could never "
                "learn it. Give both the same folders."
            )
    return classes


def _check(sources: list[_Folder], classes: tuple[str, ...]) -> None:
    """The limits, before a single picture is opened."""
    total = sum(len(source.images) for source in sources)
    if not total:
        raise ImagesRefused(
            f"No images were found in these folders; files that end in {', '.join(ENDINGS)} are read."
        )
    if not LEAST_CLASSES <= len(classes) <= MOST_CLASSES:
        found = "1 class was" if len(classes) == 1 else f"{len(classes)} classes were"
        raise ImagesRefused(
            f"{found} found; allowed are {LEAST_CLASSES} to {MOST_CLASSES}, each a folder with its images."
        )
    if total > MOST_IMAGES:
        raise ImagesRefused(
            f"There are {total:,} images; up to {MOST_IMAGES:,} can be used. Leave some of each class out."
        )
    for name in classes:
        if len(name) > MOST_CHARACTERS or not name.isprintable():
            raise ImagesRefused(
                f"The folder name {name[:80]!r} can't be a class's name; rename it to {MOST_CHARACTERS} or fewer "
                "printable characters."
            )
        count = sum(source.counts().get(name, 0) for source in sources)
        if count < LEAST_OF_A_CLASS:
            raise ImagesRefused(
                f"The class “{name}” has {count} images; at least {LEAST_OF_A_CLASS} are needed, so that training, "
                "validation and test each get some."
            )


def opened(file: Path | IO[bytes], name: str, most_pixels: int = MOST_PIXELS) -> Image.Image:
    """A picture, upright as its camera says; raises ImagesRefused for what is none, or too large."""
    try:
        with Image.open(file, formats=FORMATS) as picture:
            width, height = picture.size  # of the header: nothing is decoded yet
            if width * height <= most_pixels:
                return ImageOps.exif_transpose(picture)
            size = f"{width:,} × {height:,}"
    except Image.DecompressionBombError:  # Pillow's own, much higher bound
        size = "hundreds of millions of"
    except Exception as error:  # what a damaged or hostile picture raises is Pillow's own affair
        raise ImagesRefused(
            f"“{name}” is no picture that can be read; take it out, or save it again as PNG or JPEG."
        ) from error
    raise ImagesRefused(
        f"“{name}” has {size} pixels; up to {most_pixels:,} in all are read. Scale it down first."
    )


def _together(parts: list[LabelledImages]) -> LabelledImages:
    return LabelledImages(
        torch.cat([part.pixels for part in parts]), torch.cat([part.labels for part in parts])
    )
