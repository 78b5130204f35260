"""The names of the classes that a run tells apart."""

from collections.abc import Sequence

from core.data.catalogue import datasets
from core.training.observations import ClassCounts
from core.training.runs.records import Run
from pages.train.observed import observed


def class_names(run: Run) -> Sequence[str]:
    """As the data set has them; of a data set that is gone, their numbers."""
    known = datasets().get(run.request.data.dataset)
    if known:
        return known.classes
    counts = observed(run, ClassCounts)
    return [str(k) for k in range(len(counts[0].counts) if counts else 0)]
