"""The exported weights, loaded into the exported program, are the trained network."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from safetensors import safe_open
from safetensors.torch import load as from_safetensors
from torch import Tensor

from core.data import catalogue
from core.networks.build import build
from core.networks.gallery import GALLERY, GalleryNetwork
from core.networks.json_form import from_json
from core.networks.kinds import layer
from core.networks.source import to_source
from core.networks.spec import NetworkSpec, Shape
from core.training.checkpoint import CheckpointDamaged, load_model
from core.training.config import RunRequest
from core.training.export.weights import renamed, safetensors, state_dict
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from tests.core.networks.source.programs import run as run_program
from tests.core.networks.strategies import IMAGE, fitting


def from_state_dict(content: bytes) -> Mapping[str, Tensor]:
    loaded: Mapping[str, Tensor] = torch.load(io.BytesIO(content), weights_only=True)
    return loaded


@pytest.mark.parametrize(("make", "read"), [(safetensors, from_safetensors), (state_dict, from_state_dict)])
def test_in_the_program_of_the_design_page_they_give_the_same_logits(
    make: Callable[..., bytes],
    read: Callable[[bytes], Mapping[str, Tensor]],
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
) -> None:
    run = trained(request_small)
    record = store.latest_checkpoint(run.id)
    assert record is not None
    model = run_program(to_source(run.request.network, (1, 28, 28)))["model"].eval()
    model.load_state_dict(read(make(store, run, record)))
    images = torch.randn(5, 1, 28, 28)
    assert torch.equal(model(images), load_model(run.request, record.path)(images))


def test_an_earlier_checkpoint_gives_its_own_weights(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest
) -> None:
    run = trained(request_small)
    first, *_, last = store.checkpoints(run.id)
    tensors = from_safetensors(safetensors(store, run, first))
    torch.manual_seed(run.request.config.seed)  # the first checkpoint is of the initial weights
    initial = build(run.request.network, (1, 28, 28)).state_dict()
    assert torch.equal(tensors["0.weight"], initial["conv1.weight"])
    assert not torch.equal(tensors["0.weight"], from_safetensors(safetensors(store, run, last))["0.weight"])


def test_the_metadata_rebuilds_what_the_weights_belong_to(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    run = trained(request_small)
    record = store.latest_checkpoint(run.id)
    assert record is not None
    (tmp_path / "a.safetensors").write_bytes(safetensors(store, run, record))
    with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
        metadata = file.metadata()
    assert from_json(metadata["network"]) == run.request.network
    assert tuple(json.loads(metadata["classes"])) == catalogue.DATASETS["silhouettes"].classes
    assert (metadata["step"], metadata["epoch"], metadata["run"]) == ("27", "3", run.id)
    pixels = catalogue.load("silhouettes").train.pixels.double() / 255
    assert json.loads(metadata["mean"]) == pytest.approx([pixels.mean().item()], abs=0.02)  # all, not a tenth
    assert json.loads(metadata["std"]) == pytest.approx([pixels.std().item()], abs=0.02)


@settings(max_examples=30, deadline=None)
@given(spec=fitting())
def test_random_networks_fit_their_own_programs(spec: NetworkSpec) -> None:
    check_names(spec, IMAGE)


def test_of_two_layers_of_a_kind_one_may_have_no_weights() -> None:
    norms = (
        layer("InstanceNorm2d", affine=True),
        layer("InstanceNorm2d"),
        layer("InstanceNorm2d", affine=True),
    )
    check_names(NetworkSpec("x", (layer("Conv2d"), *norms, layer("Flatten"), layer("Linear"))), IMAGE)


@pytest.mark.parametrize("entry", GALLERY.values(), ids=lambda entry: entry.spec.name)
def test_every_named_network_fits_its_own_program(entry: GalleryNetwork) -> None:
    check_names(entry.spec, entry.image)


def check_names(spec: NetworkSpec, image: Shape) -> None:
    """The names are the program's own, in its order, and the shapes agree."""
    with torch.device("meta"):
        state = build(spec, image).state_dict()
    program = run_program(to_source(spec, image))["model"].state_dict()
    new = renamed(state, spec, image, 10)
    assert list(new) == list(program)
    assert [tensor.shape for tensor in new.values()] == [tensor.shape for tensor in program.values()]


@pytest.mark.parametrize("make", [safetensors, state_dict])
def test_a_damaged_checkpoint_is_a_sentence(
    make: Callable[..., bytes], trained: Callable[..., Run], store: RunStore, request_small: RunRequest
) -> None:
    run = trained(request_small)
    record = store.latest_checkpoint(run.id)
    assert record is not None
    record.path.write_bytes(record.path.read_bytes()[:-1])
    with pytest.raises(CheckpointDamaged, match="is damaged"):
        make(store, run, record)
