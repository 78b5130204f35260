"""How often a run is looked at: by the browser, which asks for what moves, and by a rerun of a part of the page."""

from collections.abc import Sequence
from typing import NamedTuple

from core.training.runs.records import Run
from core.training.runs.states import ACTIVE

LIVE_VIEW = "Curves"  # the view that the browser keeps up to date by itself
SHARE = 6  # a look adds such a part of the curves: their end moves by some 70 pixels
SOON = 0.25  # seconds between two questions of the browser, while somebody waits for a run's first point
LIVE = 0.5, 2.0  # between two questions about a run that trains, at least and at most
MOVING = 1.0, 5.0  # between two reruns of another view of a run under way, at least and at most
REST = 5.0  # between two reruns of the buttons and the table, where several runs are under way
RARE = 20.0  # the same for a single run, of which only numbers can change there


class Pace(NamedTuple):
    """Seconds from one rerun to the next; None: there is none."""

    moving: float | None  # of the view of the shown run
    rest: float | None


def again(run: Run) -> float | None:
    """Seconds until the browser asks again how `run` is; None where it will stay so."""
    if run.state == "queued" or (run.state == "running" and not run.step):
        return SOON
    if run.state not in ACTIVE:
        return None
    soonest, latest = LIVE
    return soonest if run.state == "paused" else min(max(soonest, run.seconds / SHARE), latest)


def pace_of(runs: Sequence[Run], view: str) -> Pace:
    """How often to look at these runs while `view` of one is shown.

    A rerun costs the browser a tenth of a second of a core, or a quarter with the rest, which a run on the same
    machine would use. So the older the runs, the rarer; and the browser says when a run's state changed.
    """
    active = [run for run in runs if run.state in ACTIVE]
    queued = any(run.state == "queued" for run in runs)
    if not active and not queued:
        return Pace(None, None)
    soonest, latest = MOVING
    youngest = min((run.seconds for run in active), default=0.0)
    moving = None if view == LIVE_VIEW else min(max(soonest, youngest // SHARE), latest)
    return Pace(moving, REST if queued or len(active) > 1 else RARE)
