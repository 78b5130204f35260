"""A zip from a stranger: what is unpacked, and each thing that is refused."""

import io
import zipfile
from collections import namedtuple
from pathlib import Path

import pytest

from core.data import image_zip
from core.data.image_folder import ImagesRefused
from core.data.image_zip import unpack
from tests.core.data.own_images import pictures, zipped


def ignore(_done: float, _text: str) -> None: ...


def unpacked(archive: io.BytesIO, target: Path) -> tuple[str, ...]:
    return unpack(archive, len(archive.getvalue()), target, ignore)


def refusal(archive: io.BytesIO, target: Path) -> str:
    with pytest.raises(ImagesRefused) as raised:
        unpacked(archive, target)
    assert str(raised.value).endswith(".")
    assert not [path for path in target.rglob("*") if path.is_file()]
    return str(raised.value)


def test_pictures_are_unpacked_and_the_rest_is_left_out_and_said(tmp_path: Path) -> None:
    others = {"__MACOSX/cat/._1.png": b"x", "cat/.DS_Store": b"x", "cat/readme.md": b"x", "run.sh": b"x"}
    remarks = unpacked(zipped(pictures(3, "animals/") | others), tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")} == set(
        pictures(3, "animals/")
    )
    assert (tmp_path / "animals/dog/2.png").read_bytes() == pictures(3, "animals/")["animals/dog/2.png"]
    assert remarks == (
        "Hidden files left out (such as `__MACOSX`): 2.",
        "Files left out that are no pictures: 2.",
    )


@pytest.mark.parametrize(
    "name",
    ["../evil.png", "cat/../../evil.png", "/tmp/evil.png", "C:/evil.png", "..\\evil.png", "\\evil.png"],
)
def test_an_entry_that_leads_outside(name: str, tmp_path: Path) -> None:
    target = tmp_path / "inner"
    target.mkdir()
    assert "leads outside of its folder" in refusal(zipped(pictures(1) | {name: b"x"}), target)
    assert list(tmp_path.iterdir()) == [target]


def test_a_symbolic_link(tmp_path: Path) -> None:
    assert "has a link, “cat/9.png”, instead of a file" in refusal(zipped({}, links=("cat/9.png",)), tmp_path)


def test_a_zip_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(ImagesRefused, match="has 201 MB; up to 200 MB can be uploaded"):
        unpack(io.BytesIO(), 201_000_000, tmp_path, ignore)


def test_a_decompression_bomb(tmp_path: Path) -> None:
    bomb = zipped({"cat/1.bmp": bytes(60_000_000)})
    assert len(bomb.getvalue()) < 100_000
    assert "would grow from 0.1 to 60 MB, more than 50-fold" in refusal(bomb, tmp_path)


def test_too_much_once_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_zip, "MOST_UNPACKED", 1_000_000)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as stored:
        stored.writestr("cat/1.png", bytes(2_000_000))
    assert "holds 2 MB unpacked; up to 1 MB are allowed" in refusal(archive, tmp_path)


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_zip, "MOST_FILES", 8)
    assert "has 9 files; up to 8 are unpacked" in refusal(zipped(pictures(3)), tmp_path)


def test_what_does_not_fit_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(image_zip.shutil, "disk_usage", lambda _path: usage(10**9, 10**9, 100))
    assert "only 0 MB are free on the server's disk" in refusal(zipped(pictures(3)), tmp_path)


def test_a_password(tmp_path: Path) -> None:
    content = bytearray(zipped(pictures(1)).getvalue())
    central = content.index(b"PK\x01\x02")
    content[central + 8] |= 1  # the flag "encrypted" of the first entry in the list of contents
    assert "locked with a password" in refusal(io.BytesIO(bytes(content)), tmp_path)


@pytest.mark.parametrize("damage", ["text", "cut off", "one byte"])
def test_a_damaged_zip(damage: str, tmp_path: Path) -> None:
    content = zipped({"cat/1.png": bytes(range(256)) * 40}).getvalue()
    damaged = {
        "text": b"this is no zip",
        "cut off": content[: len(content) // 2],
        "one byte": content[:60] + bytes([content[60] ^ 255]) + content[61:],
    }[damage]
    with pytest.raises(ImagesRefused, match=r"is damaged, or no zip; pack the folder again"):
        unpacked(io.BytesIO(damaged), tmp_path)


def test_an_entry_that_gives_more_than_it_declares_is_cut(tmp_path: Path) -> None:
    content = bytearray(zipped({"cat/1.png": bytes(1_000_000)}).getvalue())
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # the two places of the size
        place = content.index(signature) + offset
        content[place : place + 4] = (10).to_bytes(4, "little")
    with pytest.raises(ImagesRefused, match="is damaged"):  # by its checksum
        unpacked(io.BytesIO(bytes(content)), tmp_path)
    assert all(path.stat().st_size <= 10 for path in tmp_path.rglob("*.png"))
