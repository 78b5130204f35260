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
    counts: list[list[int]]  # the confusion matrix: [true class][predicted class]


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
    losses, pairs, classes = [], [], 0
    with evaluating(model), torch.inference_mode():
        for images, labels in batches.in_order():
            logits = model(images).float()  # (N, K)
            classes = logits.shape[1]
            losses.append(F.cross_entropy(logits, labels, reduction="sum"))
            pairs.append(labels * classes + logits.argmax(dim=1))
        loss = torch.stack(losses).cpu().double().sum()  # the one moment when Python waits for the device
        counts = torch.bincount(torch.cat(pairs).cpu(), minlength=classes * classes)
    confusion = counts.view(classes, classes)
    right = confusion.diagonal().sum().item()
    return Evaluation(loss.item() / len(batches), right / len(batches), len(batches), confusion.tolist())
