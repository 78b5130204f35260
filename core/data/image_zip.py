"""A zip of images from a stranger: looked through before anything is unpacked, then unpacked with bounds."""

import errno
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath
from typing import IO

from core.data.download import Progress
from core.data.image_folder import ImagesRefused, is_hidden, is_image

MEGABYTE = 1_000_000  # bytes
MOST_ZIPPED = 200 * MEGABYTE
MOST_UNPACKED = 1000 * MEGABYTE
MOST_FILES = 20_000
# bytes that one zipped byte may become: pictures are compressed already and hardly shrink; a small archive may
MOST_RATIO, SMALL = 50, 50 * MEGABYTE
CHUNK = 1 << 18  # bytes


def unpack(archive: IO[bytes], size: int, target: Path, on_progress: Progress) -> tuple[str, ...]:
    """The pictures of a zip of `size` bytes into the folder `target`; remarks on what was left out.

    Raises ImagesRefused, with `target` to be thrown away.
    """
    if size > MOST_ZIPPED:
        raise ImagesRefused(
            f"The zip has {size / MEGABYTE:,.0f} MB; up to {MOST_ZIPPED // MEGABYTE} MB can be uploaded. "
            "Scale the images down first: they end as small squares."
        )
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            _check(entries, size, target)
            wanted = [entry for entry in entries if is_image(Path(entry.filename))]
            for number, entry in enumerate(wanted, 1):
                _write(opened, entry, target)
                if number % 50 == 0:
                    on_progress(number / len(wanted), f"Unpacking file {number:,} of {len(wanted):,}")
    except ImagesRefused:
        raise
    except OSError as error:
        room = error.errno == errno.ENOSPC
        raise ImagesRefused(
            f"The zip can't be unpacked on this server ({'its disk is full' if room else error.strerror or error}); "
            "try a smaller one."
        ) from error
    except Exception as error:  # what a damaged archive raises is zipfile's and zlib's own affair
        raise ImagesRefused("The file is damaged, or no zip; pack the folder again as a zip.") from error
    return _remarks(entries, wanted)


def _check(entries: list[zipfile.ZipInfo], size: int, target: Path) -> None:
    """Everything that the archive's own list of contents tells."""
    if len(entries) > MOST_FILES:
        raise ImagesRefused(
            f"The zip has {len(entries):,} files; up to {MOST_FILES:,} are unpacked. Leave some images out."
        )
    for entry in entries:
        _check_place(entry)
    # an entry can't give more than it declares: zipfile stops reading there
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > SMALL and unpacked > MOST_RATIO * size:
        raise ImagesRefused(
            f"The zip would grow from {size / MEGABYTE:,.1f} to {unpacked / MEGABYTE:,.0f} MB, more than "
            f"{MOST_RATIO}-fold: that is no archive of pictures. Save them as PNG or JPEG and pack them again."
        )
    if unpacked > MOST_UNPACKED:
        raise ImagesRefused(
            f"The zip holds {unpacked / MEGABYTE:,.0f} MB unpacked; up to {MOST_UNPACKED // MEGABYTE:,} MB are "
            "allowed. Scale the images down first: they end as small squares."
        )
    free = shutil.disk_usage(target).free
    if unpacked > free // 2:  # the prepared images want their place, too
        raise ImagesRefused(
            f"The zip holds {unpacked / MEGABYTE:,.0f} MB unpacked, and only {free / MEGABYTE:,.0f} MB are free on "
            "the server's disk; try a smaller one, or ask whoever runs the server to make room."
        )


def _check_place(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    path = PurePosixPath(name.replace("\\", "/"))
    leads_outside = path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0])
    if leads_outside:
        raise ImagesRefused(
            f"The zip has an entry “{name[:80]}” that leads outside of its folder; pack the folder itself again."
        )
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise ImagesRefused(
            f"The zip has a link, “{name[:80]}”, instead of a file; pack the pictures themselves."
        )
    if entry.flag_bits & 1:
        raise ImagesRefused("The zip is locked with a password; pack the folder again without one.")


def _write(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    path = target.joinpath(*PurePosixPath(entry.filename).parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(entry) as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file, CHUNK)


def _remarks(entries: list[zipfile.ZipInfo], wanted: list[zipfile.ZipInfo]) -> tuple[str, ...]:
    hidden = sum(any(is_hidden(part) for part in Path(entry.filename).parts) for entry in entries)
    others = len(entries) - len(wanted) - hidden
    remarks = (
        (hidden, f"Hidden files left out (such as `__MACOSX`): {hidden:,}."),
        (others, f"Files left out that are no pictures: {others:,}."),
    )
    return tuple(text for count, text in remarks if count)
