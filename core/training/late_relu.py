"""A ReLU right before a maximum pooling is computed right behind it while a network learns, on fewer values.

ReLU never changes which of two values is the larger one: max(relu(a), relu(b)) = relu(max(a, b)). So what a network
gives, and each of its gradients, is the same bit by bit. Where the largest value of a window is above 0, the gradient
goes to that value either way; where it is not, ReLU lets none through either way.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LateReLU(nn.ReLU):
    """A ReLU that leaves its work to the pooling behind it while it learns; a ReLU becomes one by its `__class__`.

    Whoever looks at what it gives, without a gradient or in eval mode, finds what a ReLU gives.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """The maps (N, C, H, W) as they are, or the ReLU of each value."""
        return maps if self.training and torch.is_grad_enabled() else super().forward(maps)


class MaxPool2dThenReLU(nn.MaxPool2d):
    """The maximum pooling behind a LateReLU; a MaxPool2d becomes one by its `__class__`."""

    def forward(self, maps: Tensor) -> Tensor:
        """The largest value of each window, or 0 where it is below: (N, C, H, W) → (N, C, H', W')."""
        pooled: Tensor = super().forward(maps)
        return F.relu(pooled)  # of values that are 0 or more already it changes none


def pool_first(model: nn.Module) -> None:
    """Have every ReLU of `model` whose values go straight into a maximum pooling wait for it."""
    for module in model.modules():
        if isinstance(module, nn.Sequential):
            for relu, pool in pairwise(module):
                if type(relu) is nn.ReLU and type(pool) is nn.MaxPool2d and not pool.return_indices:
                    relu.__class__, pool.__class__ = LateReLU, MaxPool2dThenReLU
