"""Images a second of our training loop, of the floor, and of what others use, in one run.

`python -m benchmarks.training_speed`; about half an hour and up to 20 GiB of memory with all ways (Keras takes most of
it; with less, give it some `--networks` at a time). Lightning and Keras are among the development's requirements;
`pip install tensorflow-cpu jax` adds two of Keras's backends. A way that can't be imported is left out, and named.

Each way (`benchmarks/ways`) lives in a process of its own, for one batch size, as Keras keeps memory of each network;
ours and the floor have the allocator settings of a worker. They take turns, so that whatever else the machine does
hits all alike; a ratio is that of one turn, and medians over the turns are printed.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field, replace

from benchmarks.ways.task import Answer, Task
from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.training.device import cores, describe, resolve
from core.training.workers.child import ALLOCATOR

NETWORKS = (
    "Net_Linear", "LeNet_tiny", "LeNet-6-12", "LeNet", "FashionCNN", "ConvNet-1024", "Small ResNet",
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One way to train."""

    module: str  # in benchmarks.ways
    needs: tuple[str, ...] = ()  # packages
    environment: dict[str, str] = field(default_factory=dict)
    precision: str = "float32"  # "": as ours chose


WAYS: dict[str, Way] = {
    "ours": Way("ours", environment=ALLOCATOR, precision="auto"),
    "floor": Way("floor", environment=ALLOCATOR, precision=""),
    "floor, plain": Way("plain_floor", environment=ALLOCATOR, precision=""),
    "floor, copies": Way("floor_with_copies", environment=ALLOCATOR, precision=""),
    "ours, float32": Way("ours", environment=ALLOCATOR),
    "stock": Way("stock"),
    "Lightning": Way("with_lightning", ("lightning",)),
    **{
        f"Keras, {backend}": Way("with_keras", ("keras", backend), {"KERAS_BACKEND": backend})
        for backend in ("torch", "tensorflow", "jax")
    },
}


class Measuring:
    """The process of one way."""

    def __init__(self, way: Way, threads: int) -> None:
        self.way = way
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.ways", way.module, str(threads)],
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **way.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def answer(self, task: Task, precision: str) -> Answer:
        """Have it measure; `precision` is what ours chose."""
        assert self._process.stdin and self._process.stdout
        wanted = replace(task, precision=self.way.precision or precision)
        self._process.stdin.write(json.dumps(asdict(wanted)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.way.module} ended with {self._process.wait()}")
        return Answer(**json.loads(line))

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


def turns(task: Task, ways: dict[str, Measuring], repetitions: int) -> list[dict[str, Answer]]:
    """What each way answered in each turn; a first turn, in which things are compiled and loaded, is left out."""
    found, precision = [], "float32"
    for turn in range(repetitions + 1):
        answers = {}
        for name, measuring in ways.items():
            short = replace(task, seconds=0.2) if turn == 0 else task
            answers[name] = measuring.answer(short, precision)
            if name == "ours":
                precision = answers[name].precision
        found.append(answers)
    return found[1:]


def row(found: list[dict[str, Answer]]) -> str:
    """Medians of images a second and, in brackets, of the ratios to the floor."""
    cells = []
    for name in found[0]:
        speed = statistics.median(turn[name].images_per_second for turn in found)
        ratio = statistics.median(
            turn[name].images_per_second / turn["floor"].images_per_second for turn in found
        )
        cells.append(f"{speed:,.0f} ({ratio:.2f})")
    last = [turn["ours"] for turn in found]
    looking = statistics.median((one.with_evaluation or 0) / one.images_per_second for one in last)
    return " | ".join([*cells, f"{looking:.2f}", " ".join(sorted({one.precision for one in last}))])


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NAMED_NETWORKS)
    parser.add_argument("--batch-sizes", nargs="+", type=int, default=[64, 512])
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--threads", type=int, default=cores(), help="of PyTorch; the others use all cores")
    parser.add_argument(
        "--ways", nargs="+", default=list(WAYS), choices=WAYS, help="beside ours and the floor"
    )
    options = parser.parse_args()
    if not catalogue.status("fashion-mnist").ready:
        catalogue.prepare("fashion-mnist")
    wanted = ["ours", "floor", *(name for name in options.ways if name not in ("ours", "floor"))]
    missing = {name for name in wanted for need in WAYS[name].needs if not importlib.util.find_spec(need)}
    if missing:
        print(f"left out, since they are not installed: {', '.join(sorted(missing))}")
    present = [name for name in wanted if name not in missing]
    print(f"{describe(resolve())}; threads: {options.threads}; images a second (ratio to the floor),")
    print(f"medians of {options.repetitions} turns of {options.seconds:g} s\n")
    print(f"| Network | batch | {' | '.join(present)} | with evaluation | precision of ours |")
    print("|---" * (len(present) + 4) + "|")
    for batch_size in options.batch_sizes:
        ways = {name: Measuring(WAYS[name], options.threads) for name in present}
        try:
            for network in options.networks:
                task = Task(network, batch_size, options.seconds)
                found = turns(task, ways, options.repetitions)
                print(f"| {network} | {batch_size} | {row(found)} |", flush=True)
        finally:
            for measuring in ways.values():
                measuring.close()


if __name__ == "__main__":
    main()
