"""What attribution methods need to know of a network: its layers in the order of the forward pass, and
their shapes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.inspection.preserve import preserved
from core.networks.modules import Parallel, Residual, Skip

BLOCKS = (Residual, Skip, Parallel)


@dataclass(frozen=True)
class LayerFacts:
    """One layer, or a block that joins inner layers, as one image saw it."""

    name: str  # its path in the model, as in `model.get_submodule(name)`
    kind: str  # the name of its class
    module_type: type[nn.Module]
    shape: tuple[int, ...]  # of its output, without the batch

    @property
    def has_map(self) -> bool:
        """Whether it hands on feature maps (C, h, w) of more than one position."""
        return len(self.shape) == 3 and self.shape[1] * self.shape[2] > 1

    @property
    def label(self) -> str:
        """For a list of layers: kind, place and the shape of the output."""
        return f"{self.kind} ({self.name}) → {'×'.join(str(size) for size in self.shape)}"


@dataclass(frozen=True)
class Anatomy:
    """The layers of a network in the order of the forward pass."""

    layers: tuple[LayerFacts, ...]

    @property
    def maps(self) -> tuple[LayerFacts, ...]:
        """The layers that hand on feature maps."""
        return tuple(layer for layer in self.layers if layer.has_map)

    @property
    def last_convolution(self) -> str | None:
        """The name of the last convolution that hands on feature maps, Grad-CAM's usual layer."""
        names = [layer.name for layer in self.maps if issubclass(layer.module_type, nn.Conv2d)]
        return names[-1] if names else None

    def has(self, *types: type[nn.Module]) -> bool:
        """Whether a layer of one of these types is there."""
        return any(issubclass(layer.module_type, types) for layer in self.layers)


def anatomy(model: nn.Module, image: Tensor) -> Anatomy:
    """Send one normalised image (C, H, W) through `model` and note what each layer hands on."""
    seen: list[LayerFacts] = []

    def note(name: str, module: nn.Module, output: Tensor) -> None:
        seen.append(LayerFacts(name, type(module).__name__, type(module), tuple(output.shape[1:])))

    with preserved(model), torch.no_grad():
        model.eval()
        for name, module in model.named_modules():
            inner = list(module.children())
            if isinstance(module, BLOCKS) or not (inner or isinstance(module, nn.Sequential)):
                module.register_forward_hook(
                    lambda module, _inputs, output, name=name: note(name, module, output)
                )
        model(image[None])  # (C, H, W) → (1, C, H, W)
    return Anatomy(tuple(seen))
