"""How far a sweep is."""

from collections import Counter
from collections.abc import Sequence

from core.training.runs.records import Run
from core.training.runs.states import ENDED

_WORDS = {  # state → what a count of runs in it is called, in this order
    "completed": "done",
    "running": "running",
    "paused": "paused",
    "queued": "waiting",
    "stopped": "stopped",
    "diverged": "diverged",
    "interrupted": "interrupted",
    "failed": "failed",
}


def fraction(runs: Sequence[Run]) -> float:
    """The share of all steps that is done, as if every run were equally long; one that has ended counts whole."""
    return sum(map(_done, runs)) / len(runs)


def _done(run: Run) -> float:
    if run.state in ENDED or run.state == "failed":
        return 1.0
    return min(run.step / run.total_steps, 1.0) if run.total_steps else 0.0


def progress_words(runs: Sequence[Run]) -> str:
    """`12 runs: 5 done, 1 running, 6 waiting`."""
    counts = Counter(run.state for run in runs)
    parts = ", ".join(f"{counts[state]} {word}" for state, word in _WORDS.items() if counts[state])
    return f"{len(runs)} run{'s' if len(runs) > 1 else ''}: {parts}"
