"""Whoever executes queued runs: on this machine, or elsewhere."""

from typing import Protocol


class Keeper(Protocol):
    """Takes queued runs from a store, has them trained, and writes what happens to the store."""

    @property
    def at_once(self) -> int:
        """How many runs train at the same time, at most."""

    def start(self) -> None:
        """Begin; runs whose keeper is gone are marked as interrupted."""

    def close(self) -> None:
        """Have every run save and end, then end."""
