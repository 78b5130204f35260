"""One optimizer step, taken apart: the batch, the logits, each gradient, and the update of a few weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import Optimizer

from core.training.observations import WeightUpdate

SHOWN = 16  # images
WEIGHTS = 6  # of each parameter: those with the largest gradients


def _kept(state: dict[str, Any], flat: int, size: int) -> dict[str, float]:
    """What an optimizer's `state` of a parameter of `size` weights holds of weight `flat`, under PyTorch's names."""
    tensors = {name: value for name, value in state.items() if isinstance(value, Tensor)}
    return {
        name: value.flatten()[flat if value.numel() == size else 0].item() for name, value in tensors.items()
    }


@dataclass(frozen=True)
class Taken:
    """What one step was taken with, and what it gave."""

    images: Tensor  # float32 (N, C, H, W)
    labels: Tensor  # (N,), or probabilities (N, K)
    counts: Tensor | None  # how much each image counts, (N,); None: all alike
    logits: Tensor  # (N, K)
    loss: Tensor  # the mean over the images, each times what it counts


class Magnifier:
    """Looks at a model before and after one step."""

    def __init__(self, model: nn.Module, optimizer: Optimizer) -> None:
        """Take note of the weights and of what the optimizer remembers."""
        self._optimizer = optimizer
        self._parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
        self._before = {name: p.detach().clone() for name, p in self._parameters.items()}
        self._state: dict[str, dict[str, Any]] = {
            name: {
                key: value.clone() if isinstance(value, Tensor) else value
                for key, value in optimizer.state.get(p, {}).items()
            }
            for name, p in self._parameters.items()
        }

    def gradient_norms(self) -> list[float]:
        """The L2 norm of each parameter's gradient."""
        return [0.0 if p.grad is None else p.grad.norm().item() for p in self._parameters.values()]

    @property
    def names(self) -> list[str]:
        """The parameters' names in the module."""
        return list(self._parameters)

    def weights(self) -> list[dict[str, Any]]:
        """What happened to a few weights of each parameter: the fields of a WeightUpdate each."""
        rows = []
        for name, parameter in self._parameters.items():
            if parameter.grad is None:
                continue
            gradient = parameter.grad.flatten()
            for flat in gradient.abs().topk(min(WEIGHTS, len(gradient))).indices.tolist():
                update = WeightUpdate(
                    parameter=name,
                    index=[int(i) for i in torch.unravel_index(torch.tensor(flat), parameter.shape)],
                    before=self._before[name].flatten()[flat].item(),
                    gradient=gradient[flat].item(),
                    after=parameter.detach().flatten()[flat].item(),
                    kept_before=_kept(self._state[name], flat, parameter.numel()),
                    kept=_kept(self._optimizer.state[parameter], flat, parameter.numel()),
                )
                rows.append(asdict(update))
        return rows


def image_losses(logits: Tensor, labels: Tensor) -> list[float]:
    """The cross-entropy of each image, nats: logits (N, K), labels (N,) or probabilities (N, K)."""
    return F.cross_entropy(logits.float(), labels, reduction="none").tolist()
