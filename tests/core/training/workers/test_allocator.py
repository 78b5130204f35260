"""What a worker's allocator is asked for, seen in the memory map of a process (man 5 proc, smaps)."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.training.workers.child import ALLOCATOR, ROOT

LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")  # "madvise": for those who ask
LIBRARY, VERSION = platform.libc_ver()

TAKES_MEMORY = """
from core.training.workers.worker import SMALL_RUN, rehearse
rehearse()
print(SMALL_RUN)
print(open("/proc/self/smaps").read())
"""


@pytest.mark.skipif(
    LIBRARY != "glibc" or tuple(map(int, VERSION.split("."))) < (2, 35),
    reason="other allocators, and earlier versions of this one, don't ask for large pages",
)
@pytest.mark.skipif(
    not LARGE_PAGES.exists() or "[madvise]" not in LARGE_PAGES.read_text(),
    reason="this system gives large pages to all, or to none",
)
def test_a_waiting_worker_has_the_memory_of_a_small_run_in_large_pages() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TAKES_MEMORY],
        capture_output=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **ALLOCATOR},
        text=True,
    )
    wanted, memory_map = done.stdout.split("\n", 1)
    areas = re.findall(r"\[heap\]\n(.*?)VmFlags: ([^\n]*)", memory_map, re.DOTALL)
    resident = sum(
        1024 * int(number)
        for area, flags in areas
        if "hg" in flags.split()  # large pages were asked for
        for number in re.findall(r"^Rss: +(\d+) kB$", area, re.MULTILINE)
    )
    assert resident > int(wanted)
