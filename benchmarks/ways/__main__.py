"""Read tasks, measure, answer."""

import importlib
import json
import sys
from dataclasses import asdict

import torch

from benchmarks.ways.task import Task


def main() -> None:
    """The way's name and the number of threads are the arguments."""
    name, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    answers, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints
    way = importlib.import_module(f"benchmarks.ways.{name}")
    for line in sys.stdin:
        answer = way.speed(Task(**json.loads(line)))
        print(json.dumps(asdict(answer)), file=answers, flush=True)


if __name__ == "__main__":
    main()
