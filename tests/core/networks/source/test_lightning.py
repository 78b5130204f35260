"""The generated Lightning programs run on their own, make the same network, and can be trained."""

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
    import lightning  # seconds

    model = run(to_source(NAMED_NETWORKS[name], IMAGE, "lightning"))["model"]
    before = [parameter.clone() for parameter in model.parameters()]
    data = DataLoader(TensorDataset(torch.randn(32, *IMAGE), torch.arange(32) % 10), batch_size=16)
    trainer = lightning.Trainer(
        max_epochs=1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(model, data, data)
    assert any(not torch.equal(old, new) for old, new in zip(before, model.parameters(), strict=True))
    assert {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy"} <= set(
        trainer.callback_metrics
    )
    logits = model.eval()(data.dataset.tensors[0])
    loss = torch.nn.functional.cross_entropy(logits, data.dataset.tensors[1])
    assert trainer.callback_metrics["validation_loss"].item() == pytest.approx(loss.item(), rel=1e-4)
    assert [group["lr"] for group in trainer.optimizers[0].param_groups] == [1e-3]
    assert isinstance(trainer.optimizers[0], torch.optim.Adam)
