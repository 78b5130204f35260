"""Data sets of people's own images: their names, what is kept, who finds them, and how they go."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.data import catalogue, image_sets
from core.data.catalogue import DATASETS, DataMissing, datasets, load, status
from core.data.image_folder import ImagesRefused
from core.data.image_sets import add_folder, add_zip, kept, remove
from tests.core.data.own_images import lay_out, pictures, zipped

OWNER = "0" * 32


def ignore(_done: float, _text: str) -> None: ...


def add(folder: Path, archive: io.BytesIO | None = None, title: str = "Animals", **choices: object) -> str:
    archive = archive or zipped(pictures())
    image, owner = choices.get("image", (3, 28)), choices.get("owner", OWNER)
    name, _ = add_zip(folder, archive, len(archive.getvalue()), title, image, owner, ignore)  # type: ignore[arg-type]
    return name


def test_an_uploaded_zip_is_a_data_set_like_any_other(data_folder: Path) -> None:
    name = add(data_folder)
    known = datasets()[name]
    assert list(datasets()) == [*DATASETS, name]
    assert (known.title, known.classes, known.input_shape) == ("Animals", ("cat", "dog", "owl"), (3, 28, 28))
    assert known.sentence.startswith(
        "30 colour images of 28×28 pixels in 3 classes: 24 for training, 6 for test."
    )
    assert status(name).state == "ready"
    found = load(name)
    assert found.classes == known.classes
    assert (len(found.train), len(found.test)) == (24, 6)
    assert load(name, (1, 32)).input_shape == (1, 32, 32)
    assert not list(data_folder.glob("unpacking-*"))


def test_the_name_follows_from_the_images(data_folder: Path, tmp_path: Path) -> None:
    name = add(data_folder)
    assert image_sets.NAME.fullmatch(name)
    assert add(data_folder, title="The same under another name", owner="1" * 32) == name
    assert datasets()[name].title == "Animals"  # what is there stays as it is
    assert add(tmp_path / "elsewhere") == name
    assert add(data_folder, image=(1, 28)) != name
    assert add(data_folder, zipped(pictures(11))) != name


def test_another_process_finds_it(data_folder: Path) -> None:
    name = add(data_folder)
    program = f"from core.data.catalogue import load; print(len(load({name!r}).train))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True, timeout=60) == "24\n"


def test_one_that_was_deleted_is_a_sentence_and_comes_back_with_the_same_images(data_folder: Path) -> None:
    name = add(data_folder)
    load(name, (1, 32))
    remove(data_folder, name, OWNER)
    assert list((data_folder / "prepared").iterdir()) == []
    assert name not in datasets()
    for ask in (status, load):
        with pytest.raises(DataMissing, match=r"was deleted from this server\. Add the same images again"):
            ask(name)
    remove(data_folder, name, OWNER)  # twice is once
    assert add(data_folder) == name
    assert len(load(name).train) == 24


def test_only_its_owner_deletes_it(data_folder: Path) -> None:
    name = add(data_folder)
    with pytest.raises(ImagesRefused, match="added by somebody else"):
        remove(data_folder, name, "1" * 32)
    assert name in datasets()


def test_damaged_images_are_a_sentence_and_can_be_added_again(data_folder: Path) -> None:
    name = add(data_folder)
    (data_folder / "prepared" / f"{name}.pt").write_bytes(b"damaged")
    with pytest.raises(DataMissing, match="are gone from this machine, or damaged; add them again"):
        load(name)
    add(data_folder)
    assert len(load(name).train) == 24


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"title": 1}'])
def test_a_damaged_description_hides_its_data_set_and_no_other(content: str, data_folder: Path) -> None:
    name, other = add(data_folder), add(data_folder, image=(1, 28))
    (data_folder / "prepared" / f"{name}.json").write_text(content)
    (data_folder / "prepared" / "folder-notes.json").write_text("{}")
    assert list(kept(data_folder)) == [other]


def test_there_is_room_for_so_many(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_sets, "MOST_SETS", 2)
    first = add(data_folder)
    add(data_folder, image=(1, 28))
    with pytest.raises(ImagesRefused, match="There are 2 data sets of people's own images"):
        add(data_folder, image=(1, 32))
    assert add(data_folder) == first
    remove(data_folder, first, OWNER)
    add(data_folder, image=(1, 32))


@pytest.mark.parametrize("title", ["", "  ", "x" * 41, "two\nlines"])
def test_a_title_that_is_none(title: str, data_folder: Path) -> None:
    with pytest.raises(ImagesRefused, match="one line of 1 to 40 characters"):
        add(data_folder, title=title)


@pytest.mark.parametrize("image", [(2, 28), (3, 29), (3, 4096)])
def test_a_format_that_is_not_offered(image: tuple[int, int], data_folder: Path) -> None:
    with pytest.raises(ImagesRefused, match="choose grey or colour, and 28, 32, 64 pixels"):
        add(data_folder, image=image)


def test_a_refused_zip_leaves_nothing(data_folder: Path) -> None:
    with pytest.raises(ImagesRefused, match="is no picture"):
        add(data_folder, zipped(pictures() | {"cat/x.png": b"no"}))
    assert list(data_folder.rglob("*")) == []


def test_a_folder_of_the_operators(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    birds, fish = tmp_path / "birds", tmp_path / "fish"
    lay_out(pictures(), birds)
    monkeypatch.delenv(image_sets.FOLDERS, raising=False)
    assert image_sets.offered_folders() == {}
    monkeypatch.setenv(image_sets.FOLDERS, os.pathsep.join((str(birds), str(fish))))
    assert image_sets.offered_folders() == {"birds": birds, "fish": fish}
    name, one = add_folder(data_folder, "birds", (3, 28), OWNER, ignore)
    assert (one.title, one.source) == ("birds", "the folder “birds” on this server")
    assert name == add(data_folder)  # the same images, however they came
    for absent in ("fish", "../birds", str(birds)):
        with pytest.raises(ImagesRefused, match=r"There is no folder .* AUTOGRAD_LAB_IMAGES names those"):
            add_folder(data_folder, absent, (3, 28), OWNER, ignore)


def test_the_catalogue_says_what_is_there_now(data_folder: Path) -> None:
    assert datasets() == DATASETS
    name = add(data_folder)
    assert catalogue.record(name).title == "Animals"
    with pytest.raises(DataMissing, match=f"choose one of .*{name}"):
        load("nonsense")
