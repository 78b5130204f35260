"""The module that a design becomes: layers in a row, of which all but the head may be frozen."""

from typing import Self

from torch import nn

from core.networks.spec import SpecError


class Network(nn.Sequential):
    """Layers in a row. Frozen, it learns with its head alone, which is its last Linear.

    All other parameters then need no gradient, and batch normalisation goes on with the statistics that it
    came with, in train mode too: a frozen layer gives the same for the same image, however long one trains.
    Dropout draws as ever.
    """

    frozen = False

    def freeze(self) -> Self:
        """Let only the head learn from now on; raises SpecError for a network without a Linear layer."""
        _, head = last_linear(self)
        for parameter in self.parameters():
            parameter.requires_grad_(False)
        for parameter in head.parameters():
            parameter.requires_grad_(True)
        self.frozen = True
        return self.train(self.training)

    def train(self, mode: bool = True) -> Self:
        """As for any module; but in a frozen network batch normalisation stays in eval mode."""
        super().train(mode)
        if self.frozen:
            for module in self.modules():
                if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
                    module.eval()
        return self


def last_linear(model: nn.Module) -> tuple[str, nn.Linear]:
    """The head, with its path for `get_submodule`; raises SpecError if there is none."""
    for path, module in reversed(list(model.named_modules())):
        if isinstance(module, nn.Linear):
            return path, module
    raise SpecError(
        "The head of a network is its last Linear layer, and this one has none: add a Linear at the end, "
        "or train the whole network from random weights."
    )
