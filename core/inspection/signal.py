"""The signal through a network at one moment: what one batch makes each layer say, and the gradients that come back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.inspection.distribution import Distribution
from core.inspection.preserve import preserved
from core.networks.analysis import Analysis
from core.networks.build import build
from core.networks.initialisation import Fans, build_anew, initialise
from core.networks.rows import LayerRow

BATCH = 64  # images, as in a first training step; fewer for a large network
FEWEST = 8  # images; fewer say little, and batch normalisation needs some
MOST_MACS = 6e9  # multiply-adds of the forward pass of the batch: a second or two, with the backward pass
MOST_BYTES = 2**29  # of activations, of parameters
DROPOUTS = (nn.Dropout, nn.Dropout2d)  # left out: they would only add noise
SAME = 1e-4  # units that differ by less than this share of the largest value count as one


@dataclass(frozen=True)
class LayerSignal:
    """What one batch does at one layer."""

    name: str
    kind: str
    activations: Distribution  # of the output
    gradients: Distribution  # of the loss with respect to the output
    weights: Distribution | None  # of the loss with respect to the weights; None for a layer without any
    fans: Fans | None  # of those weights; of the last ones where there are several
    averages: bool  # pooling by the mean on the main path, which weakens a signal whatever the weights
    same: bool  # all units give the same output and get the same gradient of their weights


@dataclass(frozen=True)
class Signal:
    """One forward and one backward pass, layer by layer in the order of execution."""

    layers: tuple[LayerSignal, ...]
    loss: float  # cross entropy, nats
    images: int

    @property
    def weighted(self) -> tuple[LayerSignal, ...]:
        """The layers whose weights an initialisation draws."""
        return tuple(layer for layer in self.layers if layer.weights)


class TooLarge(Exception):
    """A network that would keep the server busy for too long; the text is a sentence for the page."""


def batch_size(analysis: Analysis) -> int:
    """How many images a pass may take: BATCH, or fewer for a large network; raises TooLarge."""
    images = min(
        BATCH,
        int(MOST_MACS // max(analysis.macs, 1)),
        int(MOST_BYTES // max(analysis.activation_bytes, 1)),
    )
    if images < FEWEST or analysis.parameters * 4 > MOST_BYTES:
        raise TooLarge(
            f"This network is too large to be tried out here: {analysis.macs:,} MACs and "
            f"{analysis.activation_bytes / 2**20:,.0f} MiB of activations an image, "
            f"{analysis.parameters:,} parameters. At most {MOST_MACS / FEWEST:,.0f} MACs, "
            f"{MOST_BYTES // FEWEST // 2**20} MiB and {MOST_BYTES // 4:,} parameters are allowed."
        )
    return images


def initial_signal(analysis: Analysis, weights: str, seed: int, images: Tensor, labels: Tensor) -> Signal:
    """The signal of the analysed network as a training with this initialisation and seed would begin.

    `images` (N, C, H, W) normalised, `labels` (N,). Raises SpecError for a design with a problem or an unknown
    initialisation.
    """
    model = build(analysis.spec, analysis.input_shape, analysis.classes)
    generator = torch.Generator().manual_seed(seed)
    build_anew(model, generator)
    initialise(model, weights, generator)
    return measure(model, analysis.rows, images, labels)


def measure(model: nn.Module, rows: Sequence[LayerRow], images: Tensor, labels: Tensor) -> Signal:
    """One batch forward and back through `model`, in train mode but without dropout; the model is only lent."""
    outputs: dict[str, Distribution] = {}
    returned: dict[str, Distribution] = {}
    equal: dict[str, bool] = {}
    unit = [1.0]  # of the gradients: their deviation at the last layer, which they reach first

    def watch(row: LayerRow, module: nn.Module) -> None:
        def came_back(gradient: Tensor) -> None:
            if row is rows[-1]:
                unit[0] = _deviation(gradient)
            returned[row.name] = Distribution.of(gradient, unit[0])

        def went_out(_module: nn.Module, _inputs: object, output: Tensor) -> None:
            outputs[row.name] = Distribution.of(output)
            equal[row.name] = _equal(output.detach().transpose(0, 1))  # (N, units, …) → (units, N, …)
            output.register_hook(came_back)

        handles.callback(module.register_forward_hook(went_out).remove)

    with preserved(model), torch.enable_grad(), ExitStack() as handles:
        for row in rows:
            watch(row, model.get_submodule(row.path))
        model.train()
        for module in model.modules():
            if isinstance(module, DROPOUTS):
                module.eval()
        loss = F.cross_entropy(model(images.detach().requires_grad_()), labels)
        loss.backward()
        layers = []
        for row in rows:
            gradients = _gradients(model, row, rows)
            weights = torch.cat([gradient.flatten() for gradient in gradients])[None] if gradients else None
            averages = isinstance(model.get_submodule(row.path), nn.AvgPool2d | nn.AdaptiveAvgPool2d)
            layers.append(
                LayerSignal(
                    name=row.name,
                    kind=row.kind,
                    activations=outputs[row.name],
                    gradients=returned[row.name],
                    weights=None if weights is None else Distribution.of(weights, _deviation(weights)),
                    fans=Fans.of(gradients[-1].shape) if gradients else None,
                    averages=averages and len(row.place) == 1,
                    same=bool(gradients) and equal[row.name] and _equal(gradients[-1]),
                )
            )
    return Signal(tuple(layers), loss.item(), len(images))


def _deviation(numbers: Tensor) -> float:
    """Above 0, also of numbers that are all the same or not finite."""
    deviation = float(numbers.std(correction=0))
    return deviation if 0 < deviation < math.inf else 1.0


def _gradients(model: nn.Module, row: LayerRow, rows: Sequence[LayerRow]) -> list[Tensor]:
    """Those of the weights (out, in, …) of the layer's own convolutions and linear layers, in their order."""
    within = [model.get_submodule(other.path) for other in rows if other.path.startswith(f"{row.path}.")]
    inner = {id(part) for module in within for part in module.modules()}
    return [
        part.weight.grad
        for part in model.get_submodule(row.path).modules()
        if isinstance(part, nn.Conv2d | nn.Linear) and id(part) not in inner and part.weight.grad is not None
    ]


def _equal(units: Tensor) -> bool:
    """Whether all units (units, …), at least two, are the same up to rounding."""
    if len(units) < 2:
        return False
    return float((units - units[:1]).abs().max()) <= SAME * float(units.abs().max())
