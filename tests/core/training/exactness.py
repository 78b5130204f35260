"""How exact the gradients of a network are that computes in one precision or another."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.training.precision import autocast

CLASSES = 5


def gradients(model: nn.Module, images: Tensor, computed_in: str) -> list[Tensor]:
    """Of the images and of all parameters that learn."""
    images = images.clone().requires_grad_()
    with autocast(computed_in, torch.device("cpu")):
        logits = model(images)
    loss = F.cross_entropy(logits.to(images.dtype), torch.arange(len(images)) % CLASSES)
    return list(torch.autograd.grad(loss, [images, *(p for p in model.parameters() if p.requires_grad)]))


def off(found: list[Tensor], true: list[Tensor]) -> list[float]:
    """How far each is from the truth, relative to it."""
    return [
        ((one.double() - other).norm() / other.norm()).item() for one, other in zip(found, true, strict=True)
    ]
