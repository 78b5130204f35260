"""Running generated programs, and handing them our weights."""

import os
from typing import Any

import torch
from torch import nn

from core.networks.build import build
from core.networks.source import to_source
from core.networks.spec import NetworkSpec, Shape
from tests.core.networks.strategies import IMAGE

os.environ["KERAS_BACKEND"] = "torch"  # whatever this machine's owner prefers


def run(source: str) -> dict[str, Any]:
    """The names that the program leaves behind."""
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 (our own text, made from a checked spec)
    return names


def check_program(spec: NetworkSpec, dialect: str = "pytorch", image: Shape = IMAGE) -> None:
    """A program of PyTorch modules computes what our own module does, from the same weights."""
    names = run(to_source(spec, image, dialect))
    built, model = varied(build(spec, image)), names["model"]
    weights = list(built.state_dict().values())
    assert [one.shape for one in model.state_dict().values()] == [one.shape for one in weights]
    assert names["logits"].shape == (2, 10)
    model.load_state_dict(dict(zip(model.state_dict(), weights, strict=True)))
    images = torch.randn(2, *image)
    assert torch.equal(model.eval()(images), built.eval()(images))


def varied(model: nn.Module) -> nn.Module:
    """The model with no weight or statistic at a value that a mistake could leave unnoticed, such as 0 or 1."""
    for name, tensor in model.state_dict().items():
        if "running" in name or (tensor.ndim == 1 and tensor.is_floating_point()):
            tensor.uniform_(0.5, 1.5)
    return model
