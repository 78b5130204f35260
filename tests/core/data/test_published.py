"""The published data sets, from small files in their own formats that the tests make and a server of ours gives."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import savemat
from torchvision import datasets

from core.data import cifar10, flowers, idx
from core.data.catalogue import DATASETS, DataMissing, load, prepare, status
from tests.mirror import Mirror


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def idx_file(values: np.ndarray) -> bytes:
    """IDX as its author describes it: two zeros, 8 for bytes, the number of axes, their sizes, then the bytes."""
    return bytes([0, 0, 8, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


def grey_split(count: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Images whose pixels follow from their place: each is another, and none is its own mirror image."""
    numbers = np.arange(count * 28 * 28).reshape(count, 28, 28)
    return (numbers * 7 % 251).astype(np.uint8), (np.arange(count) % classes).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "kind"), [("mnist", "MNIST"), ("kmnist", "KMNIST"), ("fashion-mnist", "FashionMNIST")]
)
def test_four_idx_files(
    name: str, kind: str, mirror: Mirror, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = grey_split(30, 10), grey_split(20, 10)
    contents = {
        f"{split}-{content}-ubyte.gz": gzip.compress(idx_file(values))
        for split, images in (("train", train), ("t10k", test))
        for content, values in zip(("images-idx3", "labels-idx1"), images, strict=True)
    }
    mirror.answers = {file: [content] for file, content in contents.items()}
    monkeypatch.setattr(getattr(datasets, kind), "mirrors", [mirror.url])
    monkeypatch.setattr(
        getattr(datasets, kind), "resources", [(file, md5(content)) for file, content in contents.items()]
    )
    assert status(name).state == "missing"
    prepare(name)
    found = load(name)
    assert found.train.pixels.squeeze(1).numpy().tolist() == train[0].tolist()
    assert found.train.labels.tolist() == train[1].tolist()
    assert found.test.pixels.squeeze(1).numpy().tolist() == test[0].tolist()
    assert found.input_shape == DATASETS[name].input_shape
    assert sorted(file.name for file in (data_folder / kind / "raw").iterdir()) == sorted(contents)
    assert not list(data_folder.glob("unpacking-*"))


def test_emnist_is_read_from_its_archive_and_put_upright(
    mirror: Mirror, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = grey_split(94, 47), grey_split(47, 47)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for split, images in (("train", train), ("test", test)):
            for content, values in zip(("images-idx3", "labels-idx1"), images, strict=True):
                file = f"gzip/emnist-balanced-{split}-{content}-ubyte.gz"
                packed.writestr(file, gzip.compress(idx_file(values)))
        packed.writestr("gzip/emnist-letters-train-images-idx3-ubyte.gz", b"another variant")
    mirror.answers["gzip.zip"] = [archive.getvalue()]
    monkeypatch.setattr(datasets.EMNIST, "url", mirror.url + "gzip.zip")
    monkeypatch.setattr(datasets.EMNIST, "md5", md5(archive.getvalue()))
    prepare("emnist-balanced")
    found = load("emnist-balanced")
    # the file's rows are the image's columns
    assert found.train.pixels[5, 0].numpy().tolist() == train[0][5].T.tolist()
    assert found.test.labels.tolist() == test[1].tolist()
    assert len(found.classes) == 47
    assert not list(data_folder.glob("unpacking-*"))


def test_cifar_10_is_read_from_its_pickles(
    mirror: Mirror, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = {f"data_batch_{number}": range(4 * number, 4 * number + 4) for number in range(1, 6)}
    parts["test_batch"] = range(10)
    contents = {}
    for file, numbers in parts.items():
        # a row is 1,024 red, then 1,024 green, then 1,024 blue values
        rows = np.stack([np.repeat([number, 2 * number, 3 * number], 1024) for number in numbers])
        entry = {"data": rows.astype(np.uint8), "labels": [number % 10 for number in numbers]}
        contents[file] = pickle.dumps(entry)
    contents["batches.meta"] = pickle.dumps({"label_names": list(cifar10.CLASSES)})
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        for file, content in contents.items():
            entry_of_tar = tarfile.TarInfo(f"cifar-10-batches-py/{file}")
            entry_of_tar.size = len(content)
            packed.addfile(entry_of_tar, io.BytesIO(content))
    mirror.answers["cifar-10-python.tar.gz"] = [archive.getvalue()]
    kind = datasets.CIFAR10
    sums = {file: md5(content) for file, content in contents.items()}
    monkeypatch.setattr(kind, "url", mirror.url + "cifar-10-python.tar.gz")
    monkeypatch.setattr(kind, "tgz_md5", md5(archive.getvalue()))
    monkeypatch.setattr(
        kind, "train_list", [[f"data_batch_{n}", sums[f"data_batch_{n}"]] for n in range(1, 6)]
    )
    monkeypatch.setattr(kind, "test_list", [["test_batch", sums["test_batch"]]])
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": sums["batches.meta"]})
    prepare("cifar-10")
    found = load("cifar-10")
    assert found.train.pixels.shape == (20, 3, 32, 32)
    assert found.train.labels.tolist() == [number % 10 for number in range(4, 24)]
    assert found.train.pixels[3, :, 0, 0].tolist() == [7, 14, 21]  # data_batch_1 has the numbers 4 to 7
    assert found.test.pixels[9, :, 31, 31].tolist() == [9, 18, 27]
    assert not list(data_folder.glob("unpacking-*"))


def test_flowers_are_split_as_the_page_says_and_cut_square(
    mirror: Mirror, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {"trnid": [2, 5], "valid": [1, 6], "tstid": [3, 4]}
    labels = [1, 102, 50, 1, 2, 3]  # of the images 1 to 6; MATLAB counts from 1
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as packed:
        for number in range(1, 7):
            wide = Image.new("RGB", (300, 100), "blue")
            wide.paste((40 * number, 0, 0), (100, 0, 200, 100))  # the middle square is red
            picture = io.BytesIO()
            wide.save(picture, "JPEG", quality=100)
            entry = tarfile.TarInfo(f"jpg/image_{number:05d}.jpg")
            entry.size = picture.tell()
            packed.addfile(entry, io.BytesIO(picture.getvalue()))
    contents = {"102flowers.tgz": archive.getvalue()}
    for file, content in (("imagelabels.mat", {"labels": [labels]}), ("setid.mat", ids)):
        matlab = io.BytesIO()
        savemat(matlab, content)
        contents[file] = matlab.getvalue()
    mirror.answers = {file: [content] for file, content in contents.items()}
    kind = datasets.Flowers102
    monkeypatch.setattr(kind, "_download_url_prefix", mirror.url)
    listed = {key: (file, md5(contents[file])) for key, (file, _) in kind._file_dict.items()}
    monkeypatch.setattr(kind, "_file_dict", listed)
    prepare("flowers-102")
    found = load("flowers-102")
    assert found.input_shape == DATASETS["flowers-102"].input_shape
    assert found.train.labels.tolist() == [101, 1, 0, 2]  # images 2, 5, 1 and 6
    assert found.test.labels.tolist() == [49, 0]  # images 3 and 4
    for split, numbers in ((found.train, (2, 5, 1, 6)), (found.test, (3, 4))):
        for pixels, number in zip(split.pixels, numbers, strict=True):
            middle = pixels[:, 16:48, 16:48].float().mean((1, 2))
            assert torch.allclose(middle, torch.tensor([40.0 * number, 0, 0]), atol=6)
            assert pixels[2].float().mean() < 20  # the blue sides are cut off
    assert not list(data_folder.glob("unpacking-*"))


@pytest.mark.parametrize("name", ["mnist", "kmnist", "emnist-balanced", "cifar-10", "flowers-102"])
def test_without_a_network_the_way_by_hand_is_said(name: str, data_folder: Path) -> None:
    found = status(name)
    files = DATASETS[name].files
    assert files is not None
    assert found.state == "missing"
    assert list(found.unusable) == [file.name for file in files.listed()]
    assert str(files.folder(data_folder)) in found.message
    assert files.listed()[0].urls[0].startswith("http")
    with pytest.raises(DataMissing, match="is not on this machine yet: download it, or put"):
        load(name)


def test_the_classes_are_torchvisions() -> None:
    assert tuple(datasets.FashionMNIST.classes) == ("T-shirt/top", *idx.GARMENTS[1:])
    assert [name.split(" - ")[0] for name in datasets.MNIST.classes] == list(idx.DIGITS)
    assert tuple(datasets.KMNIST.classes) == idx.SYLLABLES
    assert tuple(datasets.EMNIST.classes_split_dict["balanced"]) == idx.CHARACTERS
    assert tuple(datasets.Flowers102.classes) == flowers.CLASSES
