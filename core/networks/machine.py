"""How much memory this machine has for training."""

from pathlib import Path

import psutil


def memory_bytes() -> int:
    """Main memory in bytes; where a container is given less than the machine has, that."""
    total = int(psutil.virtual_memory().total)
    limit = Path("/sys/fs/cgroup/memory.max")
    given = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(total, int(given)) if given.isdigit() else total


def free_bytes() -> int:
    """Main memory that programs could take now, caches given up; where a container has a limit, within that."""
    free = int(psutil.virtual_memory().available)
    limit, used = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
    given = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    if not given.isdigit():
        return free
    caches = Path("/sys/fs/cgroup/memory.stat").read_text(encoding="ascii").split()
    given_up = int(caches[caches.index("inactive_file") + 1])
    return min(free, int(given) - int(used.read_text(encoding="ascii")) + given_up)


MEMORY = memory_bytes()
