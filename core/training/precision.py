"""The numbers that a network computes with: float32, or bfloat16 where the device gains from it.

In mixed precision the weights and their updates stay float32, while convolutions and matrix products run in
bfloat16, which has float32's range and so needs no loss scaling (Micikevicius et al., 2018, arXiv:1710.03740).
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.training.classes_first import cross_entropy

TRIES = 5  # steps of each precision that are timed at least
SECONDS = 0.1  # spent on it at least: short steps are easily disturbed, and more of them cost nothing
GAIN = 1.15  # a precision that is not at least this much quicker is not worth its rounding


@dataclass(frozen=True)
class Precision:
    """One way to compute."""

    label: str
    explanation: str  # one sentence


PRECISIONS: dict[str, Precision] = {
    "auto": Precision(
        "Automatic", "The quicker one, by a short measurement at the start where the device has bfloat16."
    ),
    "float32": Precision("float32", "Every number has 24 significant bits."),
    "bfloat16": Precision(
        "bfloat16, mixed",
        "Products in 8 significant bits, weights and updates in 24: quicker where there is hardware for it.",
    ),
}


def autocast(precision: str, device: torch.device) -> AbstractContextManager[None]:
    """A context in which a model computes in `precision` ("float32" or "bfloat16")."""
    if precision == "float32":
        return nullcontext()  # an autocast that does nothing takes 15 µs of a small network's 300
    context: AbstractContextManager[None] = torch.autocast(device.type, torch.bfloat16)
    return context


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device computes bfloat16 by itself; others only imitate it, slowly."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type == "cpu":
        able = torch.cpu.get_capabilities()
        return bool(able.get("avx512_bf16") or able.get("amx_bf16"))
    return False


def choose(wanted: str, model: nn.Module, images: Tensor, labels: Tensor) -> str:
    """The precision to train with: the wanted one, or for "auto" the quicker, measured on copies of `model`."""
    if wanted != "auto":
        return wanted
    if not has_bfloat16(images.device):
        return "float32"
    copies = {name: copy.deepcopy(model) for name in ("float32", "bfloat16")}
    for name, model in copies.items():
        _seconds(name, model, images, labels)  # warms up
    best = dict.fromkeys(copies, math.inf)
    tries, spent = 0, 0.0
    while tries < TRIES or spent < SECONDS:
        for name, model in copies.items():  # in turns, so that whatever else the machine does hits both alike
            seconds = _seconds(name, model, images, labels)
            best[name], spent = min(best[name], seconds), spent + seconds
        tries += 1
    return "bfloat16" if best["float32"] > GAIN * best["bfloat16"] else "float32"


def _seconds(precision: str, model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Of one forward and backward pass."""
    wait: Callable[[], None] = torch.cuda.synchronize if images.device.type == "cuda" else lambda: None
    wait()
    began = time.perf_counter()
    with autocast(precision, images.device):
        logits = model(images)
    loss = cross_entropy(logits.float(), labels)
    loss.backward()
    wait()
    return time.perf_counter() - began
