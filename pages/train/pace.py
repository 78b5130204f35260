"""How often the Train page looks at its runs."""

from collections.abc import Sequence

from core.training.runs.records import Run
from core.training.runs.states import ACTIVE
from pages.train import steering

# Seconds between two looks at the store. A look costs the browser a fifth of a second of a core, which a run on the
# same machine would use; once a run is settled in, its curves move slowly enough to be looked at half as often.
SOON, CALM = 1.0, 2.0
SETTLED = 20.0  # seconds of training


def pace_of(runs: Sequence[Run]) -> float | None:
    """Seconds from one look at these runs to the next; None where nothing is under way.

    Soon while a run is young, waits for a worker, or has not answered yet to what this visitor asked of it.
    """
    active = [run for run in runs if run.state in ACTIVE]
    if not active:
        return SOON if any(run.state == "queued" for run in runs) else None
    calm = all(run.seconds > SETTLED and not steering.asked(run) for run in active)
    return CALM if calm else SOON
