"""Files as torchvision publishes them, but with random weights and with statistics that matter."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from torch import nn
from torchvision.models import get_model

from core.networks.pretrained import PRETRAINED, PretrainedWeights


def published_network(name: str, seed: int = 0) -> nn.Module:
    """torchvision's network in eval mode; no normalisation in it is the identity."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: nn.Module = get_model(name, weights=None)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.running_mean.normal_()  # type: ignore[operator, union-attr]
                module.running_var.uniform_(0.5, 2)  # type: ignore[operator, union-attr]
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.normal_(module.bias, std=0.2)
    return network.eval()


def publish(network: nn.Module, name: str, folder: Path) -> Path:
    """The file that torchvision would publish for `network`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = PRETRAINED[name].path(folder)
    torch.save(network.state_dict(), file)
    return file


def announce(patch: pytest.MonkeyPatch, name: str, address: str, content: bytes) -> str:
    """Have torchvision say that `content` is what it publishes at `address`; gives the file's name."""
    file = f"{name}-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    metrics = {"ImageNet-1K": {"acc@1": 12.345}}
    record = SimpleNamespace(
        url=address + file, meta={"_file_size": len(content) / 2**20, "_metrics": metrics}
    )
    patch.setattr(PretrainedWeights, "_published", property(lambda _: record))
    return file
