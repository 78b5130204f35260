"""Getting a data set: status, prepare, load; the prepared file; damage; two at once."""

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torchvision.datasets import FashionMNIST

from core.data import catalogue, prepared, silhouettes
from core.data.catalogue import DATASETS, DataMissing, load, prepare, status
from core.data.dataset import LabelledImages


@pytest.fixture
def quick_silhouettes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Few silhouettes; the list grows by one whenever they are drawn."""
    drawn: list[int] = []

    def make(_folder: Path, on_progress: catalogue.Progress) -> tuple[LabelledImages, LabelledImages]:
        drawn.append(1)
        return silhouettes.make(on_progress, 40, 20)

    monkeypatch.setitem(DATASETS, "silhouettes", replace(DATASETS["silhouettes"], make=make))
    return drawn


def test_each_record_says_what_it_is() -> None:
    for known in DATASETS.values():
        assert known.title
        assert known.sentence.endswith(".")
        assert len(set(known.classes)) == len(known.classes) > 1
    assert "drawn" in DATASETS["silhouettes"].title


def test_the_data_folder_follows_the_environment(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert catalogue.data_folder() == data_folder
    monkeypatch.delenv("AUTOGRAD_LAB_DATA")
    assert catalogue.data_folder() == Path(__file__).parents[3] / "data"


def test_silhouettes_are_drawn_once(quick_silhouettes: list[int], data_folder: Path) -> None:
    assert status("silhouettes").state == "local"
    assert status("silhouettes").ready
    first = load("silhouettes")
    again = load("silhouettes")
    assert quick_silhouettes == [1]
    assert status("silhouettes").state == "ready"
    assert first.train.pixels.equal(again.train.pixels)
    assert again.input_shape == DATASETS["silhouettes"].input_shape
    assert (len(again.train), len(again.test)) == (40, 20)
    assert again.classes == DATASETS["silhouettes"].classes
    assert [file.name for file in (data_folder / "prepared").iterdir()] == ["silhouettes.pt"]


@pytest.mark.parametrize("damage", [b"", b"not a tensor", None], ids=["empty", "other bytes", "cut off"])
def test_a_damaged_prepared_file_is_made_anew(
    quick_silhouettes: list[int], data_folder: Path, damage: bytes | None
) -> None:
    expected = load("silhouettes").train.pixels.clone()
    file = data_folder / "prepared" / "silhouettes.pt"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2] if damage is None else damage)
    assert load("silhouettes").train.pixels.equal(expected)
    assert len(quick_silhouettes) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"format": (prepared.FORMAT, silhouettes.VERSION + 1)},
        {"train_labels": torch.full((40,), 10)},
        {"train_labels": torch.zeros(39, dtype=torch.int64)},
        {"test_pixels": torch.zeros(20, 1, 28, 28)},
    ],
    ids=["another version", "a class too many", "a label too few", "not bytes"],
)
def test_a_prepared_file_that_does_not_fit_is_made_anew(
    quick_silhouettes: list[int], data_folder: Path, change: dict[str, object]
) -> None:
    load("silhouettes")
    file = data_folder / "prepared" / "silhouettes.pt"
    torch.save({**torch.load(file, weights_only=True), **change}, file)
    load("silhouettes")
    assert len(quick_silhouettes) == 2


def test_a_prepared_file_that_would_run_code_is_not_run(
    quick_silhouettes: list[int], data_folder: Path
) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return print, ("this must not run",)

    file = data_folder / "prepared" / "silhouettes.pt"
    file.parent.mkdir(parents=True)
    torch.save({"format": Trap()}, file)
    assert len(load("silhouettes").train) == 40


def test_sessions_that_ask_at_once_draw_once(quick_silhouettes: list[int]) -> None:
    threads = [threading.Thread(target=prepare, args=("silhouettes",)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert quick_silhouettes == [1]


def test_processes_that_prepare_at_once_do_no_harm(data_folder: Path) -> None:
    program = "from core.data.catalogue import load; print(len(load('silhouettes').train))"
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate(timeout=60)[0] for process in processes] == ["6000\n"] * 2
    assert [file.name for file in (data_folder / "prepared").iterdir()] == ["silhouettes.pt"]


def test_loading_a_prepared_file_imports_no_torchvision(quick_silhouettes: list[int]) -> None:
    prepare("silhouettes")
    program = (
        "import sys; from core.data.catalogue import load\n"
        "load('silhouettes'); assert 'torchvision' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_missing_data_set_says_what_to_do(data_folder: Path) -> None:
    found = status("fashion-mnist")
    assert (found.state, found.ready) == ("missing", False)
    assert list(found.unusable) == [name for name, _ in FashionMNIST.resources]
    with pytest.raises(DataMissing) as refusal:
        load("fashion-mnist")
    assert str(refusal.value) == found.message
    assert str(data_folder / "FashionMNIST" / "raw") in found.message


def test_an_unknown_name_is_refused() -> None:
    for ask in (status, prepare, load):
        with pytest.raises(
            DataMissing, match=r"no data set “cifar”; choose one of fashion-mnist, silhouettes"
        ):
            ask("cifar")


def test_a_folder_that_cannot_be_written_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick_silhouettes: list[int]
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(in_the_way / "data"))
    with pytest.raises(DataMissing, match=r"can't be written to .* AUTOGRAD_LAB_DATA"):
        load("silhouettes")


@pytest.mark.real_data
def test_fashion_mnist_from_its_official_files(
    real_data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(real_data_folder))
    prepare("fashion-mnist")
    dataset = load("fashion-mnist")
    assert dataset.train.pixels.shape == (60_000, 1, 28, 28)
    assert dataset.test.pixels.shape == (10_000, 1, 28, 28)
    assert dataset.train.labels.bincount().tolist() == [6_000] * 10
    assert dataset.test.labels.bincount().tolist() == [1_000] * 10
    assert dataset.train.labels[:5].tolist() == [
        9,
        0,
        0,
        3,
        0,
    ]  # as every tutorial shows: ankle boot, T-shirt, …
    assert tuple(FashionMNIST.classes) == ("T-shirt/top", *dataset.classes[1:])
    assert not list(real_data_folder.glob("unpacking-*"))
