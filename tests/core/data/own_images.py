"""Small folders and zips of images, as people have them."""

import io
import stat
import zipfile
from pathlib import Path

from PIL import Image

SHADES = {"cat": 40, "dog": 120, "owl": 200}  # the grey level that tells a class


def picture(shade: int, number: int = 0, size: tuple[int, int] = (40, 40), kind: str = "PNG") -> bytes:
    """One colour all over, a little other for each number."""
    file = io.BytesIO()
    Image.new("RGB", size, (shade, shade + number, shade)).save(file, kind)
    return file.getvalue()


def pictures(count: int = 10, before: str = "", classes: dict[str, int] | None = None) -> dict[str, bytes]:
    """`count` pictures of each class, as ImageFolder wants them: path → content."""
    return {
        f"{before}{name}/{number}.png": picture(shade, number)
        for name, shade in (classes or SHADES).items()
        for number in range(count)
    }


def zipped(contents: dict[str, bytes], links: tuple[str, ...] = ()) -> io.BytesIO:
    """A zip of these files; those named in `links` are symbolic links."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        for name in links:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(entry, "/etc/passwd")
    file.seek(0)
    return file


def lay_out(contents: dict[str, bytes], folder: Path) -> Path:
    """The same files in a folder."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
