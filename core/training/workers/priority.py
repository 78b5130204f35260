"""How a worker gives way: to the server, and to a browser on the same machine."""

import os
from contextlib import suppress
from pathlib import Path

NICENESS = 10  # of 19: where both want one core, a page gets some nine tenths of it

# Linux may weigh sessions against each other before it looks at the processes in one, and a worker has a session of
# its own; then the niceness of the session counts (man 7 sched, "The autogroup feature")
_OF_THE_SESSION = Path("/proc/self/autogroup")


def give_way() -> None:
    """Let a page's response come first.

    Where the system knows no such thing, or doesn't allow it, all stays as it is.
    """
    with suppress(AttributeError, OSError):  # Windows has neither
        os.nice(NICENESS)
        if os.getsid(0) == os.getpid() and _OF_THE_SESSION.exists():
            _OF_THE_SESSION.write_text(str(NICENESS))
