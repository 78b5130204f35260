"""Attacks on a linear network, where the truth is known in closed form, and on a small convolutional one."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from core.data.normalisation import Normalisation
from core.inspection import adversarial
from core.inspection.adversarial import DOUBLING, LINEAR, TOLERANCE, Attack, attack, direction, pgd_iterates
from core.inspection.pixel_network import PixelNetwork
from core.inspection.robustness import robustness


def linear(weights: list[float], bias: float = 0.0) -> PixelNetwork:
    """Two classes on 1×1×n pixels: logit 0 is 0, logit 1 is w · (x / 255) + bias."""
    layer = nn.Linear(len(weights), 2)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[0.0] * len(weights), weights]))
        layer.bias.copy_(torch.tensor([0.0, bias]))
    return PixelNetwork(nn.Sequential(nn.Flatten(), layer), Normalisation((0.0,), (1.0,)))


def finished(work):  # type: ignore[no-untyped-def]
    """What a generator of shares returns; the shares grow, from 0 to at most 1."""
    shares = []
    while True:
        try:
            shares.append(next(work))
        except StopIteration as stop:
            assert shares == sorted(shares) and shares[0] == 0 and shares[-1] <= 1
            return stop.value


def smallest_attack(network: PixelNetwork, pixels: torch.Tensor, steps: int) -> Attack | None:
    found = finished(adversarial.smallest_attack(network, pixels, steps))
    return found[0] if found else None


def first_strength(changes: Callable[[float], bool], ladder: list[float]) -> float | None:
    search = adversarial.first_strength(ladder)
    strength, done = next(search)
    while True:
        assert 0 <= done <= 1
        try:
            strength, done = search.send(changes(strength))
        except StopIteration as stop:
            return stop.value


def small_network() -> PixelNetwork:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(4 * 16, 3)
    )
    return PixelNetwork(model, Normalisation((0.3,), (0.2,)))


def some(n: int = 1) -> torch.Tensor:
    return torch.randint(0, 256, (n, 1, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("steps", [1, 10])
def test_on_a_linear_network_the_smallest_strength_is_the_margin_over_the_weights(steps: int) -> None:
    # logit 1 at 100 levels each: (2·100 − 1·100 + 0.5·100) / 255 = 150 / 255; moving each pixel by ε against it
    # takes away ε (2 + 1 + 0.5) / 255, so it changes at ε = 150 / 3.5 = 42.857
    network = linear([2.0, -1.0, 0.5])
    found = smallest_attack(network, torch.full((1, 1, 3), 100, dtype=torch.uint8), steps)
    assert found is not None and found.changed
    assert found.epsilon == pytest.approx(150 / 3.5, abs=2 * TOLERANCE)
    assert found.epsilon >= 150 / 3.5
    shifts = (found.last - 100).flatten()
    assert shifts.tolist() == pytest.approx([-found.epsilon, found.epsilon, -found.epsilon], abs=1e-3)


def test_a_class_that_can_not_be_reached_is_said_so() -> None:
    assert smallest_attack(linear([0.1], bias=5.0), torch.full((1, 1, 1), 9, dtype=torch.uint8), 1) is None


def test_the_direction_is_the_sign_of_float64_differences() -> None:
    network, pixels = small_network(), some()
    label = torch.tensor([1])
    network._model.double()
    network_loss = lambda x: nn.functional.cross_entropy(  # noqa: E731
        network._model((x / 255 - 0.3) / 0.2), label
    )
    exact = pixels.double()
    h = 1e-3
    slopes = torch.zeros(64, dtype=torch.float64)
    for k in range(64):
        move = torch.zeros(64, dtype=torch.float64)
        move[k] = h
        move = move.view(1, 1, 8, 8)
        slopes[k] = (network_loss(exact + move) - network_loss(exact - move)) / (2 * h)
    assert slopes.abs().min() > 1e-9
    network._model.float()
    assert torch.equal(direction(network, pixels, label).flatten(), slopes.sign().float())


def test_no_iterate_leaves_the_ball_or_the_valid_pixels_and_the_loss_grows() -> None:
    network, pixels = small_network(), some(5)
    pixels[0] = 0
    pixels[1] = 255
    labels = network.asked(pixels).argmax(1)
    loss = [nn.functional.cross_entropy(network.asked(pixels), labels)]
    for moved in pgd_iterates(network, pixels, labels, 6.0, 8):
        assert (moved - pixels.float()).abs().max() <= 6.0 + 1e-4
        assert moved.min() >= 0 and moved.max() <= 255
        loss.append(nn.functional.cross_entropy(network.asked(moved), labels))
    assert loss[-1] > loss[0]


def test_the_smallest_strength_changes_the_class_and_a_little_less_does_not() -> None:
    network = small_network()
    for pixels in some(6):
        for steps in (1, 10):
            found = smallest_attack(network, pixels, steps)
            assert found is not None and found.changed
            assert len(found.images) == steps + 1 == len(found.logits)
            assert torch.equal(found.images[0], pixels.float())
            if steps == 1:
                assert not attack(network, pixels, found.epsilon - 2 * TOLERANCE, steps).changed


def test_many_small_steps_raise_the_loss_more_than_one() -> None:
    network, pixels = small_network(), some(40)
    labels = network.asked(pixels).argmax(1)
    one, many = (
        torch.stack([attack(network, image, 8.0, steps).logits[-1] for image in pixels]) for steps in (1, 20)
    )
    loss = nn.functional.cross_entropy
    assert loss(many, labels) > loss(one, labels)  # on the average; not for each image


def test_the_first_strength_is_found_even_where_a_larger_one_fails() -> None:
    found = first_strength(lambda e: 3.3 <= e < 4.2 or e > 20, [k / 2 for k in range(1, 129)])
    assert found == pytest.approx(3.3, abs=TOLERANCE)
    assert first_strength(lambda e: False, [1.0, 2.0]) is None


@pytest.mark.parametrize("ladder", [LINEAR, DOUBLING])
@pytest.mark.parametrize("threshold", [0.003, 0.2, 5.71, 63.9])
def test_a_threshold_is_found_to_the_tolerance(ladder: list[float], threshold: float) -> None:
    found = first_strength(lambda e: e >= threshold, ladder)
    assert found is not None and threshold <= found <= threshold + TOLERANCE


def test_accuracy_against_strength_counts_what_an_attack_image_by_image_counts() -> None:
    network, pixels = small_network(), some(60)
    labels = network.asked(pixels).argmax(1)
    labels[:10] = (labels[:10] + 1) % 3  # these are not recognised to begin with
    found = finished(robustness(network, pixels, labels, (0.0, 2.0, 8.0), steps=5))
    assert found.fgsm[0] == found.pgd[0] == pytest.approx(50 / 60)
    for place, epsilon in enumerate((2.0, 8.0), 1):
        kept = sum(not attack(network, pixels[k], epsilon, 1).changed for k in range(10, 60))
        assert found.fgsm[place] == pytest.approx(kept / 60)
    assert found.pgd[2] < found.pgd[0]


def test_the_shared_network_is_left_alone() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 3))
    attack(PixelNetwork(model, Normalisation((0.3,), (0.2,))), some()[0], 4.0, 3)
    assert all(parameter.requires_grad and parameter.grad is None for parameter in model.parameters())
