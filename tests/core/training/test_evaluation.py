import pytest
import torch
from torch import nn

from core.data.batches import Batches
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.networks.build import build
from core.networks.spec import NetworkSpec
from core.training.evaluation import evaluate
from core.training.running import Running


class Says(nn.Module):
    """Two logits that follow from the first pixel: 0 and 2 for a bright one, else 0 and 0."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        bright = (images[:, 0, 0, 0] > 0.5).float()
        return torch.stack([torch.zeros_like(bright), 2 * bright], dim=1)


def test_loss_and_accuracy_by_hand() -> None:
    pixels = torch.zeros(1100, 1, 2, 2, dtype=torch.uint8)  # three batches of evaluation, the last not full
    pixels[:400] = 255
    labels = torch.zeros(1100, dtype=torch.int64)
    labels[:300] = 1
    batches = Batches(LabelledImages(pixels, labels), Normalisation((0.0,), (1.0,)), 64)
    evaluation = evaluate(Says(), batches)
    # 300 bright ones of class 1, 100 bright ones of class 0, 700 dark ones of class 0 with equal logits
    e2 = torch.tensor(2.0, dtype=torch.float64).exp()
    loss = (300 * (1 + 1 / e2).log() + 100 * (1 + e2).log() + 700 * torch.tensor(2.0).log()) / 1100
    assert evaluation.loss == pytest.approx(loss.item(), rel=1e-6)
    assert evaluation.accuracy == 1000 / 1100
    assert evaluation.images == 1100


def test_the_model_is_left_as_it_was(network: NetworkSpec, validation: Batches) -> None:
    model = build(network, (1, 28, 28)).train()
    model[1].eval()  # somebody froze the batch normalisation
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    evaluate(model, validation)
    assert [module.training for module in model] == [index != 1 for index in range(len(model))]
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_mode_is_given_back_after_an_error_too(validation: Batches) -> None:
    model = nn.Sequential(nn.Dropout(), nn.Linear(3, 3)).train()  # does not take images
    with pytest.raises(RuntimeError):
        evaluate(model, validation)
    assert model.training and model[0].training


def test_dropout_is_off_and_no_random_number_is_drawn(network: NetworkSpec, validation: Batches) -> None:
    model = build(network, (1, 28, 28)).train()
    before = torch.get_rng_state()
    assert evaluate(model, validation) == evaluate(model, validation)
    assert torch.equal(before, torch.get_rng_state())


def test_running_means_weigh_each_step_by_its_images() -> None:
    running = Running()
    logits = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    for _ in range(20):  # more than are counted at once
        running.add(torch.tensor(1.0), logits, torch.tensor([1, 0, 0]))
    running.add(torch.tensor(4.0), logits[:1], torch.tensor([1]))
    assert running.steps == 21
    means = running.take()
    assert means.loss == pytest.approx((60 * 1.0 + 4.0) / 61)
    assert means.accuracy == pytest.approx((40 + 1) / 61)
    assert (means.images, means.first_bad) == (61, None)
    assert running.steps == 0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_running_finds_the_first_loss_that_is_not_finite(bad: float) -> None:
    running = Running()
    for loss in (1.0, 2.0, bad, 1.0, float("nan")):
        running.add(torch.tensor(loss), torch.zeros(1, 2), torch.zeros(1, dtype=torch.int64))
    assert running.take().first_bad == 2
