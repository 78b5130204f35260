"""How much memory this machine has for training."""

from pathlib import Path

import psutil

CONTAINER = Path("/sys/fs/cgroup")  # where Linux tells a container what it was given


def memory_bytes() -> int:
    """Main memory in bytes; where a container is given less than the machine has, that."""
    total = int(psutil.virtual_memory().total)
    given = _given()
    return total if given is None else min(total, given)


def free_bytes() -> int:
    """Main memory that programs could take now, caches given up; where a container has a limit, within that."""
    free = int(psutil.virtual_memory().available)
    given = _given()
    if given is None:
        return free
    used = int((CONTAINER / "memory.current").read_text(encoding="ascii"))
    counted = (CONTAINER / "memory.stat").read_text(encoding="ascii").split()
    cached = int(counted[counted.index("inactive_file") + 1])
    return min(free, given - used + cached)


def _given() -> int | None:
    """The container's limit in bytes; None without one."""
    limit = CONTAINER / "memory.max"
    given = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return int(given) if given.isdigit() else None


MEMORY = memory_bytes()
