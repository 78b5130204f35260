"""The time of a sweep, computed by hand from made runs."""

from dataclasses import replace
from typing import Any

import pytest

from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.training import device
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.sweeps.estimate import estimate
from tests.core.training.reports.made import made_run

HERE = device.describe(device.resolve("cpu"))
REQUEST = RunRequest(
    NAMED_NETWORKS["LeNet"],
    DataChoice("silhouettes", share=0.5, validation_share=0.1),
    TrainingConfig(epochs=2, device="cpu"),
)
WORK = 2 * (450 + 100 / 3)  # of 1,000 images: 450 forward and back, 100 forward, in 2 epochs


def measured(
    number: int, speed: float | None, network: str = "LeNet", place: str = HERE, **config: Any
) -> Run:
    return made_run(
        number, TrainingConfig(device="cpu", **config), network, images_per_second=speed, device=place
    )


def test_from_the_newest_run_with_the_same_network_and_batch_size() -> None:
    earlier = [measured(2, 500.0), measured(3, 9.0, batch_size=128), measured(1, 100.0)]
    found = estimate([REQUEST, REQUEST], earlier, 1000)
    assert found.seconds == pytest.approx(2 * WORK / 500)
    assert found.source == "From earlier runs with the same network, images and batch size."


def test_another_network_counts_in_proportion_to_its_macs() -> None:
    earlier = [measured(1, 600.0, "LeNet_tiny")]
    macs = {name: analyse(NAMED_NETWORKS[name], (1, 28, 28), 10).macs for name in ("LeNet", "LeNet_tiny")}
    found = estimate([REQUEST], earlier, 1000)
    assert found.seconds == pytest.approx(WORK / (600 * macs["LeNet_tiny"] / macs["LeNet"]))
    assert "rough guess" in found.source
    other = replace(REQUEST, network=NAMED_NETWORKS["LeNet_tiny"])
    assert "1 of 2 from earlier runs" in estimate([REQUEST, other], earlier, 1000).source


def test_without_a_measurement_here_nothing_is_claimed() -> None:
    for earlier in ([], [measured(1, None)], [measured(1, 500.0, place="CUDA (another machine)")]):
        found = estimate([REQUEST], earlier, 1000)
        assert found.seconds is None
        assert "no run was measured on" in found.source
    assert estimate([REQUEST], [measured(1, 500.0)], None).seconds is None


def test_a_limit_of_seconds_limits_each_run() -> None:
    limited = replace(REQUEST, config=replace(REQUEST.config, seconds=0.5))
    assert estimate([limited] * 3, [measured(1, 500.0)], 1000).seconds == pytest.approx(1.5)
