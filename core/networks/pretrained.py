"""Weights that torchvision's makers trained on ImageNet, and how they come into a network of ours.

Addresses, checksums and accuracies are torchvision's own. torchvision takes seconds to import, so it is
imported when needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.networks.network import last_linear
from core.networks.spec import SpecError, shape_text

COUNTER = "num_batches_tracked"  # of batch normalisation; old files lack it, and nothing depends on it


@dataclass(frozen=True)
class PretrainedWeights:
    """The weights of one network of torchvision, as it publishes them."""

    name: str  # torchvision's name of the network
    title: str
    source: str  # who described the network

    @property
    def url(self) -> str:
        """Where the file is published."""
        address: str = self._published.url
        return address

    @property
    def file_name(self) -> str:
        """`resnet18-f37072fd.pth`."""
        return self.url.rpartition("/")[2]

    @property
    def sha256_start(self) -> str:
        """The first digits of the file's SHA-256, which torchvision writes into the file's name."""
        return Path(self.file_name).stem.rpartition("-")[2]

    @property
    def bytes(self) -> int:
        """Size of the file, to about three digits."""
        return round(self._published.meta["_file_size"] * 2**20)

    @property
    def accuracy(self) -> float:
        """0–1, of the first guess among a thousand classes, on the validation images of `trained_on`."""
        metrics: dict[str, dict[str, float]] = self._published.meta["_metrics"]
        return metrics[self.trained_on]["acc@1"] / 100

    @property
    def trained_on(self) -> str:
        """`ImageNet-1K`."""
        name: str = next(iter(self._published.meta["_metrics"]))
        return name

    def path(self, folder: Path) -> Path:
        """Where the file lies in `folder`."""
        return folder / self.file_name

    def is_here(self, folder: Path) -> bool:
        """Whether there is such a file; whether it is whole, its checksum tells."""
        return self.path(folder).is_file()

    @property
    def _published(self) -> Any:  # torchvision's WeightsEnum member
        from torchvision.models import get_model_weights

        return get_model_weights(self.name).DEFAULT


PRETRAINED: dict[str, PretrainedWeights] = {
    weights.name: weights
    for weights in (
        PretrainedWeights("squeezenet1_1", "SqueezeNet 1.1", "Iandola and others, 2016"),
        PretrainedWeights("resnet18", "ResNet-18", "He and others, 2015"),
        PretrainedWeights("mobilenet_v3_small", "MobileNetV3-small", "Howard and others, 2019"),
    )
}


def load_into(model: nn.Module, weights: PretrainedWeights, file: Path) -> None:
    """Give `model` the weights in `file`, all but those of its head (its last Linear), which stays as it is.

    Both networks list their tensors in the order of definition, and each pair must have the same role and
    shape. Where the model takes one channel, its first kernels become the sum of the red, green and blue
    ones, which is the same as showing the grey image in all three colours. Raises SpecError if the file can't
    be read or belongs to another network; the model is then as before.
    """
    published = _bare_network(weights)
    try:
        tensors = torch.load(file, map_location="cpu", weights_only=True)
        published.load_state_dict(tensors, assign=True)
    except Exception as error:  # what a damaged archive raises is torch's and zip's own affair
        reason = str(error).splitlines()[0] if str(error) else repr(error)
        raise SpecError(
            f"{file.name} does not hold the weights of {weights.title} ({reason}): "
            "delete it and fetch it again."
        ) from error
    pairs = _pairs(model, weights, published)
    with torch.no_grad():
        for own, tensor in pairs:
            own.copy_(tensor)


def check_fit(model: nn.Module, weights: PretrainedWeights) -> None:
    """Raises SpecError if the weights don't fit `model`, which may lie on the meta device; needs no file."""
    _pairs(model, weights, _bare_network(weights))


def _bare_network(weights: PretrainedWeights) -> nn.Module:
    """torchvision's own network, which knows the names that its files use; no memory, no random numbers."""
    from torchvision.models import get_model

    with torch.device("meta"):
        network: nn.Module = get_model(weights.name, weights=None)
    return network


def _pairs(model: nn.Module, weights: PretrainedWeights, published: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Each tensor of the model before its head, with the published one for it; raises SpecError."""
    ours = _body(model, last_linear(model)[0])
    theirs = _body(published, list(published.state_dict())[-1].rpartition(".")[0])
    pairs: list[tuple[Tensor, Tensor]] = []
    for (name, own), (their_name, tensor) in zip(ours.items(), theirs.items(), strict=False):
        if not pairs and own.shape[1:2] == (1,):
            tensor = tensor.sum(dim=1, keepdim=True)  # (C', 3, k, k) → (C', 1, k, k)
        if own.shape != tensor.shape or _role(name) != _role(their_name):
            raise _misfit(
                weights, f"{name} is {shape_text(own.shape)} where they have {shape_text(tensor.shape)}"
            )
        pairs.append((own, tensor))
    if len(ours) != len(theirs):
        raise _misfit(weights, f"it has {len(ours)} tensors before its head where they have {len(theirs)}")
    return pairs


def _body(model: nn.Module, head: str) -> dict[str, Tensor]:
    """Parameters and statistics in the order of definition, without the head's."""
    return {
        name: tensor
        for name, tensor in model.state_dict().items()
        if not name.startswith(f"{head}.") and _role(name) != COUNTER
    }


def _role(name: str) -> str:
    return name.rpartition(".")[2]  # weight, bias, running_mean …


def _misfit(weights: PretrainedWeights, reason: str) -> SpecError:
    return SpecError(
        f"The weights of {weights.title} don't fit this network: {reason}. Only the last Linear may differ "
        f"from the gallery's {weights.title}: start from that again, or choose other initial weights."
    )
