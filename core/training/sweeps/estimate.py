"""How long a sweep will train, from how quickly earlier runs did."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.training import device
from core.training.config import RunRequest
from core.training.runs.records import Run
from core.training.sweeps.sweep import analysis_of
from core.training.timing import BACKWARD


@dataclass(frozen=True)
class Estimate:
    """Seconds of training of all runs, one after another, and what they are from."""

    seconds: float | None  # None where nothing like it was measured
    source: str  # a sentence


def estimate(requests: Sequence[RunRequest], earlier: Sequence[Run], images: int | None) -> Estimate:
    """For `requests` on a data set of so many training `images`, validation included; None while unknown.

    An epoch takes a forward and a backward pass for each training image and a forward pass for each validation
    image, a third of that. The speed is that of the newest earlier run with the same network, images, batch size
    and device; else that of the run on the same device whose network is nearest in MACs, in proportion to them.
    """
    if images is None:
        return Estimate(None, "The time is not known before the data set is here.")
    measured = [run for run in sorted(earlier, key=lambda run: -run.number) if run.images_per_second]
    seconds, same = 0.0, 0
    for request in requests:
        place = _place(request)
        here = [run for run in measured if run.device == place]
        alike = next((run for run in here if _key(run.request) == _key(request)), None)
        speed = alike.images_per_second if alike else _scaled(request, here)
        if not speed:
            return Estimate(None, f"The time is not known: no run was measured on {place} yet.")
        same += alike is not None
        seconds += _seconds(request, images, speed)
    return Estimate(seconds, _source(same, len(requests)))


def _source(same: int, total: int) -> str:
    if same == total:
        return "From earlier runs with the same network, images and batch size."
    if same == 0:
        return (
            "A rough guess: from an earlier run of another network or batch size, in proportion to the MACs."
        )
    return (
        f"{same} of {total} from earlier runs with the same network, images and batch size; the rest is a rough "
        "guess, in proportion to the MACs."
    )


def _place(request: RunRequest) -> str:
    try:
        return device.describe(device.resolve(request.config.device))
    except ValueError:
        return f"the device {request.config.device}"


def _key(request: RunRequest) -> tuple[object, ...]:
    """What a speed depends on, apart from the device."""
    data = request.data
    return request.network, data.dataset, data.image, request.config.batch_size


def _macs(request: RunRequest) -> int:
    analysis = analysis_of(request)
    return 0 if analysis is None or analysis.problems else analysis.macs


def _scaled(request: RunRequest, measured: Sequence[Run]) -> float | None:
    """Images a second, from the run whose MACs are nearest as a ratio."""
    wanted = _macs(request)
    known = [(macs, run) for run in measured if (macs := _macs(run.request))]
    if not known or not wanted:
        return None
    macs, run = min(known, key=lambda pair: abs(math.log(pair[0] / wanted)))
    assert run.images_per_second is not None
    return run.images_per_second * macs / wanted


def _seconds(request: RunRequest, images: int, speed: float) -> float:
    data, config = request.data, request.config
    training = images * (1 - data.validation_share) * data.share
    validation = images * data.validation_share / (1 + BACKWARD)
    seconds = config.epochs * (training + validation) / speed
    return seconds if config.seconds is None else min(seconds, config.seconds)
