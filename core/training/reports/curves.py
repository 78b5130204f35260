"""The curves of runs as columns of numbers, read from the store once and then only what is new."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np

from core.training.runs.records import Run
from core.training.runs.states import ENDED
from core.training.runs.store import RunStore

MOST_RUNS = 64  # whose points stay in memory; 10,000 points take 0.6 MB
FIELDS = ("step", "epoch", "seconds", "images", "loss", "accuracy")  # of a point
Series = tuple[str, str]  # (split, kind)
SERIES: tuple[Series, ...] = (("train", "running"), ("validation", "evaluated"))  # those that are compared


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve: a number for each point and column, in the order of training."""

    values: np.ndarray  # float64 (points, len(FIELDS))

    def __len__(self) -> int:
        return len(self.values)

    def column(self, name: str) -> np.ndarray:
        """(points,): one of FIELDS; raises ValueError for another."""
        column: np.ndarray = self.values[:, FIELDS.index(name)]
        return column

    def of_the_whole_split(self) -> Curve:
        """Without the points that looked at a part of the split only."""
        images = self.column("images")
        return Curve(self.values[images == images.max()]) if len(self) else self

    def after_the_start(self) -> Curve:
        """Without what was evaluated before the first step."""
        return Curve(self.values[self.column("step") > 0])

    def finite(self) -> Curve:
        """Without the points whose loss is not a number, as those of a run that diverged."""
        return Curve(self.values[np.isfinite(self.values).all(axis=1)])

    def below(self, limit: float) -> Curve:
        """Without the points whose loss is above `limit`."""
        return Curve(self.values[self.column("loss") <= limit])

    def thinned(self, most: int) -> Curve:
        """Every so-manieth point, counted from the first, and the last: not many more than `most`."""
        chosen = np.arange(0, len(self), stride(len(self), most))
        return Curve(self.values[np.union1d(chosen, [len(self) - 1])]) if len(self) else self

    def averaged(self, most: int) -> Curve:
        """Means of neighbours, weighted by their images, each at the moment where its group ends."""
        many = stride(len(self), most)
        if many == 1:
            return self
        starts = np.arange(0, len(self), many)
        means = self.values[np.minimum(starts + many, len(self)) - 1]
        images = np.add.reduceat(self.column("images"), starts)
        for name in ("loss", "accuracy"):
            sums = np.add.reduceat(self.column(name) * self.column("images"), starts)
            means[:, FIELDS.index(name)] = sums / images
        means[:, FIELDS.index("images")] = images
        return Curve(means)


def stride(count: int, most: int) -> int:
    """How many points become one: a power of two, so that those drawn stay where they are while more come."""
    many = 1
    while count / many > most:
        many *= 2
    return many


_NOTHING = Curve(np.empty((0, len(FIELDS))))


class CurveReader:
    """The curves of many runs; threads may share it."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        # (run, attempt, series) → the id of the last point that was read, all of them, and whether that is all
        self._known: OrderedDict[tuple[str, int, Series], tuple[int, Curve, bool]] = OrderedDict()
        self._lock = threading.Lock()

    def curves(self, run: Run) -> dict[Series, Curve]:
        """Each of SERIES of `run`, up to now; raises RunMissing."""
        with self._lock:
            return {series: self._curve(run, series) for series in SERIES}

    def _curve(self, run: Run, series: Series) -> Curve:
        # an attempt of its own: after a resumption the points past the checkpoint come anew
        key = (run.id, run.attempt, series)
        last, curve, complete = self._known.pop(key, (0, _NOTHING, False))
        new = [] if complete else self._store.curve(run.id, *series, FIELDS, after=last)
        if new:
            values = np.array(new, np.float64)  # (points, id and FIELDS); None becomes NaN
            last, curve = new[-1][0], Curve(np.concatenate([curve.values, values[:, 1:]]))
        self._known[key] = last, curve, run.state in ENDED
        while len(self._known) > MOST_RUNS * len(SERIES):
            self._known.popitem(last=False)
        return curve
