"""What is looked at beside the curves: a few images again and again, the first layer's weights, single steps."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from core.data.batches import Batches
from core.training import health
from core.training.evaluation import Evaluation, evaluating
from core.training.magnifier import SHOWN, Magnifier, Taken, image_losses
from core.training.observations import ClassCounts, Health, Kernels, StepUnderMagnifier, Watched, packed
from core.training.optimizers import learning_rate, weight_decay

WATCHED = 20  # validation images
MOST_KERNELS = 64

Moment = tuple[int, float, float]  # steps, epochs and seconds since the start


class Observer:
    """Makes the observations of one run."""

    def __init__(
        self, model: nn.Module, optimizer: Optimizer, training: Batches, validation: Batches
    ) -> None:
        self._model, self._optimizer, self._training = model, optimizer, training
        self._watched = watched_positions(validation.labels.cpu())
        self._watched_images = validation.at(torch.tensor(self._watched))

    def look(self, moment: Moment, evaluation: Evaluation) -> Iterator[ClassCounts | Watched | Kernels]:
        """What is kept of a look at the network, beside its loss and accuracy."""
        yield ClassCounts(*moment, evaluation.counts)
        yield Watched(*moment, self._watched, probabilities(self._model, self._watched_images))
        kernels = first_kernels(self._model, self._training.input_shape)
        if kernels:
            layer, weights = kernels
            largest, levels = quantised(weights)
            yield Kernels(*moment, layer, list(weights.shape), largest, packed(levels.numpy()))

    def health(self, moment: Moment, before: dict[str, list[Tensor]], images: Tensor) -> Health:
        """What the step did that was just taken from the weights `before`, and how units respond to its images."""
        flow = health.gradients(self._model, before)
        units = health.activations(self._model, images)
        return Health(
            *moment,
            images=units.images,
            layers=flow.layers,
            gradient_norms=flow.norms,
            update_ratios=flow.update_ratios,
            activations=units.layers,
            dead=units.dead,
            saturated=units.saturated,
        )

    def magnified(self, moment: Moment, magnifier: Magnifier, taken: Taken) -> StepUnderMagnifier:
        """The step that was just taken, under the magnifier that was set up before it."""
        shown = self._training.normalisation.undo(taken.images[:SHOWN].detach())
        labels, logits = taken.labels[:SHOWN], taken.logits[:SHOWN].detach()
        norms = magnifier.gradient_norms()
        return StepUnderMagnifier(
            *moment,
            images=len(taken.images),
            shape=list(shown.shape),
            pixels=packed(shown.cpu().contiguous().numpy()),
            labels=(labels if labels.ndim == 1 else labels.argmax(dim=1)).tolist(),
            logits=logits.float().tolist(),
            losses=image_losses(logits, labels),
            loss=taken.loss.item(),
            gradient_norm=math.hypot(*norms),
            learning_rate=learning_rate(self._optimizer),
            weight_decay=weight_decay(self._optimizer),
            parameters=magnifier.names,
            gradient_norms=norms,
            weights=magnifier.weights(),
            counts=[] if taken.counts is None else taken.counts[:SHOWN].tolist(),
        )


def watched_positions(labels: Tensor, count: int = WATCHED) -> list[int]:
    """`count` positions in `labels` (N,), the classes in turn, always the same ones; all if there are fewer."""
    members = [(labels == label).nonzero().flatten().tolist() for label in labels.unique().tolist()]
    turns = [positions[turn] for turn in range(count) for positions in members if turn < len(positions)]
    return turns[:count]


def probabilities(model: nn.Module, images: Batches) -> list[list[float]]:
    """What `model` gives each class of each image, in eval mode: [image][class]."""
    with evaluating(model), torch.inference_mode():
        given = [model(pixels).float().softmax(dim=1) for pixels, _labels in images.in_order()]
    return [[round(share, 4) for share in row] for row in torch.cat(given).tolist()]


def first_kernels(model: nn.Module, input_shape: tuple[int, int, int]) -> tuple[str, Tensor] | None:
    """The first layer's name and weights as images (kernels, channels, height, width).

    A Linear layer that sees the whole image (C, H, W) has one image of weights a unit. None where the first
    layer with weights is neither.
    """
    for name, module in model.named_modules():
        if isinstance(module, nn.Conv2d):
            return name, module.weight.detach()[:MOST_KERNELS]
        if isinstance(module, nn.Linear) and module.in_features == math.prod(input_shape):
            return name, module.weight.detach()[:MOST_KERNELS].unflatten(1, input_shape)
        if next(module.parameters(recurse=False), None) is not None:
            return None
    return None


def quantised(weights: Tensor) -> tuple[float, Tensor]:
    """The largest |weight|, and all of them in steps of its 127th: int8."""
    largest = weights.abs().max().item()
    return largest, (weights / (largest or 1.0) * 127).round().to(torch.int8).cpu()
