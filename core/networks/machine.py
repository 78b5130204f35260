"""How much memory this machine has for training."""

from pathlib import Path

import psutil


def memory_bytes() -> int:
    """Main memory in bytes; where a container is given less than the machine has, that."""
    total = int(psutil.virtual_memory().total)
    limit = Path("/sys/fs/cgroup/memory.max")
    given = limit.read_text(encoding="ascii").strip() if limit.is_file() else "max"
    return min(total, int(given)) if given.isdigit() else total


MEMORY = memory_bytes()
