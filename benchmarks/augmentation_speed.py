"""What augmentation costs a training run: a step's time with it, as a ratio to one without, in one run.

`python -m benchmarks.augmentation_speed`; about two minutes.

Each kind alone with its usual settings, the named plans, and all kinds together. Augmentation happens before a step
and apart from it, so its cost is that of giving out the same batches with and without it, and is added to the app's own
loop without it (`benchmarks.ways.ours`): the difference of two whole runs would be smaller than their noise.
On a CPU all is timed by the processor's time, so that whatever else the machine does counts little. Medians over turns
in which all take part.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import torch

from benchmarks.ways import ours
from benchmarks.ways.task import Task
from core.data import catalogue
from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Augmentation, Plan
from core.data.augmentation.table import AUGMENTATIONS
from core.data.batches import Batches
from core.networks.gallery import NAMED_NETWORKS
from core.training.device import describe, resolve
from core.training.setup import set_up
from core.training.workers.child import ALLOCATOR

PLANS: dict[str, Plan] = {
    **{kind: (Augmentation.usual(kind),) for kind in AUGMENTATIONS},
    **{named.label: named.plan for named in NAMED_PLANS.values() if len(named.plan) > 1},
    "all": tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS),
}


def giving(batches: Batches, plan: Plan, epoch: int, clock: Callable[[], float]) -> float:
    """Seconds an image of giving out one epoch."""
    batches.augmentation = plan
    began = clock()
    for images, _ in batches.shuffled(0, epoch):
        last = images
    last[-1, -1, -1, -1].item()  # a GPU is done when its last number is here
    return (clock() - began) / len(batches)


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", nargs="+", default=["LeNet-6-12", "FashionCNN"], choices=NAMED_NETWORKS)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each measurement")
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    clock = time.process_time if resolve().type == "cpu" else time.monotonic
    if not catalogue.status("fashion-mnist").ready:
        catalogue.prepare("fashion-mnist")

    print(f"{describe(resolve())}; one thread; batch size: {options.batch_size}")
    print(f"torch {torch.__version__}; median of {options.repetitions} turns of {options.seconds:g} s")
    print(
        f"{'a step’s time (none = 1.00)':>30}"
        + "".join(f"{network:>18}" for network in options.networks)
        + f"{'µs an image':>15}"
    )
    steps: dict[str, list[float]] = {network: [] for network in options.networks}  # seconds an image
    given: dict[str, list[float]] = {name: [] for name in PLANS}  # seconds an image, above those without
    request = Task("LeNet", options.batch_size, options.seconds).request
    batches = set_up(request, catalogue.load(request.data.dataset)).training
    for turn in range(options.repetitions):
        for network in options.networks:
            answer = ours.speed(Task(network, options.batch_size, options.seconds), clock)
            steps[network].append(1 / answer.images_per_second)
        for name, plan in PLANS.items():
            plain, augmented = (giving(batches, each, turn, clock) for each in ((), plan))
            given[name].append(augmented - plain)
    for name in PLANS:
        added = statistics.median(given[name])
        cells = (f"{1 + added / statistics.median(steps[network]):.2f}" for network in options.networks)
        print(f"{name:>30}" + "".join(f"{cell:>18}" for cell in cells) + f"{1e6 * added:>15.1f}")


if __name__ == "__main__":
    if ALLOCATOR.items() <= os.environ.items():
        main()
    else:  # glibc reads them when a process starts
        again = [sys.executable, "-m", "benchmarks.augmentation_speed", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ALLOCATOR}).returncode)
