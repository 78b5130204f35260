"""What a run's checkpoints say of one image, from the first to the last."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.data.normalisation import Normalisation
from core.training import checkpoint
from core.training.checkpoint import CheckpointDamaged
from core.training.config import RunRequest
from core.training.runs.records import CheckpointRecord

MOST = 40  # checkpoints that are asked
MOST_BYTES = 200 * 2**20  # of their files in all


@dataclass(frozen=True, eq=False)
class ImageHistory:
    """Logits of one image over a run."""

    epochs: tuple[float, ...]  # passes over the training split at each checkpoint
    logits: Tensor  # float32 (n, K)

    @property
    def predicted(self) -> list[int]:
        """The class that each checkpoint names."""
        found: list[int] = self.logits.argmax(dim=1).tolist()
        return found

    def sentence(self, classes: Sequence[str], true: int | None) -> str:
        """How the answer came about, in words."""
        said = self.predicted
        if len(said) < 2:
            return "The store keeps one checkpoint of this run: there is no history to show."
        places = [0] + [k for k in range(1, len(said)) if said[k] != said[k - 1]]
        since = (
            "from the first checkpoint on"
            if len(places) == 1
            else f"since epoch {self.epochs[places[-1]]:.3g}"
        )
        text = f"{classes[said[-1]]} {since}"
        if len(places) > 2:
            text += f"; it changed its answer {len(places) - 1} times over {len(said)} checkpoints"
        if true is not None and true not in said:
            text += f"; {classes[true]}, the true class, was never its answer"
        return f"{text}."


def chosen_checkpoints(records: Sequence[CheckpointRecord]) -> list[CheckpointRecord]:
    """At most MOST of them, of at most MOST_BYTES, evenly over the run; always the last."""
    if not records:
        return []
    largest = max(record.bytes for record in records)
    most = max(1, min(MOST, MOST_BYTES // max(1, largest)))
    if len(records) <= most:
        return list(records)
    places = torch.linspace(len(records) - 1, 0, most).round().long().unique().tolist()
    return [records[place] for place in places]


def image_history(
    request: RunRequest,
    records: Sequence[CheckpointRecord],
    pixels: Tensor,
    normalisation: Normalisation,
    classes: int,
) -> ImageHistory:
    """Ask each of `records`, made for `request`, about uint8 (C, H, W); those that can't be read are left out."""
    channels, height, width = pixels.shape
    image = normalisation(pixels[None])  # (1, C, H, W)
    epochs, logits = [], []
    for record in records:
        try:
            model = checkpoint.load_model(
                request, record.path, (channels, height, width), classes, record.sha256
            )
        except CheckpointDamaged:
            continue
        with torch.no_grad():
            logits.append(model(image)[0].float())
        epochs.append(record.epoch)
    return ImageHistory(tuple(epochs), torch.stack(logits) if logits else torch.empty(0, classes))
