"""Fetch files whose checksums are known, with progress, so that a half or damaged one never looks whole."""

import hashlib
import os
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

Progress = Callable[[float, str], object]  # (done in 0–1, what is being done)

CHUNK = 1 << 18  # bytes
TIMEOUT = 20.0  # seconds without a byte
STALE = 3600.0  # seconds; an older part was left by a process that was killed


class DownloadFailed(Exception):
    """A file could not be had; the text is the reason, fit to stand in brackets."""


@dataclass(frozen=True)
class Checksum:
    """What a file must hash to; some publish all digits, some the first few."""

    algorithm: str  # of hashlib: "md5", "sha256"
    digits: str  # hexadecimal, all of them or the first

    def fits(self, path: Path) -> bool:
        """Whether the file is there and whole."""
        if not path.is_file():
            return False
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.new(self.algorithm, usedforsecurity=False))
        return digest.hexdigest().startswith(self.digits)


def fetch(urls: list[str], target: Path, checksum: Checksum, on_progress: Progress, tries: int = 2) -> None:
    """Download to `target` from the first of `urls` that gives the right checksum; `tries` times each.

    The bytes go into `<name>.….part`, which takes the target's place only when its checksum holds; so two
    processes that fetch the same file can't harm each other.

    Raises DownloadFailed with the last reason, and OSError when the file can't be written (a full disk).
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_stale_parts(target)
    reason = "no address to fetch it from"
    for url in urls * tries:
        handle, name = tempfile.mkstemp(prefix=f"{target.name}.", suffix=".part", dir=target.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                reason = _stream(url, file.write, target.name, on_progress)
            if not reason:
                if checksum.fits(part):
                    part.chmod(0o644)  # mkstemp makes it private to this user
                    part.replace(target)
                    return
                reason = "what arrived has a wrong checksum"
        finally:
            part.unlink(missing_ok=True)
    raise DownloadFailed(reason)


def _stream(url: str, write: Callable[[bytes], object], name: str, on_progress: Progress) -> str:
    """Copy a URL's bytes; the reason why not, or an empty text. Errors of `write` are not caught."""
    try:
        response = urllib.request.urlopen(url, timeout=TIMEOUT)
    except (OSError, HTTPException, ValueError) as error:  # URLError and its kin are OSErrors
        return _in_words(error)
    with response:
        size = int(response.headers.get("Content-Length") or 0)
        done = 0
        while True:
            try:
                chunk = response.read(CHUNK)
            except (OSError, HTTPException) as error:
                return _in_words(error)
            if not chunk:
                return "" if done >= size else f"the connection ended after {done} of {size} bytes"
            write(chunk)
            done += len(chunk)
            of_size = f" of {size / 1e6:.1f}" if size else ""
            on_progress(done / size if size else 0.0, f"{name}: {done / 1e6:.1f}{of_size} MB")


def _in_words(error: Exception) -> str:
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason or type(reason).__name__)


def _remove_stale_parts(target: Path) -> None:
    for part in target.parent.glob(f"{target.name}.*.part"):
        if time.time() - part.stat().st_mtime > STALE:
            part.unlink(missing_ok=True)
