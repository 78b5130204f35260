"""How often the Train page looks at its runs: at what moves at a pace, at the rest every LATE seconds."""

from collections.abc import Sequence

from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from pages.train import steering

SOON, LATE = 1.0, 5.0  # seconds between two looks at the store, at least and at most
SHARE = 20  # a look adds such a part of the curves: their end moves by some 20 pixels


def pace_of(runs: Sequence[Run]) -> float | None:
    """Whole seconds from one look at these runs to the next; None where nothing is under way.

    A look costs the browser a tenth of a second of a core, which a run on the same machine would use. So the older
    the runs, the rarer; soon where one waits for a worker, or has not answered yet to what this visitor asked of it.
    """
    active = [run for run in runs if run.state in ACTIVE]
    if not active:
        return SOON if any(run.state == "queued" for run in runs) else None
    if any(steering.asked(run) for run in active):
        return SOON
    youngest = min(run.seconds for run in active)
    return min(max(SOON, youngest // SHARE), LATE)
