"""How quickly the Train page answers with many stored runs of many points, against two: python -m benchmarks.many_runs

Two stores, one with two runs of 10,000 points each and one with 200 of them, are visited in turns, through Streamlit's
own test harness: the first visit of a session, and a later run of the whole page; and asked for a run's curves, as a
browser does that shows it. Medians in milliseconds; about two minutes and 400 MB on disk.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from core.training.config import TrainingConfig
from core.training.runs.store import RunStore
from core.training.runs.tables import METRICS
from pages.shared.server import run_store
from pages.train.live import answer
from tests.pages.train_visit import stored, visit


def filled(folder: Path, runs: int, points: int) -> Path:
    """A data folder whose store holds so many finished runs of so many points."""
    store = RunStore(folder / "runs")
    for seed in range(runs):
        run = stored(store, TrainingConfig(seed=seed, batch_size=32 + seed % 7))
        rows = [
            {
                "run": run.number,
                "step": 20 + point,
                "epoch": 2 + point / 1000,
                "split": "train" if point % 10 else "validation",
                "kind": "running" if point % 10 else "evaluated",
                "loss": 2.0 / (1 + point / 500),
                "accuracy": 0.5 + point / points / 3,
                "images": 64,
                "learning_rate": 1e-3,
                "seconds": 4 + point / 4,
            }
            for point in range(points)
        ]
        with store.database.writing() as connection:
            connection.execute(insert(METRICS), rows)
    store.close()
    return folder


def timed(folder: Path, repetitions: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of first visits, of later runs of the page and of answers about all points of the newest run."""
    os.environ["AUTOGRAD_LAB_DATA"] = str(folder)
    first, later, answers = [], [], []
    visit()  # the server reads what all visitors share
    for _ in range(repetitions):
        began = time.perf_counter()
        app = visit()
        first.append(1000 * (time.perf_counter() - began))
        for _ in range(3):
            began = time.perf_counter()
            app.run()
            later.append(1000 * (time.perf_counter() - began))
        assert not app.exception
        newest = run_store().runs()[0].id
        for _ in range(3):
            began = time.perf_counter()
            run = run_store().get(newest)
            json.dumps(answer(run, {"axis": "epoch"}))
            answers.append(1000 * (time.perf_counter() - began))
    return first, later, answers


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        counts = (2, options.runs)
        folders = {count: filled(Path(name) / str(count), count, options.points) for count in counts}
        times: dict[int, tuple[list[float], ...]] = {count: ([], [], []) for count in counts}
        for _ in range(options.repetitions):
            for count in counts:
                for known, new in zip(times[count], timed(folders[count], 1), strict=True):
                    known.extend(new)
        for index, what in enumerate(("first visit", "later run", "answer about curves")):
            few, many = (statistics.median(times[count][index]) for count in counts)
            print(
                f"{what}: {few:.1f} ms with 2 runs, {many:.1f} ms with {options.runs}: {many / few:.2f} times"
            )


if __name__ == "__main__":
    main()
