"""Activation maximisation where the best image is known."""

import pytest
import torch

from core.inspection.maximise import Wish, maximise, total_variation
from tests.core.inspection.small_networks import SHIFTED, convolutional, linear, logits

FREE = {"smoothness": 0, "greyness": 0, "jitter": 0}


def test_for_a_linear_network_it_is_white_where_the_weight_is_positive() -> None:
    model, w = linear()
    *_, last = maximise(model, SHIFTED, (1, 4, 4), Wish(units=(0, 1), steps=300, **FREE))
    for unit in (0, 1):
        clear = w[unit].abs() > 0.05
        assert torch.equal(last.pixels[unit][clear] > 200, w[unit][clear] > 0)
        assert torch.equal(last.pixels[unit][clear] < 55, w[unit][clear] < 0)
        best = logits(model, SHIFTED((w[unit : unit + 1] > 0).to(torch.uint8) * 255))[0, unit]
        assert last.begun[unit] < last.strengths[unit] <= float(best) + 1e-4
        assert last.strengths[unit] == pytest.approx(float(best), abs=0.2)


def test_a_channel_is_the_mean_of_its_map() -> None:
    model = convolutional()
    *_, last = maximise(model, SHIFTED, (1, 12, 12), Wish("4", (1, 3), steps=40))
    with torch.no_grad():
        maps = model[:5](SHIFTED(last.pixels))  # (2, 6, 6, 6)
    by_hand = [float(maps[0, 1].mean()), float(maps[1, 3].mean())]
    assert last.strengths == pytest.approx(by_hand, abs=0.02)  # the pixels are rounded
    assert all(now > begun for now, begun in zip(last.strengths, last.begun, strict=True))
    assert last.step == last.of == 40


def test_regularisers_do_what_they_say() -> None:
    model = convolutional()

    def variation(**wish: int) -> tuple[float, float]:
        *_, last = maximise(model, SHIFTED, (1, 12, 12), Wish(units=(1,), steps=100, **{**FREE, **wish}))
        scaled = last.pixels / 255
        return float(total_variation(scaled)), float(((scaled - 0.5) ** 2).mean())

    plain = variation()
    assert variation(smoothness=300)[0] < 0.5 * plain[0]
    assert variation(greyness=200)[1] < 0.7 * plain[1]


def test_the_seed_decides_and_nothing_else_and_the_model_stays() -> None:
    model, found = convolutional().train(), []
    for seed in (0, 1):
        torch.manual_seed(seed)
        state = torch.get_rng_state()
        found.append([one.pixels for one in maximise(model, SHIFTED, (1, 12, 12), Wish(steps=12))])
        assert torch.equal(state, torch.get_rng_state())
    assert len(found[0]) == 3  # after 5, 10 and 12 steps
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))
    *_, other = maximise(model, SHIFTED, (1, 12, 12), Wish(steps=12, seed=1))
    assert not torch.equal(other.pixels, found[0][-1])
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert all(module.training and not module._forward_hooks for module in model.modules())


def test_a_unit_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="There are 3 units here, so 7 is none of them"):
        next(maximise(convolutional(), SHIFTED, (1, 12, 12), Wish(units=(7,))))


def test_total_variation_by_hand() -> None:
    stripes = torch.tensor([[0.0, 1.0], [0.0, 1.0]])[None, None]
    assert total_variation(stripes).tolist() == [1.0]
    assert total_variation(torch.full((2, 1, 3, 3), 0.4)).tolist() == [0.0, 0.0]
