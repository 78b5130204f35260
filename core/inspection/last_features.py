"""What a network has made of an image just before its last layer with weights decides."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import anatomy
from core.inspection.predictions import at_once
from core.inspection.preserve import own_copy
from core.training.layout import layout


class FeatureNetwork:
    """A copy of a network that gives what its last layer with weights takes in; any number of threads may use it."""

    def __init__(self, model: nn.Module, normalisation: Normalisation, image: Tensor) -> None:
        """`image` is any uint8 (C, H, W) that the network takes."""
        self._lock = threading.Lock()
        self._device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
        self._form = layout(model, self._device)  # as `predict` does it
        self._model = own_copy(model).requires_grad_(False).to(memory_format=self._form)
        self._normalisation = normalisation
        layers = anatomy(self._model, self._given(image[None])[0]).layers
        weighted = [layer for layer in layers if issubclass(layer.module_type, nn.Linear | nn.Conv2d)]
        self._last = weighted[-1] if weighted else None

    def __call__(self, pixels: Tensor) -> Tensor:
        """uint8 (N, C, H, W) → float32 (N, D), on the CPU; feature maps are averaged over their positions.

        Of a network in which nothing is learned they are the normalised pixels themselves.
        """
        given = self._given(pixels)
        if self._last is None:
            return given.flatten(1).cpu()
        seen: list[Tensor] = []
        with self._lock, torch.no_grad():  # one hook at a time
            last = self._model.get_submodule(self._last.name)
            hook = last.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].clone()))
            try:
                self._model(given)
            finally:
                hook.remove()
        features = seen[-1].float().cpu()
        return features.mean(dim=(2, 3)) if features.ndim == 4 else features.flatten(1)

    def what(self, count: int) -> str:
        """Where its `count` numbers are, in words."""
        if self._last is None:
            return f"its {count:,} pixels, since no layer learns anything"
        maps = " (means of its feature maps)" if issubclass(self._last.module_type, nn.Conv2d) else ""
        last = f"{self._last.kind} ({self._last.name})"
        return f"the {count:,} numbers that enter the last layer with weights, {last}{maps}"

    def _given(self, pixels: Tensor) -> Tensor:
        return self._normalisation(pixels.to(self._device)).contiguous(memory_format=self._form)


@dataclass(frozen=True, eq=False)
class LastFeatures:
    """One vector for each image."""

    values: Tensor  # float32 (N, D), on the CPU
    what: str  # where they are, in words


def last_features(
    model: nn.Module,
    images: LabelledImages,
    normalisation: Normalisation,
    report: Callable[[float], None] = lambda _done: None,
) -> LastFeatures:
    """What `FeatureNetwork` gives of all images, in their order; `report` hears the share (0–1) that is done."""
    network = FeatureNetwork(model, normalisation, images.pixels[0])
    values: list[Tensor] = []
    chunks = images.pixels.split(at_once(images.pixels))
    for chunk in chunks:
        values.append(network(chunk))
        report(len(values) / len(chunks))
    found = torch.cat(values)
    return LastFeatures(found, network.what(found.shape[1]))
