"""Images brought to another format, checked by hand and against Pillow and torchvision."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional as vision

from core.data import catalogue, silhouettes
from core.data.dataset import LabelledImages
from core.data.resizing import resized


def images(channels: int, side: int, count: int = 3) -> LabelledImages:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, channels, side, side), dtype=torch.uint8, generator=generator)
    return LabelledImages(pixels, torch.arange(count))


def test_grey_becomes_colour_by_repeating_its_channel() -> None:
    grey = images(1, 28)
    colour = resized(grey, (3, 28))
    assert colour.pixels.shape == (3, 3, 28, 28)
    for channel in range(3):
        assert colour.pixels[:, channel].equal(grey.pixels[:, 0])
    assert colour.labels.equal(grey.labels)


def test_colour_becomes_grey_by_its_luma() -> None:
    pixels = torch.tensor([[255, 0, 0], [0, 255, 0], [0, 0, 255], [10, 20, 30]], dtype=torch.uint8)
    grey = resized(LabelledImages(pixels.view(4, 3, 1, 1), torch.zeros(4, dtype=torch.int64)), (1, 1))
    # 0.299 · 255 = 76.2, 0.587 · 255 = 149.7, 0.114 · 255 = 29.1, 2.99 + 11.74 + 3.42 = 18.15
    assert grey.pixels.flatten().tolist() == [76, 150, 29, 18]


def test_luma_agrees_with_pillow() -> None:
    colour = images(3, 16, 1)
    grey = resized(colour, (1, 16)).pixels[0, 0].numpy().astype(int)
    pillow = np.asarray(Image.fromarray(colour.pixels[0].permute(1, 2, 0).numpy()).convert("L"), dtype=int)
    assert abs(grey - pillow).max() <= 1


@pytest.mark.parametrize(("side", "to"), [(28, 32), (64, 28), (32, 8), (28, 64)])
def test_the_size_changes_as_torchvision_changes_it(side: int, to: int) -> None:
    source = images(3, side)
    expected = vision.resize(source.pixels, [to, to], antialias=True)  # bilinear
    difference = resized(source, (3, to)).pixels.int() - expected.int()
    assert difference.abs().max() <= 1  # it computes in whole numbers


def test_a_thin_line_is_not_lost_by_chance() -> None:
    pixels = torch.zeros(1, 1, 64, 64, dtype=torch.uint8)
    pixels[..., 33] = 255
    small = resized(LabelledImages(pixels, torch.zeros(1, dtype=torch.int64)), (1, 8)).pixels.float()
    assert small.sum(3).flatten().tolist() == pytest.approx([255 / 8] * 8, abs=2)  # each row keeps its light


def test_a_data_set_in_another_format_is_kept_as_a_file(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = catalogue.DATASETS["silhouettes"]
    small = known.__class__(**{**vars(known), "make": lambda _f, report: silhouettes.make(report, 40, 20)})
    monkeypatch.setitem(catalogue.DATASETS, "silhouettes", small)
    whole = catalogue.load("silhouettes")
    assert catalogue.load("silhouettes", (1, 28)).train.pixels.equal(whole.train.pixels)
    colour = catalogue.load("silhouettes", (3, 32))
    assert colour.input_shape == (3, 32, 32) == known.shape_as((3, 32))
    assert colour.test.pixels.equal(resized(whole.test, (3, 32)).pixels)
    files = sorted(file.name for file in (data_folder / "prepared").iterdir())
    assert files == ["silhouettes-3x32.pt", "silhouettes.pt"]
    kept = data_folder / "prepared" / "silhouettes-3x32.pt"
    before = kept.stat().st_mtime_ns
    assert catalogue.load("silhouettes", (3, 32)).train.pixels.equal(colour.train.pixels)
    assert kept.stat().st_mtime_ns == before
    kept.write_bytes(b"damaged")
    assert catalogue.load("silhouettes", (3, 32)).train.pixels.equal(colour.train.pixels)
