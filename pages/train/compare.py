"""To be written."""

from collections.abc import Sequence

from core.training.runs.records import Run


def draw(run: Run, runs: Sequence[Run]) -> None:
    """To be written."""
