"""How much memory there is, on a machine and in a container."""

from pathlib import Path

import psutil
import pytest

from core.networks import machine


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A container of 8 GiB that uses 6, of which 1 is a cache that can be given up; on a machine of 64 with 32 free."""
    (tmp_path / "memory.max").write_text(f"{8 * 2**30}\n")
    (tmp_path / "memory.current").write_text(f"{6 * 2**30}\n")
    (tmp_path / "memory.stat").write_text(f"anon {5 * 2**30}\ninactive_file {2**30}\nactive_file 0\n")
    monkeypatch.setattr(machine, "CONTAINER", tmp_path)
    memory = psutil.virtual_memory()._replace(total=64 * 2**30, available=32 * 2**30)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    return tmp_path


def test_a_container_has_what_it_was_given(container: Path) -> None:
    assert machine.memory_bytes() == 8 * 2**30
    assert machine.free_bytes() == 3 * 2**30


def test_a_container_without_a_limit_has_the_machine(container: Path) -> None:
    (container / "memory.max").write_text("max\n")
    assert (machine.memory_bytes(), machine.free_bytes()) == (64 * 2**30, 32 * 2**30)


def test_no_more_is_free_than_the_machine_has_free(container: Path) -> None:
    (container / "memory.max").write_text(f"{60 * 2**30}\n")
    assert machine.free_bytes() == 32 * 2**30


def test_this_machine() -> None:
    assert 0 < machine.free_bytes() < machine.memory_bytes() == machine.MEMORY
