"""A run epoch by epoch, as numbers that the browser draws while its slider moves."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from torch import Tensor

from core.figures.feature_maps import RAMPS
from core.figures.images import contact_sheet, data_url
from core.training.looks import Look

SHEET_COLUMNS = 5
LARGEST_SIDE = 96  # pixels of a watched image; larger ones are scaled down


def frame(classes: Sequence[str], pixels: Tensor | None, labels: Sequence[int]) -> dict[str, Any]:
    """What stays while the slider moves: the names of the classes, and the watched images with their classes.

    `pixels` is uint8 (N, C, H, W), or None where the images are not on this machine.
    """
    sheet = None if pixels is None or not len(pixels) else contact_sheet(pixels, SHEET_COLUMNS)
    if sheet and pixels is not None:
        scale = min(1.0, LARGEST_SIDE / max(pixels.shape[2:]))
        if scale < 1:
            size = (round(sheet.width * scale), round(sheet.height * scale))
            sheet = sheet.resize(size, Image.Resampling.BOX)
    return {
        "classes": list(classes),
        "labels": list(labels),
        "sheet": data_url(sheet) if sheet else "",
        "columns": SHEET_COLUMNS,
        "ramps": RAMPS,
    }


def look_figure(look: Look) -> dict[str, Any]:
    """One look: accuracy, recall of each class (None where it has no images), counts, predictions, kernels.

    `cells` has, in turn, the place of a cell of the confusion matrix in reading order and its count, for those
    that are not empty. `predicted` and `sure` have, for each watched image, the class with the highest
    probability, and that probability.
    """
    counts = np.array(look.counts.counts, np.int64)  # (K, K)
    total, right = counts.sum(axis=1), counts.diagonal()
    filled = counts.ravel().nonzero()[0]
    return {
        "step": look.step,
        "epoch": round(look.epoch, 3),
        "name": name(look.epoch),
        "accuracy": float(right.sum() / total.sum()) if total.sum() else None,
        "images": int(total.sum()),
        "recall": [
            round(hit / of, 4) if of else None for hit, of in zip(right.tolist(), total.tolist(), strict=True)
        ],
        "cells": np.stack([filled, counts.ravel()[filled]], axis=1).ravel().tolist(),
        "kernels": None
        if look.kernels is None
        else {
            "layer": look.kernels.layer,
            "shape": look.kernels.shape,
            "largest": look.kernels.largest,
            "levels": look.kernels.levels,
        },
        **_watched(look),
    }


def name(epoch: float) -> str:
    """How a look is called: `before training`, `epoch 3`, `epoch 3.40`."""
    if epoch == 0:
        return "before training"
    return f"epoch {epoch:.0f}" if float(epoch).is_integer() else f"epoch {epoch:.2f}"


def _watched(look: Look) -> dict[str, list[Any]]:
    """What the network says of each watched image: the class, and its probability."""
    if look.watched is None or not look.watched.probabilities:
        return {"predicted": [], "sure": []}
    shares = np.array(look.watched.probabilities)  # (N, K)
    return {
        "predicted": shares.argmax(axis=1).tolist(),
        "sure": shares.max(axis=1).round(3).tolist(),
    }
