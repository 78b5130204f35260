"""The weights that training begins with: drawn by a rule, or learned elsewhere and fetched."""

from __future__ import annotations

import errno
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import torch
from torch import nn

from core.data.catalogue import data_folder
from core.data.download import Checksum, DownloadFailed, Progress, fetch
from core.networks.build import build
from core.networks.initialisation import initialise
from core.networks.pretrained import PRETRAINED, PretrainedWeights, check_fit, load_into
from core.networks.spec import NetworkSpec, Shape, SpecError


class WeightsMissing(ValueError):
    """Pretrained weights can't be had right now; the text is one sentence that says why and what to do."""


@dataclass(frozen=True)
class WeightsStatus:
    """Whether pretrained weights can be used now."""

    state: Literal["here", "missing", "damaged"]
    message: str  # one sentence
    by_hand: str  # what to do without a network, as the second half of a sentence


_ONE_AT_A_TIME = {name: threading.Lock() for name in PRETRAINED}  # a class that presses "Download" at once


def folder() -> Path:
    """Where files of pretrained weights lie."""
    return data_folder() / "pretrained"


def status(name: str) -> WeightsStatus:
    """Whether the weights of that name (a key of PRETRAINED) are here; in a sentence what to do if not."""
    weights = PRETRAINED[name]
    by_hand = _by_hand(weights)
    whose = f"The weights of {weights.title} ({weights.bytes / 1e6:.0f} MB)"
    if _is_whole(weights):
        return WeightsStatus("here", f"{whose} are on this machine.", by_hand)
    advice = f"download them on the Design page, or {by_hand}."
    if weights.is_here(folder()):
        return WeightsStatus("damaged", f"{whose} on this machine are damaged: {advice}", by_hand)
    return WeightsStatus("missing", f"{whose} are not on this machine yet: {advice}", by_hand)


def fetch_weights(name: str, on_progress: Progress, urls: Sequence[str] | None = None) -> None:
    """Download the weights of that name, unless they are here and whole; `urls` if not torchvision's address.

    `on_progress(done in 0–1, text)` is called now and then. Raises WeightsMissing.
    """
    weights = PRETRAINED[name]
    urls = [weights.url] if urls is None else list(urls)
    lock = _ONE_AT_A_TIME[name]
    while not lock.acquire(timeout=0.5):
        on_progress(0.0, f"Another session is getting {weights.title}; waiting for it")
    try:
        if not _is_whole(weights):
            fetch(urls, weights.path(folder()), _checksum(weights), on_progress)
    except DownloadFailed as error:
        raise WeightsMissing(
            f"The weights of {weights.title} could not be downloaded ({error}): try again later, "
            f"or {_by_hand(weights)}."
        ) from error
    except OSError as error:
        raise WeightsMissing(_unwritable(error)) from error
    finally:
        lock.release()


def start(model: nn.Module, spec: NetworkSpec) -> None:
    """Give a model that was built from `spec` the weights that the spec begins with.

    Random ones are drawn from PyTorch's global random numbers; the head of a pretrained network stays as it
    was built. Raises WeightsMissing, and SpecError for weights that are unknown or of another network.
    """
    weights = PRETRAINED.get(spec.weights)
    if weights is None:
        initialise(model, spec.weights)
        return
    found = status(spec.weights)
    if found.state != "here":
        raise WeightsMissing(found.message)
    load_into(model, weights, weights.path(folder()))


def unready(spec: NetworkSpec, input_shape: Shape, classes: int = 10) -> str:
    """Why a sound design can't begin with its weights now, a sentence that says what to do; "" if it can."""
    if spec.weights not in PRETRAINED:
        return ""
    found = status(spec.weights)
    return misfit(spec, input_shape, classes) or ("" if found.state == "here" else found.message)


@lru_cache(maxsize=16)  # a page asks at each rerun, and building two networks takes a tenth of a second
def misfit(spec: NetworkSpec, input_shape: Shape, classes: int = 10) -> str:
    """Why a sound design can't begin with its pretrained weights; "" if it can. Needs no file."""
    try:
        with torch.device("meta"):
            model = build(spec, input_shape, classes)
        check_fit(model, PRETRAINED[spec.weights])
    except SpecError as error:
        return str(error)
    return ""


def _checksum(weights: PretrainedWeights) -> Checksum:
    return Checksum("sha256", weights.sha256_start)


def _is_whole(weights: PretrainedWeights) -> bool:
    path = weights.path(folder())
    if not path.is_file():
        return False
    written = path.stat()
    return _fits(_checksum(weights), path, written.st_mtime_ns, written.st_size)


@lru_cache(maxsize=16)  # a page asks at each rerun, and hashing 45 MB takes a tenth of a second
def _fits(checksum: Checksum, path: Path, _written: int, _size: int) -> bool:
    return checksum.fits(path)


def _by_hand(weights: PretrainedWeights) -> str:
    return f"put {weights.file_name} (from {weights.url}) into the folder {folder()} by hand"


def _unwritable(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {folder()} is full; make room there and try again."
    return (
        f"The folder {folder()} can't be written ({error.strerror}); allow it, "
        "or set AUTOGRAD_LAB_DATA to another folder."
    )
