"""Weights and all that is needed to go on training, as a file of plain tensors and numbers."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.networks.build import build
from core.networks.spec import SpecError, shape_text
from core.training.config import RunRequest

FORMAT = 1  # of the file; counted up when what is in it changes


class CheckpointDamaged(Exception):
    """A file of weights that can't be read, or is not what was written; the text names it."""


@dataclass(frozen=True)
class TrainingState:
    """A moment between two optimizer steps; from here a run on the CPU goes on as if it had never stopped."""

    model: Mapping[str, Tensor]  # state_dict
    optimizer: Mapping[str, Any]  # state_dict
    random: Mapping[str, Tensor]  # state of PyTorch's generator, by device kind: dropout goes on with it
    step: int  # optimizer updates so far
    seconds: float  # of training so far
    mean: tuple[float, ...]  # of the normalisation that the network was trained with, a number a channel
    std: tuple[float, ...]
    epoch: int | None = (
        None  # whole passes over the training split so far; None in files of an earlier version
    )
    images: int = 0  # of the epoch under way that were used
    batch_size: int | None = None  # of the next step, where it is not the configuration's
    precision: str = "float32"  # what the network computes with
    rate_plan: Mapping[str, float] = field(default_factory=dict)  # of RatePlan.state
    patience: Mapping[str, Any] = field(default_factory=dict)  # of Patience.state
    frozen_layers: int = 0  # how many of the first layers had stopped learning
    easy_images: Mapping[str, Any] = field(default_factory=dict)  # of EasyImages.state; none: all are seen
    # setting → the id of the last command that changed it, so that a later one is given again after a kill
    commands: Mapping[str, int] = field(default_factory=dict)


def save(state: TrainingState, path: Path) -> tuple[int, str]:
    """Write a state; returns the file's size in bytes and its SHA-256.

    The file appears whole or not at all, also when the disk fills up or the power fails. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()  # in memory first: on a full disk torch.save itself raises no OSError
    torch.save({"format": FORMAT, **{f.name: getattr(state, f.name) for f in fields(state)}}, content)
    part = path.with_name(f"{path.name}.part{os.getpid()}")
    try:
        with part.open("wb") as file:
            file.write(content.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _settle(path.parent)
    finally:
        part.unlink(missing_ok=True)
    return content.tell(), hashlib.sha256(content.getbuffer()).hexdigest()


def _settle(folder: Path) -> None:
    """Have the names in a folder survive a power cut, where that can be asked for."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def load(path: Path, sha256: str | None = None) -> TrainingState:
    """Read a state to the CPU; raises CheckpointDamaged, after renaming a damaged file to `*.damaged`."""
    if not path.is_file():
        raise CheckpointDamaged(f"The file of weights {path.name} is not there any more.")
    if sha256 is not None and sha256_of(path) != sha256:
        raise _set_aside(path, "its SHA-256 is not the one that was recorded")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        if content.pop("format") != FORMAT:
            raise _set_aside(path, "another version of Autograd Lab wrote it")
        if "first_layer_learns" in content:  # of an earlier version, which froze the first layer alone
            content["frozen_layers"] = int(not content.pop("first_layer_learns"))
        return TrainingState(**content)
    except CheckpointDamaged:
        raise
    except Exception as error:  # what a damaged archive raises is torch's and zip's own affair
        raise _set_aside(
            path, f"it can't be read: {str(error).splitlines()[0] if str(error) else error!r}"
        ) from error


def load_model(
    request: RunRequest,
    path: Path,
    input_shape: tuple[int, int, int] = (1, 28, 28),
    classes: int = 10,
    sha256: str | None = None,
    device: torch.device | str = "cpu",
) -> nn.Module:
    """The trained network of a checkpoint, in eval mode; raises CheckpointDamaged.

    That is raised, too, for images of another shape or number of classes than those that it was trained on.
    """
    state = load(path, sha256)
    try:
        model = build(request.network, input_shape, classes)
        model.load_state_dict(dict(state.model))
    except (RuntimeError, SpecError) as error:
        raise CheckpointDamaged(
            f"The weights in {path.name} do not fit this run's network on images of "
            f"{shape_text(input_shape)} in {classes} classes, as the data set has them now: {error}"
        ) from error
    return model.to(device).eval()


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _set_aside(path: Path, fault: str) -> CheckpointDamaged:
    kept = path.with_name(f"{path.name}.damaged")
    path.replace(kept)
    return CheckpointDamaged(
        f"The file of weights {path.name} is damaged: {fault}. It was set aside as {kept.name}; "
        "an earlier checkpoint may still be whole."
    )
