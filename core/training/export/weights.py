"""The weights of a checkpoint as files that other programs read, under the names of our PyTorch program."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping

import torch
from safetensors.torch import save as to_safetensors
from torch import Tensor

from core.data import catalogue
from core.networks.analysis import analyse
from core.networks.json_form import to_json
from core.networks.source import pytorch
from core.networks.source.outline import outline
from core.networks.spec import NetworkSpec, Shape
from core.training import checkpoint
from core.training.runs.records import CheckpointRecord, Run
from core.training.runs.store import RunStore


def safetensors(_store: RunStore, run: Run, record: CheckpointRecord) -> bytes:
    """The weights as safetensors; raises CheckpointDamaged.

    Its metadata are texts: `network` (JSON, as the Design page reads it), `classes`, `mean` and `std` (JSON
    lists; an image is normalised as (x / 255 − mean) / std, channel by channel), `input_shape` (C, H, W), `run`,
    `step` and `epoch`.
    """
    state = checkpoint.load(record.path, record.sha256)
    known = catalogue.record(run.request.data.dataset)
    metadata = {
        "network": to_json(run.request.network),
        "classes": json.dumps(known.classes, ensure_ascii=False),
        "mean": json.dumps(state.mean),
        "std": json.dumps(state.std),
        "input_shape": json.dumps(known.shape_as(run.request.data.image)),
        "run": run.id,
        "step": str(record.step),
        "epoch": f"{record.epoch:g}",
    }
    return to_safetensors(weights(run, state), metadata)


def state_dict(_store: RunStore, run: Run, record: CheckpointRecord) -> bytes:
    """The weights as PyTorch's state_dict, which `torch.load` reads with weights_only; raises CheckpointDamaged."""
    content = io.BytesIO()
    torch.save(weights(run, checkpoint.load(record.path, record.sha256)), content)
    return content.getvalue()


def renamed(
    state: Mapping[str, Tensor], spec: NetworkSpec, input_shape: Shape, classes: int
) -> dict[str, Tensor]:
    """The tensors of a network that `build` made, under the names that they have in the program of `to_source`.

    Both define the same layers in the same order, so the n-th layer with weights is the same in both.
    """
    names = module_names(state, spec, input_shape, classes)
    return {
        f"{names[name.rpartition('.')[0]]}.{name.rpartition('.')[2]}": tensor
        for name, tensor in state.items()
    }


def module_names(state: Iterable[str], spec: NetworkSpec, input_shape: Shape, classes: int) -> dict[str, str]:
    """Layers with weights: how `build` calls them → how the program of `to_source` calls them."""
    ours = dict.fromkeys(name.rpartition(".")[0] for name in state)  # conv1, residual1.branches.0.conv2 …
    program = pytorch.modules(outline(analyse(spec, input_shape, classes)))
    theirs = [path for path, module in program if module.state_dict()]
    return dict(zip(ours, theirs, strict=True))


def weights(run: Run, state: checkpoint.TrainingState) -> dict[str, Tensor]:
    """The weights of a state, under the names of our PyTorch program."""
    known = catalogue.record(run.request.data.dataset)
    tensors = renamed(
        state.model, run.request.network, known.shape_as(run.request.data.image), len(known.classes)
    )
    return {name: tensor.contiguous() for name, tensor in tensors.items()}  # channels_last is no file format
