"""How often the Train page looks at its runs: at what moves, and less often at the buttons and the table around it."""

from collections.abc import Sequence
from typing import NamedTuple

from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from pages.train import steering

SOON, LATE = 1.0, 5.0  # seconds between two looks at what moves, at least and at most
SHARE = 20  # a look adds such a part of the curves: their end moves by some 20 pixels
REST = 4  # looks at what moves for each one at the rest, where only the numbers of one run can change there


class Pace(NamedTuple):
    """Seconds from one look to the next; None: nobody looks."""

    moving: float | None
    rest: float | None


STILL = Pace(None, None)  # where nothing is under way


def pace_of(runs: Sequence[Run]) -> Pace:
    """How often to look at these runs.

    A look costs the browser a tenth of a second of a core, or a quarter with the rest, which a run on the same
    machine would use. So the older the runs, the rarer; soon where one waits for a worker, or has not answered yet to
    what this visitor asked of it.
    """
    active = [run for run in runs if run.state in ACTIVE]
    queued = any(run.state == "queued" for run in runs)
    if not active:
        return Pace(SOON, LATE) if queued else STILL
    if any(steering.asked(run) for run in active):
        return Pace(SOON, LATE)
    youngest = min(run.seconds for run in active)
    moving = min(max(SOON, youngest // SHARE), LATE)
    alone = len(active) == 1 and not queued
    return Pace(moving, max(REST * moving, LATE) if alone else LATE)
