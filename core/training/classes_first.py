"""The last layer's logits, and the loss of them, with the classes lying first in memory.

Usually the ten logits of an image lie side by side. A CPU computes with 16 float32 numbers at once: those of one image
leave six places empty, and the softmax is one small sum after another. With the classes first, 16 images are computed
side by side. The last product and the loss of 512 images then take two thirds of the time (784 features, one thread of
an AMD EPYC); they are the same but for the order of their sums.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MOST_CLASSES = 16  # more of them fill up the CPU's registers the usual way, too
FEWEST_LOGITS = 2_560  # of a batch: with fewer, the two views more that it takes cost what it gains


class ClassesFirstLinear(nn.Linear):
    """A Linear whose outputs lie classes first while it learns from large batches on a CPU.

    A Linear becomes one by its `__class__`.
    """

    def forward(self, features: Tensor) -> Tensor:
        """(N, in) → (N, out), as a view of (out, N) where that is quicker."""
        learns = self.training and torch.is_grad_enabled()
        flat_on_cpu = features.ndim == 2 and features.device.type == "cpu"
        if not (learns and flat_on_cpu and pays(len(features), self.out_features)):
            return super().forward(features)
        if self.bias is None:
            return (self.weight @ features.t()).t()
        return torch.addmm(self.bias.unsqueeze(1), self.weight, features.t()).t()


def pays(images: int, classes: int) -> bool:
    """Whether it is quicker for batches of so many images."""
    return classes <= MOST_CLASSES and images * classes >= FEWEST_LOGITS


def put_classes_first(model: nn.Module) -> None:
    """Have the last layer of `model` do so, if it is a Linear."""
    *_, last = model.modules()
    if type(last) is nn.Linear:
        last.__class__ = ClassesFirstLinear


def ends_so(model: nn.Module, batch_size: int) -> bool:
    """Whether `model` does so on a CPU, in batches of that size."""
    *_, last = model.modules()
    return isinstance(last, nn.Linear) and pays(batch_size, last.out_features)


def cross_entropy(logits: Tensor, labels: Tensor, **options: Any) -> Tensor:
    """As `F.cross_entropy`, which would copy logits (N, K) whose classes lie first into the usual order.

    Labels (N,), or (N, K) where they are probabilities; `options` are a `label_smoothing` and a `reduction`.
    """
    if logits.is_contiguous():
        return F.cross_entropy(logits, labels, **options)
    if labels.ndim == 2:
        labels = labels.t()
    # one image of N pixels, each with its class: in that form classes may lie first
    losses = F.cross_entropy(logits.t().unsqueeze(0), labels.unsqueeze(0), **options)
    return losses.squeeze(0)
