"""The generated Lightning programs run on their own, make the same network, and can be trained."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch.utils.data import DataLoader, TensorDataset

from core.networks.gallery import EMPTY, GALLERY, NAMED_NETWORKS, GalleryNetwork
from core.networks.source import to_source
from core.networks.spec import NetworkSpec
from tests.core.networks.source.programs import check_program, run
from tests.core.networks.strategies import IMAGE, fitting


@pytest.mark.parametrize("network", list(GALLERY.values()), ids=lambda network: network.spec.name)
def test_named_networks(network: GalleryNetwork) -> None:
    check_program(network.spec, "lightning", network.image)


@settings(max_examples=20, deadline=None)
@given(spec=fitting())
def test_random_networks(spec: NetworkSpec) -> None:
    check_program(spec, "lightning")


def test_the_empty_network_is_a_program_too() -> None:
    assert run(to_source(EMPTY, IMAGE, "lightning"))["outputs"].shape == (2, *IMAGE)


@pytest.mark.parametrize("name", ["LeNet_tiny", "Small DenseNet"])
def test_the_trainer_trains_it_as_the_comment_says(name: str) -> None:
    model = run(to_source(NAMED_NETWORKS[name], IMAGE, "lightning"))["model"]
    before = [parameter.clone() for parameter in model.parameters()]
    trainer, data = fitted(model)
    assert any(not torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    assert {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy"} <= set(
        trainer.callback_metrics
    )
    images, labels = data.tensors
    loss = torch.nn.functional.cross_entropy(model.eval()(images), labels)
    assert trainer.callback_metrics["validation_loss"].item() == pytest.approx(loss.item(), rel=1e-4)
    assert [group["lr"] for group in trainer.optimizers[0].param_groups] == [1e-3]
    assert isinstance(trainer.optimizers[0], torch.optim.Adam)


def test_the_trainer_leaves_a_frozen_body_as_it_is() -> None:
    spec = replace(NAMED_NETWORKS["Small ResNet"], frozen=True)
    model = run(to_source(spec, IMAGE, "lightning"))["model"]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    fitted(model)
    changed = [name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])]
    assert changed == list(before)[-2:]


def fitted(model: Any) -> tuple[Any, TensorDataset]:
    """The trainer that has trained the model for an epoch, and the images, which are the validation's too."""
    import lightning  # seconds

    data = TensorDataset(torch.randn(32, *IMAGE), torch.arange(32) % 10)
    loader = DataLoader(data, batch_size=16)
    trainer = lightning.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(model, loader, loader)
    return trainer, data
