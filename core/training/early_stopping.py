"""Stop when the validation loss no longer falls, and go back to the weights where it was lowest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn


class Patience:
    """Keeps the best weights so far and counts the epochs since then; of no effect with patience 0."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._best_loss, self._best_epoch, self._waited = math.inf, 0, 0
        self._best_weights: dict[str, Tensor] = {}

    def epoch_evaluated(self, epoch: int, validation_loss: float, model: nn.Module) -> None:
        """Take note of an epoch's validation loss and, if it is the lowest, of the weights."""
        if not self._epochs:
            return
        self._waited += 1
        if validation_loss < self._best_loss:
            self._best_loss, self._best_epoch, self._waited = validation_loss, epoch, 0
            self._best_weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    @property
    def exhausted(self) -> bool:
        """Whether so many epochs have brought nothing better."""
        return 0 < self._epochs <= self._waited

    def restore_best(self, model: nn.Module) -> str:
        """Put the best weights into `model`; a sentence that says so, or "" where they are in it already."""
        if not self._waited or not self._best_weights:
            return ""
        model.load_state_dict(self._best_weights)
        return (
            f"The weights are those after epoch {self._best_epoch}, where the validation loss was lowest "
            f"({self._best_loss:.4f}); the {self._waited} epochs after it brought nothing better."
            if self._waited > 1
            else f"The weights are those after epoch {self._best_epoch}, where the validation loss was lowest "
            f"({self._best_loss:.4f}); the epoch after it brought nothing better."
        )

    def state(self) -> dict[str, Any]:
        """What a checkpoint must hold."""
        return {
            "loss": self._best_loss,
            "epoch": self._best_epoch,
            "waited": self._waited,
            "weights": self._best_weights,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what `state` gave; an empty one (of an earlier version) changes nothing."""
        if state:
            self._best_loss, self._best_epoch = state["loss"], state["epoch"]
            self._waited, self._best_weights = state["waited"], dict(state["weights"])
