"""A small network with everything in it that resuming could get wrong, and small data."""

from pathlib import Path

import pytest
import torch

from core.data import catalogue
from core.data.batches import Batches
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training import precision
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore


@pytest.fixture(scope="session")
def silhouettes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the prepared Silhouettes in it."""
    folder = tmp_path_factory.mktemp("silhouettes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_LAB_DATA", str(folder))
        catalogue.prepare("silhouettes")
    return folder


@pytest.fixture
def silhouettes(silhouettes_folder: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the Silhouettes this test's data."""
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(silhouettes_folder))
    return silhouettes_folder


@pytest.fixture
def network() -> NetworkSpec:
    """With batch normalisation (buffers) and dropout (random numbers)."""
    return NetworkSpec(
        "small",
        (
            layer("Conv2d", out_channels=4, kernel=5),
            layer("BatchNorm2d"),
            layer("ReLU"),
            layer("MaxPool2d"),
            layer("Flatten"),
            layer("Dropout", p=0.25),
            layer("Linear", out_features=10),
        ),
    )


@pytest.fixture
def request_small(network: NetworkSpec) -> RunRequest:
    """Three epochs of 540 Silhouettes: 9 steps each, the last of 28 images."""
    return RunRequest(
        network,
        DataChoice("silhouettes", share=0.1),
        TrainingConfig(epochs=3, device="cpu", precision="float32"),
    )


@pytest.fixture(autouse=True)
def float32(monkeypatch: pytest.MonkeyPatch) -> None:
    """No machine has bfloat16: else a run would begin with measuring, and results would depend on the machine."""
    monkeypatch.setattr(precision, "has_bfloat16", lambda _device: False)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")


def images(count: int, seed: int = 0) -> LabelledImages:
    """Noise with labels that can be learned by heart."""
    generator = torch.Generator().manual_seed(seed)
    pixels = torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8, generator=generator)
    return LabelledImages(pixels, torch.arange(count) % 10)


@pytest.fixture
def training() -> Batches:
    """40 images in steps of 16, 16 and 8."""
    return batches(images(40), 16)


@pytest.fixture
def validation() -> Batches:
    """20 images."""
    return batches(images(20, seed=1), 16)


def batches(some: LabelledImages, size: int) -> Batches:
    """On the CPU."""
    return Batches(some, Normalisation.of(some.pixels), size)
