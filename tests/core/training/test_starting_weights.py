"""Weights to begin with: fetched from a server of our own, verified, and given to the model."""

import errno
import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from core.data import catalogue, download
from core.networks import edit
from core.networks.build import build
from core.networks.gallery.pretrained import squeezenet1_1
from core.networks.initialisation import initialise
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec, SpecError
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.setup import set_up
from core.training.starting_weights import (
    WeightsMissing,
    fetch_weights,
    folder,
    misfit,
    start,
    status,
    unready,
)
from tests.core.networks.published_weights import announce, published_network
from tests.mirror import Mirror

NAME = "squeezenet1_1"
CONTENT = bytes(range(256)) * 4096  # 1 MB; not weights, but fetched and verified like them


def ignore(_done: float, _text: str) -> None: ...


def states() -> list[str]:
    return [file.name for file in folder().iterdir()] if folder().exists() else []


def test_what_is_missing_arrives_with_progress(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    file = announce(monkeypatch, NAME, mirror.url, CONTENT)
    mirror.answers[file] = [CONTENT]
    assert status(NAME).state == "missing"
    reports: list[float] = []
    fetch_weights(NAME, lambda done, _text: reports.append(done))
    assert (folder() / file).read_bytes() == CONTENT
    assert reports == sorted(reports)
    assert reports[-1] == 1.0
    assert len(reports) >= 4
    assert status(NAME).state == "here"
    assert status(NAME).message == "The weights of SqueezeNet 1.1 (1 MB) are on this machine."


def test_they_are_fetched_once(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    file = announce(monkeypatch, NAME, mirror.url, CONTENT)
    mirror.answers[file] = [CONTENT]
    fetch_weights(NAME, ignore)
    fetch_weights(NAME, ignore)
    assert len(mirror.requests) == 1


def test_a_damaged_file_is_seen_and_fetched_again(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    file = announce(monkeypatch, NAME, mirror.url, CONTENT)
    mirror.answers[file] = [CONTENT]
    folder().mkdir(parents=True)
    (folder() / file).write_bytes(CONTENT[:-1])
    assert status(NAME).state == "damaged"
    assert "on this machine are damaged" in status(NAME).message
    fetch_weights(NAME, ignore)
    assert status(NAME).state == "here"


def test_without_a_network_the_sentence_says_what_to_put_where(
    nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = announce(monkeypatch, NAME, nobody, CONTENT)
    with pytest.raises(WeightsMissing) as refusal:
        fetch_weights(NAME, ignore)
    assert str(refusal.value) == (
        "The weights of SqueezeNet 1.1 could not be downloaded (Connection refused): try again later, "
        f"or put {file} (from {nobody}{file}) into the folder {folder()} by hand."
    )
    assert states() == []


def test_a_file_put_there_by_hand_is_enough(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = announce(monkeypatch, NAME, nobody, CONTENT)
    folder().mkdir(parents=True)
    (folder() / file).write_bytes(CONTENT)
    assert status(NAME).state == "here"
    fetch_weights(NAME, ignore)


def test_a_full_disk_is_a_sentence(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    announce(monkeypatch, NAME, nobody, CONTENT)
    monkeypatch.setattr(download.tempfile, "mkstemp", full)
    with pytest.raises(WeightsMissing, match="is full; make room there"):
        fetch_weights(NAME, ignore)


# what training begins with

LINEAR = (layer("Flatten"), layer("Linear", out_features=10))


def published(patch: pytest.MonkeyPatch, address: str) -> tuple[nn.Module, bytes, str]:
    """torchvision's network with random weights, its file's content, and its file's name."""
    theirs, content = published_network(NAME), io.BytesIO()
    torch.save(theirs.state_dict(), content)
    return theirs, content.getvalue(), announce(patch, NAME, address, content.getvalue())


def test_fetched_weights_reach_the_model_of_a_run(
    silhouettes: Path, mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, content, file = published(monkeypatch, mirror.url)
    mirror.answers[file] = [content]
    dataset = catalogue.load("silhouettes")
    monkeypatch.setenv("AUTOGRAD_LAB_DATA", str(tmp_path))  # where the weights go
    request = RunRequest(squeezenet1_1(), DataChoice("silhouettes", 0.1), TrainingConfig(device="cpu"))
    with pytest.raises(WeightsMissing, match="download them on the Design page, or put squeezenet1_1-"):
        set_up(request, dataset)
    assert unready(request.network, (1, 28, 28)) == status(NAME).message
    assert set_up(request, dataset, resumes=True)  # its checkpoint brings all weights
    fetch_weights(NAME, ignore)
    assert unready(request.network, (1, 28, 28)) == ""
    model = set_up(request, dataset).model
    expected = theirs.state_dict()["features.0.weight"].sum(dim=1, keepdim=True)
    assert torch.equal(model.get_submodule("conv1").weight, expected)


def test_a_rule_draws_the_weights_of_a_run(silhouettes: Path) -> None:
    spec = NetworkSpec("n", LINEAR, weights="zeros")
    request = RunRequest(spec, DataChoice("silhouettes", share=0.1), TrainingConfig(device="cpu"))
    model = set_up(request, catalogue.load("silhouettes")).model
    assert not model.get_submodule("linear1").weight.any()


@pytest.mark.parametrize("weights", ["default", "he-normal", "orthogonal"])
def test_drawn_weights_follow_from_the_seed(weights: str) -> None:
    spec = NetworkSpec("n", LINEAR, weights=weights)
    models = []
    for begin in (start, lambda model, spec: initialise(model, spec.weights)):
        torch.manual_seed(3)
        model = build(spec, (1, 28, 28))
        begin(model, spec)
        models.append(model.state_dict())
    assert all(torch.equal(models[0][name], models[1][name]) for name in models[0])


def test_weights_that_do_not_exist_are_refused() -> None:
    spec = NetworkSpec("n", LINEAR, weights="alexnet")
    with pytest.raises(SpecError, match="alexnet"):
        start(build(spec, (1, 28, 28)), spec)


def test_a_design_that_its_weights_do_not_fit_is_known_before_they_are_fetched() -> None:
    spec = squeezenet1_1()
    assert misfit(spec, (1, 28, 28)) == misfit(spec, (3, 32, 32)) == ""
    changed = edit.remove(spec, (1,))
    assert unready(changed, (1, 28, 28)) == misfit(changed, (1, 28, 28))
    assert misfit(changed, (1, 28, 28)).startswith("The weights of SqueezeNet 1.1 don't fit this network: ")
    headless = NetworkSpec("n", (layer("Conv2d", out_channels=10, kernel=28), layer("Flatten")), "resnet18")
    for spec in (headless, replace(headless, frozen=True)):
        assert "this one has none" in misfit(spec, (1, 28, 28))
    assert not folder().exists()


def test_a_damaged_file_stops_a_run_before_it_is_read(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _, content, file = published(monkeypatch, nobody)
    folder().mkdir(parents=True)
    (folder() / file).write_bytes(content[:-4] + b"????")
    assert hashlib.sha256((folder() / file).read_bytes()).hexdigest()[:8] not in file
    spec = squeezenet1_1()
    with pytest.raises(WeightsMissing, match=re.escape("on this machine are damaged")):
        start(build(spec, (1, 28, 28)), spec)
