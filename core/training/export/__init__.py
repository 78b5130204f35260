"""What a run can be taken away as: one record for each kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.networks.source.names import stem
from core.training.export import event_files, metrics, weights
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore


@dataclass(frozen=True)
class Export:
    """One kind of file."""

    label: str
    purpose: str  # what it is for, one sentence
    ending: str  # of the file's name, from the dot on
    mime: str
    make: Callable[[RunStore, Run, CheckpointRecord], bytes]  # of the run, and of one of its checkpoints

    def file_name(self, run: Run) -> str:
        """`run_3_lenet.safetensors`."""
        return f"run_{run.number}_{stem(run.name)}{self.ending}"


EXPORTS: dict[str, Export] = {
    "safetensors": Export(
        "Weights, safetensors",
        "Plain numbers with the network, the normalisation and the classes beside them; no code can hide in it.",
        ".safetensors",
        "application/octet-stream",
        weights.safetensors,
    ),
    "state-dict": Export(
        "Weights, PyTorch",
        "A state_dict for `model.load_state_dict(torch.load(file))`, where `model` is the PyTorch program of the "
        "Design page.",
        ".pt",
        "application/octet-stream",
        weights.state_dict,
    ),
    "json": Export(
        "All numbers, JSON",
        "Every setting, every point of the curves, the test result, the device, and the SHA-256 of the weights: "
        "enough to draw or to check all of it elsewhere.",
        ".json",
        "application/json",
        metrics.to_metrics_file,
    ),
    "csv": Export(
        "Curves, CSV",
        "The points of the curves, a line each, for a spreadsheet.",
        ".csv",
        "text/csv",
        metrics.to_csv,
    ),
    "tensorboard": Export(
        "TensorBoard",
        "Unpack it and start `tensorboard --logdir` on the folder: the curves, the settings, and the confusion "
        "matrix and the first layer of each epoch, beside runs of other programs.",
        "_tensorboard.zip",
        "application/zip",
        event_files.event_files,
    ),
}
