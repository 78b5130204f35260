"""The points of a run's curves as columns of numbers: read at once, and then only what is new."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Row, select

from core.training.runs.database import Database
from core.training.runs.tables import METRICS

Series = tuple[str, str]  # (split, kind) of a Metric
RUNNING: Series = ("train", "running")
TRAINING: Series = ("train", "evaluated")
VALIDATION: Series = ("validation", "evaluated")

COLUMNS = ("step", "epoch", "seconds", "loss", "accuracy", "images", "learning_rate")  # of Metric
_ASKED = [METRICS.c[name] for name in ("id", "split", "kind", *COLUMNS)]


@dataclass(frozen=True, eq=False)
class Curves:
    """All points of one run so far; a hundred bytes each, where a Metric takes ten times as much."""

    last: int = 0  # the id of the newest point
    points: Mapping[Series, np.ndarray] = field(default_factory=dict)  # float64 (points, columns)

    def of(self, series: Series) -> np.ndarray:
        """float64 (points, columns) in the order of `COLUMNS`; a loss that was not a number is NaN."""
        return self.points.get(series, np.empty((0, len(COLUMNS))))

    def column(self, series: Series, name: str) -> np.ndarray:
        """float64 (points,); raises ValueError for a name that is not in `COLUMNS`."""
        return self.of(series)[:, COLUMNS.index(name)]

    def read_on(self, database: Database, number: int) -> Curves:
        """These curves of run `number` and the points that came since; itself where there are none."""
        with database.reading() as connection:
            newer = (METRICS.c.run == number, METRICS.c.id > self.last)
            rows = connection.execute(select(*_ASKED).where(*newer).order_by(METRICS.c.id)).all()
        if not rows:
            return self
        groups: dict[Series, list[Row[Any]]] = {}
        for row in rows:
            groups.setdefault((row[1], row[2]), []).append(row)
        points = dict(self.points)
        for series, new in groups.items():
            # NULL becomes NaN
            columns = np.array([row[3:] for row in new], np.float64)
            points[series] = np.concatenate([self.of(series), columns])
        return Curves(rows[-1][0], points)
