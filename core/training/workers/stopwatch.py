"""A clock that can be held."""

import time


class Stopwatch:
    """Seconds since it was made, without the time during which it was held."""

    def __init__(self) -> None:
        self._zero = time.monotonic()
        self._held_at: float | None = None

    def __call__(self) -> float:
        """The seconds so far."""
        return (time.monotonic() if self._held_at is None else self._held_at) - self._zero

    def hold(self) -> None:
        """Stand still from now on."""
        if self._held_at is None:
            self._held_at = time.monotonic()

    def go(self) -> None:
        """Go on from where it was held."""
        if self._held_at is not None:
            self._zero += time.monotonic() - self._held_at
            self._held_at = None
