"""A measurement under way in a process of its own."""

from __future__ import annotations

from core.training.timing import Timing, TimingOrder, from_line
from core.training.workers.side_job import SideJob

MOST_SECONDS = 120.0


class Measurement(SideJob[Timing]):
    """One network being measured: how far it is, and what came out."""

    def __init__(self, order: TimingOrder) -> None:
        """Begin at once; raises Busy, and OSError if no process can be started."""
        super().__init__("timing", order.to_line(), from_line, MOST_SECONDS, "Choose a smaller batch.")
