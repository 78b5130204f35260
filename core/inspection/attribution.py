"""Which pixels speak for a class: one image, one method of METHODS, one map."""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import anatomy
from core.inspection.controls import SettingError, Value, complete
from core.inspection.maps import AttributionMap, Case
from core.inspection.methods import METHODS
from core.inspection.preserve import not_in_place, own_copy, reporting

__all__ = ["METHODS", "AttributionMap", "SettingError", "MethodUnableError", "attribute"]


class MethodUnableError(ValueError):
    """A network that a method can't serve; the text says why."""


def attribute(
    model: nn.Module,
    pixels: Tensor,
    normalisation: Normalisation,
    target: int,
    method: str,
    settings: Mapping[str, Value] | None = None,
    background: LabelledImages | None = None,
    report: Callable[[int], None] | None = None,
) -> AttributionMap:
    """The map of one image for the logit of class `target`, by METHODS[method]; settings left out get
    defaults.

    `pixels` is uint8 (C, H, W); `normalisation` is the one that the network was trained with; `background`
    are images to compare with, which some methods need. `report` is told before each forward pass how many
    images have gone through the network so far; what it raises ends the attribution. Any number of threads
    may call this for one model: each works on a copy of its own (see `own_copy`), on the model's device, with
    random numbers of its own. Raises MethodUnableError for a network that the method can't serve,
    SettingError for a setting that it can't use, and KeyError for an unknown method.
    """
    chosen = METHODS[method]
    start = time.perf_counter()
    own = not_in_place(own_copy(model))
    device = next((parameter.device for parameter in own.parameters()), torch.device("cpu"))
    image = normalisation(pixels[None].to(device)).requires_grad_()  # uint8 (C, H, W) → float32 (1, C, H, W)
    built = anatomy(own, image[0])
    reason = chosen.unable(built)
    if reason:
        raise MethodUnableError(f"{chosen.name} can't serve this network. {reason}")
    layers = [layer.name for layer in built.maps]
    complete_settings = complete(chosen.controls, settings or {}, layers, built.last_convolution)
    if report is not None:
        reporting(own, report)
    with torch.enable_grad():
        found = chosen.compute(Case(own, image, target, normalisation, background), complete_settings)
    return replace(found, seconds=time.perf_counter() - start)
