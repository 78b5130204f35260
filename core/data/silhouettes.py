"""Silhouettes: garments that we draw ourselves, so that there is something to train on without a network.

Every image is drawn by lot from one seed: the cut (`core.data.garments`), the pose, the cloth and the noise.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from PIL import Image, ImageDraw

from core.data.dataset import LabelledImages
from core.data.download import Progress
from core.data.garments import GARMENTS, Lot, Piece

VERSION = 1  # count up when the same seed gives other images
TRAIN, TEST = 6_000, 1_000  # images, equally many of each class
SEED = 1729
SIDE, FINER = 28, 4  # pixels of an image; it is drawn this many times finer and scaled down
CANVAS = SIDE * FINER


def make(
    on_progress: Progress, train: int = TRAIN, test: int = TEST
) -> tuple[LabelledImages, LabelledImages]:
    """Draw both splits; always the same images."""
    total, drawn = train + test, 0
    splits = []
    for part, count in enumerate((train, test)):
        lot = np.random.default_rng((SEED, part))
        labels = lot.permutation(np.arange(count) % len(GARMENTS))
        pixels = np.empty((count, 1, SIDE, SIDE), np.uint8)
        makers = list(GARMENTS.values())
        for index, label in enumerate(labels):
            pixels[index, 0] = draw(makers[label](lot), lot)
            drawn += 1
            if drawn % 250 == 0:
                on_progress(drawn / total, f"Drawing image {drawn:,} of {total:,}")
        splits.append(LabelledImages(torch.from_numpy(pixels), torch.from_numpy(labels.astype(np.int64))))
    return splits[0], splits[1]


def draw(pieces: list[Piece], lot: Lot) -> np.ndarray:
    """One garment on black in a pose, a cloth and noise by lot: uint8 (28, 28)."""
    place, scale = _pose(lot)
    grey = lot.uniform(70, 235)
    canvas = Image.new("L", (CANVAS, CANVAS))
    pen = ImageDraw.Draw(canvas)
    for piece in pieces:
        points = np.asarray(piece.points)  # (points, 2)
        shade = int(np.clip(grey * piece.shade, 0, 255))
        if piece.width:
            line = place(_rounded(points, closed=False) if piece.round else points)
            pen.line([tuple(p) for p in line], shade, max(2, round(piece.width * scale)), joint="curve")
        else:
            pen.polygon(
                [tuple(p) for p in place(_rounded(points, closed=True) if piece.round else points)], shade
            )
    image = np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.BOX), np.float32)
    image *= _cloth(lot)
    noise = lot.normal(0, lot.uniform(2, 12), image.shape) * (image > 8)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _pose(lot: Lot) -> tuple[Callable[[np.ndarray], np.ndarray], float]:
    """A small turn, slant, stretch and shift: the map from garment to canvas coordinates, and its scale."""
    size = CANVAS / 2 * lot.uniform(0.8, 0.98)
    turn = lot.normal(0, 0.05)  # radians
    stretch, slant = lot.uniform(0.9, 1.08), lot.normal(0, 0.04)
    matrix = size * np.array(
        [[np.cos(turn) * stretch, -np.sin(turn) + slant], [np.sin(turn) * stretch, np.cos(turn)]]
    )
    middle = CANVAS / 2 + lot.uniform(-0.04, 0.04, 2) * CANVAS

    return (lambda points: points @ matrix.T + middle), size


def _rounded(points: np.ndarray, closed: bool) -> np.ndarray:
    """Chaikin's corner cutting, twice: two points replace each corner. (n, 2) → (about 4n, 2)."""
    for _ in range(2):
        following = np.roll(points, -1, 0) if closed else points[1:]
        start = points if closed else points[:-1]
        cut = np.stack([0.75 * start + 0.25 * following, 0.25 * start + 0.75 * following], 1).reshape(-1, 2)
        points = cut if closed else np.concatenate([points[:1], cut, points[-1:]])
    return points


def _cloth(lot: Lot) -> np.ndarray:
    """What the cloth does to the light: a factor for each pixel, (28, 28)."""
    y, x = _grid()
    light = 1 + lot.uniform(-0.2, 0.2) * (x / SIDE - 0.5) + lot.uniform(-0.2, 0.2) * (y / SIDE - 0.5)
    pattern = lot.random()
    strength, period, start = lot.uniform(0.08, 0.45), lot.uniform(2.2, 7), lot.uniform(0, 2 * np.pi)
    if pattern < 0.1:  # stripes across
        light = light * (1 - strength * (np.sin(y * 2 * np.pi / period + start) > 0))
    elif pattern < 0.15:  # stripes along
        light = light * (1 - strength * (np.sin(x * 2 * np.pi / period + start) > 0))
    elif pattern < 0.18:  # checks
        checks = np.sin(x * 2 * np.pi / period) * np.sin(y * 2 * np.pi / period + start)
        light = light * (1 - strength * (checks > 0))
    elif pattern < 0.5:  # a knit: noise in blocks of two pixels
        knit = lot.normal(0, strength * 0.35, (SIDE // 2, SIDE // 2))
        light = light * (1 + np.kron(knit, np.ones((2, 2))))
    return light.astype(np.float32)


@cache
def _grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    return y, x
