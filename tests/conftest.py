"""What all tests share: a data folder of their own, and where the official Fashion-MNIST files are."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch reads it at import; workers run beside the tests

import pytest
from hypothesis import settings

# the same examples at each run on a clean checkout: a change is judged by what it does, not by luck;
# a person's runs go on looking for new ones
settings.register_profile("ci", derandomize=True)
if "CI" in os.environ:
    settings.load_profile("ci")

ROOT = Path(__file__).parents[1]

pytest_plugins = ("tests.mirror",)


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder for each test, so that none touches the person's own runs and data sets."""
    folder = tmp_path / "data"
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(folder))
    return folder


@pytest.fixture(scope="session")
def official_files() -> Path:
    """The folder with the four official Fashion-MNIST files, to be copied from, never written to."""
    folder = Path(os.environ.get("AUTOGRAD_LAB_TEST_DATA", ROOT / "data" / "FashionMNIST" / "raw"))
    if (folder / "train-images-idx3-ubyte.gz").is_file():
        return folder
    message = f"no Fashion-MNIST files in {folder}: set AUTOGRAD_LAB_TEST_DATA to the folder that holds them"
    if "CI" in os.environ:
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def real_data_folder(official_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that holds a copy of the official files, shared by the tests of one session."""
    folder = tmp_path_factory.mktemp("real")
    raw = folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in official_files.glob("*.gz"):
        shutil.copyfile(file, raw / file.name)
    yield folder
    shutil.rmtree(folder)  # the extracted and the prepared files take 110 MB
