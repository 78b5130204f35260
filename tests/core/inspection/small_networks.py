"""Small networks and images on which attributions can be worked out by hand or by brute force."""

import torch
from torch import Tensor, nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation

PLAIN = Normalisation((0.0,), (1.0,))  # pixels come out as x / 255
SHIFTED = Normalisation((0.3,), (0.5,))


def image(height: int = 4, width: int = 4, seed: int = 0) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (1, height, width), dtype=torch.uint8, generator=draw)


def linear() -> tuple[nn.Sequential, Tensor]:
    """A linear network of 16 pixels and its weights w, (2, 1, 4, 4)."""
    torch.manual_seed(3)
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2))
    return model, model[1].weight.detach().reshape(2, 1, 4, 4)


def convolutional(padding: int = 1) -> nn.Sequential:
    """Two blocks of convolution, ReLU and pooling, one with batch norm: what FashionCNN has, but small."""
    torch.manual_seed(5)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=padding), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2),
        nn.Conv2d(4, 6, 3, padding=padding), nn.ReLU(inplace=True), nn.MaxPool2d(3, stride=2, padding=1),
        nn.Flatten(), nn.Dropout(0.5), nn.LazyLinear(3),
    )  # fmt: skip
    model(
        torch.rand(4, 1, 12, 12)
    )  # gives the batch norm statistics that are not 0 and 1, and the last layer its size
    return model.eval()


def logits(model: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return model(x)


def background(count: int = 60, side: int = 12, classes: int = 3) -> LabelledImages:
    """Other images to compare with, the classes in turn."""
    draw = torch.Generator().manual_seed(9)
    pixels = torch.randint(0, 256, (count, 1, side, side), dtype=torch.uint8, generator=draw)
    return LabelledImages(pixels, torch.arange(count) % classes)
