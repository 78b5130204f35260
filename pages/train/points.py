"""The points of runs' curves, read once for all who look at them: each look reads what is new only."""

import threading
from functools import lru_cache

from core.training.observations import Change
from core.training.runs.curves import Curves
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.shared.server import run_store


class _Points:
    """All that is known by now of one attempt at a run; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._curves = Curves()
        self._changes: tuple[Change, ...] = ()

    def read_on(self, store: RunStore, run: Run) -> tuple[Curves, tuple[Change, ...]]:
        with self._lock:
            curves = self._curves.read_on(store.database, run.number)
            if curves is not self._curves or not curves.last:  # a change comes before the next point
                last = self._changes[-1].step if self._changes else 0
                older = (change for change in self._changes if change.step < last)  # several may share a step
                self._changes = (*older, *store.observations(run.id, Change, after_step=last - 1))
            self._curves = curves
            return curves, self._changes


@lru_cache(maxsize=64)  # a run of 10,000 points takes half a megabyte
def _points_of(_run_id: str, _attempt: int) -> _Points:
    """After a resumption, the points past the checkpoint come anew."""
    return _Points()


def points(run: Run) -> tuple[Curves, tuple[Change, ...]]:
    """The curves of a run so far, and what was changed under way, in their order."""
    return _points_of(run.id, run.attempt).read_on(run_store(), run)
