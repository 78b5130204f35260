"""What a run can be taken away as: one record for each kind of file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.networks.source.names import stem
from core.training.export import weights
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
}
