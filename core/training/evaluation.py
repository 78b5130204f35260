"""The loss and accuracy of a network with fixed weights."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

from core.data.batches import Batches


@dataclass(frozen=True)
class Evaluation:
    """What one pass over some images gave."""

    loss: float  # mean over the images, nats
    accuracy: float  # 0–1
    images: int


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Eval mode inside; afterwards, also after an error, each module has the mode that it had."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def evaluate(model: nn.Module, batches: Batches) -> Evaluation:
    """Every image of `batches` once, in eval mode and without gradients; the model is left as it was."""
    losses, correct = [], []
    with evaluating(model), torch.inference_mode():
        for images, labels in batches.in_order():
            logits = model(images)
            losses.append(F.cross_entropy(logits, labels, reduction="sum"))
            correct.append((logits.argmax(dim=1) == labels).sum())
        loss = torch.stack(losses).cpu().double().sum()  # the one moment when Python waits for the device
        accuracy = torch.stack(correct).cpu().sum()
    return Evaluation(loss.item() / len(batches), accuracy.item() / len(batches), len(batches))
