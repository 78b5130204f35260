"""Fetching from a server of our own on 127.0.0.1."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from core.data import download
from core.data.download import Checksum, DownloadFailed, fetch
from tests.mirror import Mirror

CONTENT = bytes(range(256)) * 4096  # 1 MB
MD5 = Checksum("md5", hashlib.md5(CONTENT).hexdigest())


def ignore(_done: float, _text: str) -> None: ...


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def test_a_file_arrives_with_progress(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["a"] = [CONTENT]
    reports: list[tuple[float, str]] = []
    fetch([mirror.url + "a"], tmp_path / "raw" / "a", MD5, lambda done, text: reports.append((done, text)))
    assert (tmp_path / "raw" / "a").read_bytes() == CONTENT
    assert [done for done, _ in reports] == sorted(done for done, _ in reports)
    assert len(reports) >= 4
    assert reports[-1] == (1.0, "a: 1.0 of 1.0 MB")
    assert names(tmp_path / "raw") == ["a"]


def test_the_first_digits_of_a_sha256_are_enough_where_no_more_are_published(
    mirror: Mirror, tmp_path: Path
) -> None:
    mirror.answers["a"] = [CONTENT[:-1] + b"?", CONTENT]
    first = Checksum("sha256", hashlib.sha256(CONTENT).hexdigest()[:8])
    fetch([mirror.url + "a"], tmp_path / "a", first, ignore)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert len(mirror.requests) == 2
    assert first.fits(tmp_path / "a")
    assert not first.fits(tmp_path / "b")


def test_a_wrong_file_is_fetched_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["a"] = [CONTENT[:-1] + b"?", CONTENT]
    fetch([mirror.url + "a"], tmp_path / "a", MD5, ignore)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert len(mirror.requests) == 2


def test_a_file_that_stays_wrong_never_looks_whole(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["a"] = [b"an error page"]
    with pytest.raises(DownloadFailed, match="wrong checksum"):
        fetch([mirror.url + "a"], tmp_path / "a", MD5, ignore)
    assert names(tmp_path) == []


def test_a_connection_that_ends_early(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["a"] = [CONTENT[:1000]]
    mirror.announced["a"] = len(CONTENT)
    with pytest.raises(DownloadFailed, match=f"ended after 1000 of {len(CONTENT)} bytes"):
        fetch([mirror.url + "a"], tmp_path / "a", MD5, ignore)
    assert names(tmp_path) == []


def test_the_second_mirror_helps(mirror: Mirror, nobody: str, tmp_path: Path) -> None:
    mirror.answers["a"] = [CONTENT]
    fetch([nobody + "a", mirror.url + "a"], tmp_path / "a", MD5, ignore)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_no_connection(nobody: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="Connection refused"):
        fetch([nobody + "a"], tmp_path / "a", MD5, ignore)


def test_a_file_that_the_mirror_lacks(mirror: Mirror, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="Not Found"):
        fetch([mirror.url + "a"], tmp_path / "a", MD5, ignore)


def test_whoever_stops_it_leaves_no_part(mirror: Mirror, tmp_path: Path) -> None:
    class StoppedError(BaseException): ...  # as Streamlit stops a script: from within the report

    def stop(_done: float, _text: str) -> None:
        raise StoppedError

    mirror.answers["a"] = [CONTENT]
    with pytest.raises(StoppedError):
        fetch([mirror.url + "a"], tmp_path / "a", MD5, stop)
    assert names(tmp_path) == []


def test_only_old_parts_are_removed(mirror: Mirror, tmp_path: Path) -> None:
    mirror.answers["a"] = [CONTENT]
    old, new = tmp_path / "a.1.part", tmp_path / "a.2.part"
    old.touch()
    new.touch()  # another process may be writing it
    an_age_ago = time.time() - 2 * download.STALE
    os.utime(old, (an_age_ago, an_age_ago))
    fetch([mirror.url + "a"], tmp_path / "a", MD5, ignore)
    assert names(tmp_path) == ["a", "a.2.part"]
