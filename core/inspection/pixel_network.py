"""A trained network that takes pixels as they are, so that what is done to an image is said in grey levels."""

import torch
from torch import Tensor, nn

from core.data.normalisation import Normalisation
from core.inspection.preserve import own_copy


class PixelNetwork:
    """A copy of a network with its normalisation in front; any number of threads may call it.

    Its weights want no gradient, nothing is hooked: it can only be asked.
    """

    def __init__(self, model: nn.Module, normalisation: Normalisation) -> None:
        self._model = own_copy(model).requires_grad_(False)
        self._normalisation = normalisation

    def __call__(self, pixels: Tensor) -> Tensor:
        """Logits (N, K) of pixels (N, C, H, W) in 0–255, whole or not; differentiable in the pixels."""
        logits: Tensor = self._model(self._normalisation.of_scaled(pixels.float() / 255))
        return logits

    def asked(self, pixels: Tensor) -> Tensor:
        """The same without gradients."""
        with torch.no_grad():
            return self(pixels)
