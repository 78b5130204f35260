"""Where a network is trained: CUDA, else Apple's MPS, else the CPU."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class DeviceKind:
    """A kind of device that PyTorch may offer."""

    label: str
    available: Callable[[], bool]
    description: Callable[[], str]


def _processor() -> str:
    """The processor's name as the system gives it; Linux keeps it in a file, other systems tell Python."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Cores that this process may use; fewer than the machine's in a container or under taskset."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _cpu() -> str:
    number = cores()
    return f"CPU ({_processor()}, {number} core{'' if number == 1 else 's'})"


def _cuda() -> str:
    memory = torch.cuda.get_device_properties(0).total_memory / 2**30
    return f"CUDA ({torch.cuda.get_device_name(0)}, {memory:.0f} GiB)"


DEVICES: dict[str, DeviceKind] = {  # the fastest kind first: "auto" takes the first that is there
    "cuda": DeviceKind("CUDA", torch.cuda.is_available, _cuda),
    "mps": DeviceKind("MPS", torch.backends.mps.is_available, lambda: f"MPS ({_processor()})"),
    "cpu": DeviceKind("CPU", lambda: True, _cpu),
}


def available() -> list[str]:
    """The keys of DEVICES that this machine has, the fastest first."""
    return [name for name, kind in DEVICES.items() if kind.available()]


def resolve(name: str = "auto") -> torch.device:
    """The device that a run uses; raises ValueError for a kind that is unknown or that this machine lacks."""
    here = available()
    if name == "auto":
        return torch.device(here[0])
    if name not in here:
        raise ValueError(
            f"The device {name!r} is not here; this machine has {', '.join(here)}. Choose one, or 'auto'."
        )
    return torch.device(name)


def describe(device: torch.device) -> str:
    """One line for the page, like `CPU (AMD EPYC, 2 cores)`."""
    return DEVICES[device.type].description()
