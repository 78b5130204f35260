"""How much memory a run needs, and whether it is there: found out before a worker starts, not by running out of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import psutil
import torch

from core.data import catalogue
from core.data.batches import AHEAD, EVALUATION_BATCH
from core.data.dataset import DataMissing
from core.networks.analysis import analyse
from core.networks.machine import MEMORY
from core.networks.rows import BYTES, LayerRow
from core.training import device, onednn
from core.training.config import RunRequest
from core.training.optimizers import OPTIMIZERS

WORKER = 750 * 2**20  # bytes of a process with PyTorch in it, and with what its allocator keeps in hand
WORKER_CUDA = 2 * 2**30  # with CUDA's libraries as well
ENDLESS = 2**62  # so that a network is looked at to its end, however large it is
CONTEXT = 600 * 2**20  # that CUDA itself takes on the GPU


@dataclass(frozen=True)
class Memory:
    """Bytes, of main memory and of the GPU's."""

    main: int
    gpu: int = 0

    def without(self, other: Memory) -> Memory:
        """What is left of it."""
        return Memory(self.main - other.main, self.gpu - other.gpu)


def needed(request: RunRequest) -> Memory:
    """An estimate of what training takes at its peak; of main memory alone where it does not train on CUDA.

    A weight is kept with its gradient and what the optimizer remembers of it; once more, with the optimizer's
    memory, while a checkpoint is written; and once more where the best weights are kept for early stopping. A batch
    takes each layer's output and its gradient, an evaluation two layers' outputs of EVALUATION_BATCH images at a
    time, and the images are gathered and normalised AHEAD at once.

    Raises DataMissing where the data set is not known, ValueError for a device that is not here.
    """
    place = device.resolve(request.config.device)
    parts = _parts(request)
    if place.type != "cuda":
        return Memory(sum(parts) + WORKER)
    weights, _, images = parts
    return Memory(WORKER_CUDA + weights + 2 * images, sum(parts) + CONTEXT)


def _parts(request: RunRequest) -> tuple[int, int, int]:
    """Bytes of the network, of a batch and of the images."""
    record, data, config = catalogue.record(request.data.dataset), request.data, request.config
    shape = record.shape_as(data.image)
    analysis = analyse(request.network, shape, len(record.classes), memory=ENDLESS)
    image, size = math.prod(shape), catalogue.size(data.dataset, data.image)
    # at most so many images to train on: the test images are among them, and each has a label besides its pixels
    most = math.ceil(size / image * data.share * (1 - data.validation_share)) or ENDLESS

    remembered = sum(name != "step" for name in OPTIMIZERS[config.optimizer].memory)
    copies = (1 + 1 + remembered) + (1 + remembered) + (1 if config.patience else 0)
    weights = BYTES * copies * analysis.parameters

    widest = max((row.activation_bytes for row in analysis.rows), default=0)
    batch = min(config.batch_size, most)
    step = 2 * batch * _outputs(analysis.rows, batch, device.resolve(config.device))
    evaluation = EVALUATION_BATCH * (2 * widest + BYTES * image)
    ahead = min(max(AHEAD, config.batch_size), most) * BYTES * image
    return weights, max(step, evaluation) + ahead, size


def _outputs(rows: Sequence[LayerRow], batch: int, place: torch.device) -> int:
    """Bytes of what all layers give for one image of a batch, where oneDNN may fill up the maps of a few channels."""
    channels = [row.output_shape[0] for row in rows if row.kind == "Conv2d"]
    few = min(channels, default=0) >= onednn.FEWEST_CHANNELS and max(channels, default=0) <= onednn.BLOCK
    filled = few and batch >= onednn.FEWEST_IMAGES and onednn.pays(place)
    return sum(
        row.activation_bytes * onednn.BLOCK // row.output_shape[0]
        if filled and len(row.output_shape) == 3
        else row.activation_bytes
        for row in rows
    )


@dataclass(frozen=True)
class Verdict:
    """Whether a run can start: at once, later, or never."""

    state: str  # fits | waits | too large
    sentence: str = ""  # why not, and what to do


FITS = Verdict("fits")


def judge(need: Memory, whole: Memory, free: Memory) -> Verdict:
    """Whether a run that needs so much starts on a machine that has so much, of which so much is free now."""
    places = [
        ("memory", need.main, whole.main, free.main),
        ("GPU memory", need.gpu, whole.gpu, free.gpu),
    ]
    for where, wanted, all_of_it, _ in places:
        if wanted > all_of_it:
            return Verdict(
                "too large",
                f"This run needs about {_gib(wanted)} of {where}, and this machine has {_gib(all_of_it)}: "
                "choose a smaller batch size or a smaller network.",
            )
    for where, wanted, all_of_it, now in places:
        if wanted > now:
            return Verdict(
                "waits",
                f"It waits for {where}: it needs about {_gib(wanted)} of this machine's {_gib(all_of_it)}, and "
                "so much is not free just now. A smaller batch size needs less.",
            )
    return FITS


def never_fits(request: RunRequest) -> str:
    """Why this machine can't ever train it, a sentence that says what to do; "" where it can, or nobody knows."""
    try:
        need = needed(request)
    except (DataMissing, ValueError):
        return ""
    whole = Memory(MEMORY, gpu_bytes())
    return judge(need, whole, whole).sentence


def still_to_take(need: Memory, pid: int) -> Memory:
    """What the worker `pid` may still take of main memory, and all that it needs of the GPU's.

    The GPU is asked for nothing, since that would take memory there; so it counts as free but for these runs.
    """
    try:
        taken = psutil.Process(pid).memory_info().rss
    except psutil.Error:  # it has just ended
        taken = need.main
    return Memory(max(need.main - taken, 0), need.gpu)


def gpu_bytes() -> int:
    """All memory of the GPU that runs use; 0 without one."""
    return torch.cuda.get_device_properties(0).total_memory if torch.cuda.is_available() else 0


def _gib(number: int) -> str:
    return f"{number / 2**30:.1f} GiB"
