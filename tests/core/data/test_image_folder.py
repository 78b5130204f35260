"""Any folder of images: its classes, its splits, its limits, and what a picture becomes."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import ImageFolder

from core.data import image_folder
from core.data.image_folder import FolderImages, ImagesRefused, read_folder
from core.data.pictures import square
from tests.core.data.own_images import SHADES, lay_out, picture, pictures

GREY = (1, 28)


def ignore(_done: float, _text: str) -> None: ...


def read(contents: dict[str, bytes], folder: Path) -> FolderImages:
    return read_folder(lay_out(contents, folder), GREY, ignore)


def refusal(contents: dict[str, bytes], folder: Path) -> str:
    with pytest.raises(ImagesRefused) as raised:
        read(contents, folder)
    assert str(raised.value).endswith(".")
    return str(raised.value)


def test_each_folder_is_a_class_and_a_fifth_of_each_is_for_test(tmp_path: Path) -> None:
    found = read(pictures(10), tmp_path)
    assert found.classes == ("cat", "dog", "owl") == tuple(ImageFolder(str(tmp_path)).classes)
    assert found.train.labels.bincount().tolist() == [8, 8, 8]
    assert found.test.labels.bincount().tolist() == [2, 2, 2]
    for images in (found.train, found.test):
        assert images.pixels.shape[1:] == (1, 28, 28)
        for pixels, label in zip(images.pixels, images.labels.tolist(), strict=True):
            shade = SHADES[found.classes[label]]
            # green is shade + number, and green weighs 0.587 in the luma: at most 9 · 0.587 = 5.3 above
            assert shade <= int(pixels.min()) <= int(pixels.max()) <= shade + 6
    again = read({}, tmp_path)
    assert again.train.pixels.equal(found.train.pixels)
    assert found.remarks == ("20 % of each class for test, chosen by lot, the same each time.",)


def test_a_folder_around_all_others_is_passed_through(tmp_path: Path) -> None:
    found = read(pictures(5, "my animals/all of them/"), tmp_path)
    assert found.classes == ("cat", "dog", "owl")


@pytest.mark.parametrize("name", ["test", "val", "Valid"])
def test_folders_that_are_splits_stay_splits(name: str, tmp_path: Path) -> None:
    found = read(pictures(6, "train/") | pictures(3, f"{name}/"), tmp_path)
    assert found.train.labels.bincount().tolist() == [6, 6, 6]
    assert found.test.labels.bincount().tolist() == [3, 3, 3]
    assert found.remarks[0] == f"“train” for training, “{name}” for test, as the folders say."


def test_with_three_splits_validation_goes_to_training(tmp_path: Path) -> None:
    found = read(pictures(6, "train/") | pictures(3, "val/") | pictures(2, "test/"), tmp_path)
    assert (len(found.train), len(found.test)) == (27, 6)


def test_a_class_called_train_is_a_class_among_others(tmp_path: Path) -> None:
    found = read(pictures(5, classes={"train": 50, "test": 100, "plane": 150}), tmp_path)
    assert found.classes == ("plane", "test", "train")


def test_hidden_files_and_other_formats_are_left_out_and_counted(tmp_path: Path) -> None:
    others = {
        "cat/._1.png": b"mac",
        ".git/cat/1.png": b"x",
        "cat/notes.txt": b"x",
        "__MACOSX/cat/1.png": b"x",
    }
    found = read(pictures(5) | others, tmp_path)
    assert len(found.train) + len(found.test) == 15
    assert "other formats are not read: 2." in found.remarks[1]  # hidden folders are not even looked into


def test_no_classes(tmp_path: Path) -> None:
    assert "No classes were found" in refusal({"1.png": picture(9)}, tmp_path)


def test_one_class(tmp_path: Path) -> None:
    assert "1 class was found; allowed are 2 to 200" in refusal(pictures(5, classes={"cat": 40}), tmp_path)


def test_no_images(tmp_path: Path) -> None:
    assert "No images were found" in refusal({"cat/a.txt": b"", "dog/b.txt": b""}, tmp_path)


def test_too_many_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "MOST_CLASSES", 2)
    assert "3 classes were found; allowed are 2 to 2" in refusal(pictures(5), tmp_path)


def test_too_many_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_folder, "MOST_IMAGES", 14)
    assert "There are 15 images; up to 14 can be used" in refusal(pictures(5), tmp_path)


def test_too_few_images_of_a_class(tmp_path: Path) -> None:
    few = pictures(5, classes={"cat": 40, "dog": 80}) | pictures(4, classes={"owl": 120})
    assert "The class “owl” has 4 images; at least 5 are needed" in refusal(few, tmp_path)


def test_a_test_class_that_training_lacks(tmp_path: Path) -> None:
    contents = pictures(5, "train/") | pictures(5, "test/", {"fox": 90})
    assert "a class “fox” that the training images lack" in refusal(contents, tmp_path)


def test_a_class_name_that_is_too_long(tmp_path: Path) -> None:
    assert "can't be a class's name" in refusal(pictures(5) | pictures(5, classes={"x" * 61: 9}), tmp_path)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a picture", picture(9)[:60], b"GIF89a" + bytes(40)],
    ids=["empty", "text", "cut off", "gif"],
)
def test_a_file_that_is_no_picture_is_named(content: bytes, tmp_path: Path) -> None:
    sentence = refusal(pictures(5) | {"dog/inner/odd.png": content}, tmp_path)
    assert "“dog/inner/odd.png” is no picture that can be read" in sentence


def test_a_format_that_is_not_listed_is_not_opened_under_another_name(tmp_path: Path) -> None:
    assert "is no picture" in refusal(pictures(5) | {"dog/odd.png": picture(9, kind="TIFF")}, tmp_path)


@pytest.mark.parametrize(
    ("size", "words"), [((5_000, 1_000), "5,000 × 1,000"), ((30_000, 20_000), "hundreds of millions of")]
)
def test_a_small_file_with_a_huge_picture_is_not_decoded(
    size: tuple[int, int], words: str, tmp_path: Path
) -> None:
    file = io.BytesIO()
    Image.new("L", size).save(file, "PNG")
    assert len(file.getvalue()) < 1_000_000  # the larger one takes 600 MB once decoded
    sentence = refusal(pictures(5) | {"dog/bomb.png": file.getvalue()}, tmp_path)
    assert f"“dog/bomb.png” has {words} pixels; up to 4,000,000 in all are read" in sentence


def test_a_photograph_is_turned_upright(tmp_path: Path) -> None:
    photograph = Image.new("L", (40, 40))
    photograph.paste(255, (0, 0, 40, 20))  # the sensor's upper half is light
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: the sensor's top is the picture's right side
    file = io.BytesIO()
    photograph.save(file, "JPEG", exif=exif, quality=100)
    contents = {f"{name}/{number}.jpg": file.getvalue() for name in ("a", "b") for number in range(5)}
    pixels = read(contents, tmp_path).train.pixels[0, 0].float()
    assert pixels[:, :13].mean() < 10
    assert pixels[:, 15:].mean() > 245


def test_a_square_is_cut_from_the_middle_and_not_squeezed() -> None:
    wide = Image.new("RGB", (90, 30), "blue")
    wide.paste("red", (30, 0, 60, 30))
    pixels = square(wide, 3, 30)
    assert pixels[0].float().mean() > 240 and pixels[2].float().mean() < 15


def test_what_is_transparent_becomes_white() -> None:
    seen_through = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    seen_through.putpixel((0, 0), (10, 20, 30, 255))
    pixels = square(seen_through, 3, 8)
    assert pixels[:, 0, 0].tolist() == [10, 20, 30]
    assert pixels[:, 4, 4].tolist() == [255, 255, 255]


def test_an_image_of_the_right_size_stays_as_it_is() -> None:
    values = np.random.default_rng(0).integers(0, 256, (28, 28, 3), dtype=np.uint8)
    assert square(Image.fromarray(values), 3, 28).permute(1, 2, 0).numpy().tolist() == values.tolist()
