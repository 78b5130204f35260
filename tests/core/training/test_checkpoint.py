import sys
from pathlib import Path

import pytest
import torch

from core.data.batches import Batches
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.training.checkpoint import CheckpointDamaged, TrainingState, load, load_model, save, sha256_of
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.events import Checkpoint
from core.training.loop import train


@pytest.fixture
def state(request_small: RunRequest, training: Batches, validation: Batches) -> TrainingState:
    model = build(request_small.network, (1, 28, 28))
    *_, last, _ = train(model, training, validation, TrainingConfig(epochs=1))
    assert isinstance(last, Checkpoint)
    return last.state


def test_what_is_saved_is_what_is_loaded(state: TrainingState, tmp_path: Path) -> None:
    path = tmp_path / "weights" / "a.pt"
    size, sha256 = save(state, path)
    assert (size, sha256) == (path.stat().st_size, sha256_of(path))
    again = load(path, sha256)
    assert (again.step, again.seconds, again.mean, again.std) == (
        state.step,
        state.seconds,
        state.mean,
        state.std,
    )
    assert again.model.keys() == state.model.keys()
    assert all(torch.equal(again.model[name], state.model[name]) for name in state.model)
    assert torch.equal(again.random["cpu"], state.random["cpu"])
    assert str(again.optimizer) == str(state.optimizer)
    assert [file.name for file in path.parent.iterdir()] == ["a.pt"]


@pytest.mark.parametrize(("learned", "frozen"), [(True, 0), (False, 1)])
def test_one_of_the_version_that_froze_the_first_layer_alone_is_read(
    learned: bool, frozen: int, state: TrainingState, tmp_path: Path
) -> None:
    path = tmp_path / "a.pt"
    save(state, path)
    content = torch.load(path)
    del content["frozen_layers"]
    torch.save({**content, "first_layer_learns": learned}, path)
    assert load(path).frozen_layers == frozen


def test_the_trained_network_comes_back_in_eval_mode(
    state: TrainingState, request_small: RunRequest, tmp_path: Path
) -> None:
    save(state, tmp_path / "a.pt")
    model = load_model(request_small, tmp_path / "a.pt")
    assert not any(module.training for module in model.modules())
    twin = build(request_small.network, (1, 28, 28)).eval()
    twin.load_state_dict(dict(state.model))
    images = torch.randn(5, 1, 28, 28)
    assert torch.equal(model(images), twin(images))


@pytest.mark.parametrize("where", [10, -200])
def test_a_changed_byte_is_found_named_and_set_aside(
    where: int, state: TrainingState, tmp_path: Path
) -> None:
    path = tmp_path / "00000009.pt"
    _, sha256 = save(state, path)
    content = bytearray(path.read_bytes())
    content[where] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(
        CheckpointDamaged, match=r"00000009\.pt is damaged.*set aside as 00000009\.pt\.damaged"
    ):
        load(path, sha256)
    assert not path.exists()
    assert path.with_name("00000009.pt.damaged").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 a zip that ends too early"])
def test_a_file_that_holds_no_weights_is_damaged(
    content: bytes, request_small: RunRequest, tmp_path: Path
) -> None:
    path = tmp_path / "a.pt"
    path.write_bytes(content)
    with pytest.raises(CheckpointDamaged, match="can't be read"):
        load_model(request_small, path)


class Evil:
    """Unpickled, it would run a command."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('code from a file of weights was run')",)


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    torch.save({"format": 1, "model": Evil()}, tmp_path / "a.pt")
    with pytest.raises(CheckpointDamaged):
        load(tmp_path / "a.pt")


def test_a_missing_file_is_named(tmp_path: Path, request_small: RunRequest) -> None:
    with pytest.raises(CheckpointDamaged, match=r"gone\.pt is not there"):
        load_model(request_small, tmp_path / "gone.pt")


def test_weights_of_another_network_are_refused(state: TrainingState, tmp_path: Path) -> None:
    save(state, tmp_path / "a.pt")
    other = RunRequest(NAMED_NETWORKS["Net_Linear"], DataChoice(), TrainingConfig())
    with pytest.raises(CheckpointDamaged, match="do not fit"):
        load_model(other, tmp_path / "a.pt")
    assert (tmp_path / "a.pt").exists()  # nothing is wrong with the file


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_a_write_that_fails_half_way_leaves_the_file_that_was_there(
    state: TrainingState, tmp_path: Path
) -> None:
    import resource

    path = tmp_path / "a.pt"
    size, sha256 = save(state, path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, limits[1]))  # the kernel refuses what is beyond
    try:
        with pytest.raises(OSError, match="File too large"):
            save(state, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert [file.name for file in tmp_path.iterdir()] == ["a.pt"]
    assert sha256_of(path) == sha256


@pytest.mark.parametrize(("shape", "classes"), [((3, 28, 28), 10), ((1, 2, 2), 10), ((1, 28, 28), 12)])
def test_a_network_for_another_data_set_is_said_to_be_so(
    shape: tuple[int, int, int], classes: int, state: TrainingState, request_small: RunRequest, tmp_path: Path
) -> None:
    save(state, tmp_path / "a.pt")
    with pytest.raises(CheckpointDamaged, match=f"in {classes} classes, as the data set has them now"):
        load_model(request_small, tmp_path / "a.pt", shape, classes)
