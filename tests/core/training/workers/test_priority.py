"""A worker gives way, and its server doesn't."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.training.workers.priority import NICENESS

# empty for a process in the group of the system's first ones, which has no niceness
SESSION = Path("/proc/self/autogroup")
TELL = """
import os
from pathlib import Path
from core.training.workers.priority import give_way
give_way()
session = Path("/proc/self/autogroup")
print(os.nice(0), *(session.read_text().split()[-1:] if session.exists() else []))
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "nice"), reason="this system has no niceness")


def told(leads: bool) -> list[str]:
    """The niceness of a child, and of its session, which it leads or shares with this process."""
    return subprocess.run(
        [sys.executable, "-c", TELL], start_new_session=leads, capture_output=True, text=True, check=True
    ).stdout.split()


def test_a_worker_gives_way_with_its_session() -> None:
    process, *session = told(leads=True)
    assert int(process) == min(os.nice(0) + NICENESS, 19)
    if os.access(SESSION, os.W_OK):
        assert session == [str(NICENESS)]


def test_it_leaves_the_session_of_others_as_it_is() -> None:
    before = SESSION.read_text() if SESSION.exists() else ""
    assert told(leads=False)[0] == str(min(os.nice(0) + NICENESS, 19))
    assert (SESSION.read_text() if SESSION.exists() else "") == before
