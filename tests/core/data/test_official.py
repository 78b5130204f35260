"""The official files of a data set, here two small ones from a server of our own."""

import errno
import hashlib
from pathlib import Path

import pytest

from core.data import download
from core.data.dataset import DataMissing
from core.data.official import OfficialFile, OfficialFiles
from tests.mirror import Mirror

CONTENTS = {"one.gz": b"1" * 100, "two.gz": b"2" * 100}


def ignore(_done: float, _text: str) -> None: ...


def files_at(address: str) -> OfficialFiles:
    listed = [
        OfficialFile(name, hashlib.md5(content).hexdigest(), (address + name,))
        for name, content in CONTENTS.items()
    ]
    return OfficialFiles("Fashion-MNIST", "FashionMNIST/raw", lambda: listed)


def test_only_what_is_missing_or_damaged_is_fetched(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers = {name: [content] for name, content in CONTENTS.items()}
    files = files_at(mirror.url)
    raw = tmp_path / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / "one.gz").write_bytes(b"1" * 100)
    (raw / "two.gz").write_bytes(b"2" * 50)
    assert files.unusable(tmp_path) == {"two.gz": "damaged"}
    reports: list[str] = []
    files.fetch(tmp_path, lambda _done, text: reports.append(text))
    assert mirror.requests == ["/two.gz"]
    assert files.unusable(tmp_path) == {}
    assert reports[-1].startswith("File 1 of 1, two.gz")


def test_without_a_network_the_sentence_says_what_to_put_where(nobody: str, tmp_path: Path) -> None:
    with pytest.raises(DataMissing) as refusal:
        files_at(nobody).fetch(tmp_path, ignore)
    assert str(refusal.value) == (
        "Fashion-MNIST could not be downloaded (Connection refused): try again later, or put "
        f"one.gz and two.gz (from {nobody}) into the folder {tmp_path / 'FashionMNIST' / 'raw'} by hand."
    )


def test_what_arrived_before_the_network_went_stays(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers = {"one.gz": [b"1" * 100]}
    files = files_at(mirror.url)
    with pytest.raises(DataMissing, match=r"put two\.gz \(from"):
        files.fetch(tmp_path, ignore)
    assert files.unusable(tmp_path) == {"two.gz": "missing"}


def test_a_full_disk_is_a_sentence(mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.tempfile, "mkstemp", full)
    with pytest.raises(DataMissing, match=r"is full; make room there"):
        files_at(mirror.url).fetch(tmp_path, ignore)
