"""The named network on the real data, in a real worker, as a student would start it."""

import time
from pathlib import Path

import pytest

from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore
from core.training.workers.local_keeper import LocalKeeper


@pytest.mark.real_data
def test_lenet_learns_from_a_tenth_of_fashion_mnist(
    real_data_folder: Path, store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(real_data_folder))
    catalogue.prepare("fashion-mnist")
    keeper = LocalKeeper(store)
    keeper.start()
    try:
        run = store.add(RunRequest(NAMED_NETWORKS["LeNet"], DataChoice(share=0.1), TrainingConfig(epochs=3)))
        deadline = time.monotonic() + 300
        while store.get(run.id).state in ("queued", "running"):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    finally:
        keeper.close()
    run = store.get(run.id)
    assert run.state == "completed", run.message
    assert (run.train_images, run.total_steps) == (5400, 3 * 85)
    assert run.test_accuracy is not None and run.test_accuracy >= 0.75
