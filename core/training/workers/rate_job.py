"""A search for a learning rate under way in a process of its own."""

from __future__ import annotations

from core.training.rate_search import RateOrder, Tried, from_line
from core.training.rate_suggestions import RangeTest, Trial
from core.training.workers.side_job import SideJob

MOST_SECONDS = 300.0


class RateJob(SideJob[RangeTest]):
    """One search: how far it is, and what came out."""

    def __init__(self, order: RateOrder) -> None:
        """Begin at once; raises Busy, and OSError if no process can be started."""
        advice = "Choose a smaller batch or a smaller network."
        super().__init__("rates", order.to_line(), from_line, MOST_SECONDS, advice)

    @property
    def trials(self) -> list[Trial]:
        """The steps so far."""
        return [report.trial for report in self.reports if isinstance(report, Tried)]
