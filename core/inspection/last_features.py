"""What a network has made of each image just before its last layer decides."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import Anatomy
from core.inspection.predictions import CHUNK
from core.inspection.preserve import own_copy


@dataclass(frozen=True, eq=False)
class LastFeatures:
    """One vector for each image."""

    values: Tensor  # float32 (N, D), on the CPU
    what: str  # where they are, in words


def last_features(
    model: nn.Module,
    anatomy: Anatomy,
    images: LabelledImages,
    normalisation: Normalisation,
    report: Callable[[float], None] = lambda _done: None,
) -> LastFeatures:
    """What enters the last Linear layer, if that gives the outputs; else the outputs themselves, the logits.

    `images.pixels` is uint8 (N, C, H, W), in whose order the vectors come. Works on a copy of `model`;
    `report` hears the share (0–1) that is done.
    """
    own = own_copy(model)
    device = next((parameter.device for parameter in own.parameters()), torch.device("cpu"))
    seen: list[Tensor] = []
    last = anatomy.layers[-1] if anatomy.layers else None
    decides = last is not None and issubclass(last.module_type, nn.Linear) and len(last.shape) == 1
    if last is not None and decides:
        own.get_submodule(last.name).register_forward_pre_hook(
            lambda _module, inputs: seen.append(inputs[0].flatten(1).float().cpu())  # (n, D)
        )
    outputs: list[Tensor] = []
    chunks = images.pixels.split(CHUNK)
    with torch.inference_mode():
        for chunk in chunks:
            outputs.append(own(normalisation(chunk.to(device))).float().cpu())  # (n, K)
            report(len(outputs) / len(chunks))
    values = torch.cat(seen if decides else outputs).clone()  # outside inference mode: free for any use
    count = values.shape[1]
    if last is not None and decides:
        return LastFeatures(
            values, f"the {count:,} numbers that enter the last layer, {last.kind} ({last.name})"
        )
    return LastFeatures(values, f"the {count:,} logits, since no Linear layer comes last")
