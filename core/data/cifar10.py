"""CIFAR-10 (Krizhevsky, 2009, "Learning Multiple Layers of Features from Tiny Images"): 32×32 colour photographs."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from core.data.dataset import LabelledImages
from core.data.download import Progress
from core.data.official import OfficialFile, OfficialFiles

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def _listed() -> Sequence[OfficialFile]:
    from torchvision.datasets import CIFAR10

    return [OfficialFile(CIFAR10.filename, CIFAR10.tgz_md5, (CIFAR10.url,))]


FILES = OfficialFiles("CIFAR-10", "CIFAR10", _listed)


def make(folder: Path, on_progress: Progress) -> tuple[LabelledImages, LabelledImages]:
    """Fetch the archive if it is missing, verify, unpack and read it."""
    from torchvision.datasets import CIFAR10
    from torchvision.datasets.utils import extract_archive

    FILES.fetch(folder, on_progress)
    on_progress(1.0, "Reading the images")
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as passing:
        for file in FILES.listed():
            extract_archive(str(FILES.folder(folder) / file.name), passing)
        # it reads pickles, but only such that have the checksums which it has for each
        return _images(CIFAR10(passing, train=True)), _images(CIFAR10(passing, train=False))


def _images(split: Any) -> LabelledImages:
    pixels = torch.from_numpy(split.data).permute(0, 3, 1, 2).contiguous()  # (N, H, W, C) → (N, C, H, W)
    return LabelledImages(pixels, torch.tensor(split.targets))
