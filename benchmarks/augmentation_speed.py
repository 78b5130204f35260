"""What augmentation costs a training run: processor seconds of a step with it against without, in one run.

`python -m benchmarks.augmentation_speed`; about twenty minutes.

Each kind alone with its usual settings, the named plans, and all kinds together. Training is the app's own loop with
its live metrics (`benchmarks.training_speed.ours`); on a CPU it is timed by the processor's time, so that whatever else
the machine does counts little. Each plan is measured right behind none; a ratio is that of one such pair, and the
medians over the turns are printed.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

import torch

from benchmarks.training_speed import Task, ours
from core.data import catalogue
from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Augmentation, Plan
from core.data.augmentation.table import AUGMENTATIONS
from core.networks.gallery import NAMED_NETWORKS
from core.training.device import describe, resolve
from core.training.workers.child import ALLOCATOR

PLANS: dict[str, Plan] = {
    **{kind: (Augmentation.usual(kind),) for kind in AUGMENTATIONS},
    **{named.label: named.plan for named in NAMED_PLANS.values() if len(named.plan) > 1},
    "all": tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS),
}


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
    print(f"{'a step’s time (none = 1.00)':>30}" + "".join(f"{network:>18}" for network in options.networks))
    ratios: dict[tuple[str, str], list[float]] = {}  # by plan and network
    for _ in range(options.repetitions):
        for name, plan in PLANS.items():
            for network in options.networks:
                plain, augmented = (
                    ours(Task(network, options.batch_size, options.seconds, each), clock)
                    for each in ((), plan)
                )
                ratios.setdefault((name, network), []).append(plain / augmented)
    for name in PLANS:
        cells = (f"{statistics.median(ratios[name, network]):.2f}" for network in options.networks)
        print(f"{name:>30}" + "".join(f"{cell:>18}" for cell in cells), flush=True)


if __name__ == "__main__":
    if ALLOCATOR.items() <= os.environ.items():
        main()
    else:  # glibc reads them when a process starts
        again = [sys.executable, "-m", "benchmarks.augmentation_speed", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ALLOCATOR}).returncode)
