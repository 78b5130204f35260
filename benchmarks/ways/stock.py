"""The way that most tutorials train: torchvision's transforms, a DataLoader, `.item()` after each step."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import FashionMNIST

from benchmarks.ways.task import Answer, Task, Window
from core.data import catalogue
from core.networks.build import build
from core.training.device import resolve


def loader(task: Task) -> DataLoader[tuple[Tensor, Tensor]]:
    """Shuffled batches of Fashion-MNIST, each image opened, scaled and normalised by itself."""
    normalise = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))])
    dataset = FashionMNIST(str(catalogue.data_folder()), train=True, transform=normalise, download=True)
    return DataLoader(dataset, batch_size=task.batch_size, shuffle=True)


def speed(task: Task) -> Answer:
    """In float32, as PyTorch does by itself."""
    device = resolve()
    model = build(task.request.network, (1, 28, 28)).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_sum, correct = 0.0, 0
    window = Window(task, torch.cuda.synchronize if device.type == "cuda" else lambda: None)
    batches = _endless(loader(task))
    while window.step():
        images, labels = (tensor.to(device) for tensor in next(batches))
        optimizer.zero_grad()
        logits = model(images)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
        correct += (logits.argmax(dim=1) == labels).sum().item()
    return Answer(window.images_per_second)


def _endless(loader: DataLoader[tuple[Tensor, Tensor]]) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        yield from loader
