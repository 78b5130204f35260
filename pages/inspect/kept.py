"""Results that all visitors share; those that nobody has asked for lately are let go."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Kept:
    """As many results as are allowed, the least recently used go first; any number of threads may use it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._results: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, name: Hashable) -> Any:
        """What was kept under this name; None where there is nothing any more."""
        with self._lock:
            if name in self._results:
                self._results.move_to_end(name)
            return self._results.get(name)

    def put(self, name: Hashable, result: Any) -> None:
        """Keep it, and let go of another where there are too many."""
        with self._lock:
            self._results[name] = result
            self._results.move_to_end(name)
            while len(self._results) > self._most:
                self._results.popitem(last=False)
