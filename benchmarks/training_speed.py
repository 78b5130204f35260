"""Images a second of our training loop, of the stock way, and of the floor, in one run.

`python -m benchmarks.training_speed`; about five minutes.

- floor: forward + backward + step over and over on one normalised batch that is already on the device, with
  the same memory format, allocator settings and optimizer as ours;
- ours: `core.training.loop.train`, events written as a worker writes them;
- stock: torchvision's data set and transforms, a DataLoader, loss and accuracy by `.item()` after each step.

They take turns, so that whatever else the machine does hits all three alike; a ratio is that of one turn, and
medians over the turns are printed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import FashionMNIST

from core.data import catalogue
from core.data.augmentation.plan import Plan
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.device import cores, describe, resolve
from core.training.events import Checkpoint, Event, StepReport, to_line
from core.training.loop import train
from core.training.optimizers import OPTIMIZERS
from core.training.setup import set_up
from core.training.workers.child import ALLOCATOR


@dataclass(frozen=True)
class Task:
    """One network to train for a while."""

    network: str  # a key of NAMED_NETWORKS
    batch_size: int
    seconds: float  # each measurement takes about so long
    augmentation: Plan = ()

    @property
    def request(self) -> RunRequest:
        """The run that a worker would be given; so many epochs that it never ends by itself."""
        config = TrainingConfig(epochs=1000, batch_size=self.batch_size)
        data = DataChoice(augmentation=self.augmentation)
        return RunRequest(NAMED_NETWORKS[self.network], data, config)


def ours(task: Task, clock: Callable[[], float] = time.monotonic) -> float:
    """Images a second from report to report; evaluations, which a floor has none of, are left out."""
    request = task.request
    setup = set_up(request, catalogue.load(request.data.dataset, request.data.image))
    last: Event | None = None
    images, seconds = 0, 0.0
    with Path(os.devnull).open("w") as pipe:
        for event in train(setup.model, setup.training, setup.validation, request.config, clock=clock):
            if isinstance(event, Checkpoint):
                continue  # at the start; the next would come after 30 s
            pipe.write(to_line(event) + "\n")
            pipe.flush()
            if isinstance(event, StepReport):
                if isinstance(last, StepReport):
                    images += event.images
                    seconds += event.seconds - last.seconds
                if seconds >= task.seconds:
                    return images / seconds
            last = event
    raise AssertionError("the run ended before the time was over")


def floor(task: Task) -> float:
    """Images a second on one resident batch."""
    request = task.request
    setup = set_up(request, catalogue.load(request.data.dataset, request.data.image))
    model = setup.model.to(setup.training.device).to(memory_format=setup.training.layout).train()
    optimizer = OPTIMIZERS[request.config.optimizer].of(
        model, request.config.learning_rate, request.config.weight_decay
    )
    images, labels = next(setup.training.shuffled(0, 0))

    def step() -> None:
        optimizer.zero_grad()
        loss = F.cross_entropy(model(images), labels)
        loss.backward()
        optimizer.step()

    return _images_per_second(step, task, setup.training.device)


def stock(task: Task) -> float:
    """Images a second the way that most tutorials train."""
    normalise = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.2860,), (0.3530,))])
    dataset = FashionMNIST(str(catalogue.data_folder()), train=True, transform=normalise, download=True)
    loader = iter(DataLoader(dataset, batch_size=task.batch_size, shuffle=True))
    device = resolve()
    model = build(NAMED_NETWORKS[task.network], (1, 28, 28)).to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_sum, correct = 0.0, 0

    def step() -> None:
        nonlocal loss_sum, correct
        images, labels = (tensor.to(device) for tensor in next(loader))
        optimizer.zero_grad()
        logits = model(images)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
        correct += (logits.argmax(dim=1) == labels).sum().item()

    return _images_per_second(step, task, device)


WAYS: dict[str, Callable[[Task], float]] = {"floor": floor, "ours": ours, "stock": stock}


def _median_ratio(values: list[float], to: list[float]) -> float:
    return statistics.median(value / other for value, other in zip(values, to, strict=True))


def _images_per_second(step: Callable[[], None], task: Task, device: torch.device) -> float:
    for _ in range(5):
        step()
    _synchronise(device)
    steps, began = 0, time.perf_counter()
    while time.perf_counter() - began < task.seconds:
        step()
        steps += 1
    _synchronise(device)
    return steps * task.batch_size / (time.perf_counter() - began)


def _synchronise(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", nargs="+", default=list(NAMED_NETWORKS), choices=NAMED_NETWORKS)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--repetitions", type=int, default=7)
    parser.add_argument("--threads", type=int, default=max(1, cores() - 1), help="as a worker: cores − 1")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not catalogue.status("fashion-mnist").ready:
        catalogue.prepare("fashion-mnist")

    print(f"{describe(resolve())}; threads: {options.threads}; batch size: {options.batch_size}")
    print(f"torch {torch.__version__}; median of {options.repetitions} turns of {options.seconds:g} s")
    print(f"{'images/s (ratio to the floor)':>30}" + "".join(f"{way:>18}" for way in WAYS))
    for network in options.networks:
        task = Task(network, options.batch_size, options.seconds)
        speeds: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(options.repetitions):
            for way, measure in WAYS.items():
                speeds[way].append(measure(task))
        cells = (
            f"{statistics.median(values):,.0f} ({_median_ratio(values, speeds['floor']):.2f})"
            for values in speeds.values()
        )
        print(f"{network:>30}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


if __name__ == "__main__":
    if ALLOCATOR.items() <= os.environ.items():
        main()
    else:  # glibc reads them when a process starts
        again = [sys.executable, "-m", "benchmarks.training_speed", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ALLOCATOR}).returncode)
