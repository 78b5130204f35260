"""Predictions kept as a file beside the checkpoint that they come from, so that they are made once."""

import hashlib
import logging
import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from core.inspection.predictions import Predictions

_log = logging.getLogger(__name__)


def kept_predictions(
    checkpoint: Path, checkpoint_sha: str, dataset: str, labels: Tensor, make: Callable[[], Predictions]
) -> Predictions:
    """The predictions of one checkpoint on the test split of `dataset`: from their file, or else made and
    kept.

    A file that is damaged, or belongs to other weights (`checkpoint_sha`) or other images (`labels`), is made
    anew. Where nothing can be written (a full disk) the predictions are made all the same, and the log says
    so.
    """
    path = checkpoint.with_name(f"{checkpoint.stem}.{dataset}.predictions.pt")
    key = f"{checkpoint_sha} {dataset}"
    found = _read(path, key)
    if found is not None and torch.equal(found.labels, labels):
        return found
    made = make()
    try:
        _forget_orphans(checkpoint)
        _write(path, key, made)
    except OSError as error:
        _log.warning("predictions not kept in %s: %s", path, error)
    return made


def _forget_orphans(checkpoint: Path) -> None:
    """Remove the predictions of checkpoints that are gone: runs replace theirs as they train."""
    for kept in checkpoint.parent.glob("*.predictions.pt"):
        if not kept.with_name(kept.name.split(".")[0] + checkpoint.suffix).exists():
            kept.unlink(missing_ok=True)


def _digest(predictions: Predictions) -> str:
    content = hashlib.sha256(predictions.logits.numpy().tobytes())
    content.update(predictions.labels.numpy().tobytes())
    return content.hexdigest()


def _write(path: Path, key: str, predictions: Predictions) -> None:
    record = {
        "key": key,
        "digest": _digest(predictions),
        "logits": predictions.logits,
        "labels": predictions.labels,
    }
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            torch.save(record, file)
        Path(unfinished).replace(path)  # at once, so that no reader ever sees half a file
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _read(path: Path, key: str) -> Predictions | None:
    try:
        record = torch.load(path, weights_only=True)
        predictions = Predictions(record["logits"], record["labels"])
        intact = record["key"] == key and record["digest"] == _digest(predictions)
    except FileNotFoundError:
        return None
    except (
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        pickle.PickleError,
    ) as error:
        _log.warning("%s is damaged and is made anew: %s", path, error)
        return None
    return predictions if intact else None
