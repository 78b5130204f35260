"""The state of PyTorch's random numbers, which dropout draws from."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

_GENERATORS: dict[str, tuple[Callable[[], Tensor], Callable[[Tensor], None]]] = {
    "cpu": (torch.get_rng_state, torch.set_rng_state),
    "cuda": (torch.cuda.get_rng_state, torch.cuda.set_rng_state),
    "mps": (torch.mps.get_rng_state, torch.mps.set_rng_state),
}


def state(device: torch.device) -> dict[str, Tensor]:
    """The generators' states, by device kind: the CPU's and that of `device`."""
    return {kind: _GENERATORS[kind][0]() for kind in {"cpu", device.type}}


def restore(states: Mapping[str, Tensor], device: torch.device) -> None:
    """Put back what `state` gave; a state of a device that is not used here is left alone."""
    for kind in {"cpu", device.type} & states.keys():
        _GENERATORS[kind][1](states[kind].cpu())
