"""The images of a data set as one file, which the notebook reads where torchvision has no such set."""

from __future__ import annotations

import io

import torch

from core.data import catalogue
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore


def images(_store: RunStore, run: Run, _record: CheckpointRecord) -> bytes:
    """A dictionary of tensors for `torch.load`: `train_pixels` and `test_pixels`, uint8 (N, C, H, W); `train_labels`
    and `test_labels`, int64 (N,). Raises DataMissing.
    """
    dataset = catalogue.load(run.request.data.dataset)
    content = io.BytesIO()
    torch.save(
        {
            "train_pixels": dataset.train.pixels.clone(),  # of the mapped file only what belongs to the tensor
            "train_labels": dataset.train.labels.clone(),
            "test_pixels": dataset.test.pixels.clone(),
            "test_labels": dataset.test.labels.clone(),
        },
        content,
    )
    return content.getvalue()
