"""Deletion and insertion against a loop that paints one pixel after another."""

import pytest
import torch
from torch import Tensor, nn

from core.inspection.maps import blurred
from core.inspection.question import Question
from core.inspection.trust.erasing import ORDERS, STEPS, Curve, curves
from tests.core.inspection.small_networks import PLAIN, convolutional, image


class Bright(nn.Module):
    """Two classes; the logit of class 1 is how much of the image is white."""

    def forward(self, x: Tensor) -> Tensor:
        light = 8 * (x.mean((1, 2, 3)) - 0.5)
        return torch.stack([-light, light], dim=1)


def test_against_a_loop() -> None:
    model, pixels = convolutional(), image(12, 12)
    plane = torch.rand(12, 12, generator=torch.Generator().manual_seed(2))
    deletion, insertion = curves(Question(model, pixels, PLAIN, 1, "saliency"), plane)
    x = PLAIN(pixels[None])
    for curve, start, end in ((deletion, x, torch.zeros_like(x)), (insertion, blurred(x), x)):
        now, order = start.clone(), plane.flatten().argsort(descending=True).tolist()
        seen = 0
        for step in range(STEPS + 1):
            for place in order[seen : round(step / STEPS * 144)]:
                now[0, 0].view(-1)[place] = end[0, 0].view(-1)[place]
            seen = round(step / STEPS * 144)
            with torch.no_grad():
                expected = model(now).softmax(1)[0, 1]
            assert float(curve.probability[step]) == pytest.approx(float(expected), abs=1e-5)
        assert curve.random.shape == (ORDERS, STEPS + 1)
        assert torch.allclose(curve.random[:, 0], curve.probability[0])  # all begin and end alike
        assert torch.allclose(curve.random[:, -1], curve.probability[-1])


def test_a_map_that_knows_what_matters_is_better_than_chance_and_its_opposite_worse() -> None:
    pixels = torch.zeros(1, 12, 12, dtype=torch.uint8)
    pixels[:, :, 4:] = 255
    bright = pixels[0] / 255
    question = Question(Bright(), pixels, PLAIN, 1, "saliency")
    for curve in curves(question, bright):
        assert curve.clear and curve.gain > 0.01
    deletion, _ = curves(question, -bright)
    assert deletion.clear and deletion.gain < -0.01
    deletion, _ = curves(question, torch.zeros(12, 12))  # all alike: the order is random
    assert not deletion.clear


def test_areas_by_hand() -> None:
    shares = torch.tensor([0.0, 0.5, 1.0])
    rows = torch.tensor([[1.0, 1.0, 0.0], [1.0, 0.5, 0.0]])
    curve = Curve("deletion", shares, torch.tensor([1.0, 0.0, 0.0]), rows)
    assert curve.area == 0.25 and curve.random_areas.tolist() == [0.75, 0.5]
    assert curve.gain == pytest.approx(0.625 - 0.25)
    assert curve.clear  # 0.375 is more than twice 0.177
    assert Curve("insertion", shares, torch.tensor([1.0, 0.0, 0.0]), rows).gain == pytest.approx(-0.375)
