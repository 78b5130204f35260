"""Attributions against values worked out by hand, on networks with weights set by hand."""

import threading

import pytest
import torch
from torch import Tensor, nn

from core.inspection.attribution import METHODS, MethodUnableError, attribute
from core.inspection.controls import SettingError
from tests.core.inspection.small_networks import (
    PLAIN,
    SHIFTED,
    background,
    convolutional,
    image,
    linear,
    logits,
)


def test_on_a_linear_network_every_gradient_method_is_its_weights() -> None:
    model, w = linear()
    pixels = image()
    x = SHIFTED(pixels[None])[0]
    for target in (0, 1):
        saliency = attribute(model, pixels, SHIFTED, target, "saliency")
        torch.testing.assert_close(saliency.scores, w[target].abs())
        assert not saliency.signed
        times = attribute(model, pixels, SHIFTED, target, "input-x-gradient")
        torch.testing.assert_close(times.scores, w[target] * x)
        assert times.signed


@pytest.mark.parametrize("method", ["integrated-gradients", "deep-lift"])
@pytest.mark.parametrize(("baseline", "level"), [("black", 0.0), ("white", 1.0), ("mean", 0.3)])
def test_on_a_linear_network_the_path_from_the_baseline_is_straight(
    method: str, baseline: str, level: float
) -> None:
    model, w = linear()
    pixels = image()
    x, start = SHIFTED(pixels[None])[0], (level - 0.3) / 0.5  # the baseline as the network sees it
    found = attribute(model, pixels, SHIFTED, 1, method, {"baseline": baseline})
    torch.testing.assert_close(found.scores, w[1] * (x - start))


def test_integrated_gradients_of_a_square_by_hand() -> None:
    class Square(nn.Module):
        def forward(self, x: Tensor) -> Tensor:  # f(x) = Σ x², so that the integral of its gradient is x²
            return (x**2).flatten(1).sum(dim=1, keepdim=True)

    pixels = image()
    found = attribute(Square(), pixels, PLAIN, 0, "integrated-gradients")
    torch.testing.assert_close(found.scores, (pixels / 255) ** 2)
    assert found.facts[0].name == "Completeness"
    total = float(((pixels / 255) ** 2).sum())
    assert found.facts[0].value == f"{total:.3f} of {total:.3f}"
    assert "apart" in found.facts[0].meaning


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("baseline", ["black", "white", "mean"])
@pytest.mark.parametrize("method", ["integrated-gradients", "deep-lift"])
def test_scores_sum_to_the_rise_from_the_baseline_within_one_percent(
    method: str, baseline: str, padding: int
) -> None:
    model, pixels = convolutional(padding), image(12, 12)
    start = {"black": -0.6, "white": 1.4, "mean": 0.0}[baseline]  # (level − 0.3) / 0.5
    x = SHIFTED(pixels[None])
    rises = (logits(model, x) - logits(model, torch.full_like(x, start)))[0]
    target = int(rises.abs().argmax())
    steps = {"steps": 200} if method == "integrated-gradients" else {}
    found = attribute(model, pixels, SHIFTED, target, method, {"baseline": baseline} | steps)
    assert float(found.scores.sum()) == pytest.approx(float(rises[target]), rel=0.01)


@pytest.mark.parametrize(("window", "stride"), [(4, 2), (3, 3), (1, 1), (5, 4), (12, 1)])
def test_occlusion_against_a_brute_force_loop(window: int, stride: int) -> None:
    model, pixels = convolutional(), image(12, 12)
    x = SHIFTED(pixels[None])
    total, covered = torch.zeros(12, 12), torch.zeros(12, 12)
    whole = logits(model, x)[0, 1]
    tops = [
        *range(0, 12 - window, stride),
        -(-(12 - window) // stride) * stride,
    ]  # the last may reach over the edge
    for top in tops:
        for left in tops:
            painted = x.clone()
            painted[:, :, top : top + window, left : left + window] = 1.4  # white
            total[top : top + window, left : left + window] += whole - logits(model, painted)[0, 1]
            covered[top : top + window, left : left + window] += 1
    found = attribute(
        model, pixels, SHIFTED, 1, "occlusion", {"window": window, "stride": stride, "baseline": "white"}
    )
    torch.testing.assert_close(found.plane, total / covered, atol=1e-5, rtol=1e-4)


def two_detectors() -> nn.Sequential:
    """A 1×1 convolution with maps 2x and 1 − x; logit 0 is the first map's mean minus the second's, logit 1
    its negative.
    """
    model = nn.Sequential(nn.Conv2d(1, 2, 1), nn.AvgPool2d(4), nn.Flatten(), nn.Linear(2, 2, bias=False))
    with torch.no_grad():
        model[0].weight.copy_(torch.tensor([2.0, -1.0]).reshape(2, 1, 1, 1))
        model[0].bias.copy_(torch.tensor([0.0, 1.0]))
        model[3].weight.copy_(torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))
    return model


def test_grad_cam_by_hand() -> None:
    pixels = image()
    x = pixels / 255
    # the gradient of logit 0 is 1/16 at each position of map 0 and −1/16 of map 1; w_k, its mean, is the same
    by_hand = (2 * x - (1 - x)) / 16  # (1, 4, 4), as large as the image: nothing is enlarged
    found = attribute(two_detectors(), pixels, PLAIN, 0, "grad-cam", {"relu": False, "layer": "0"})
    torch.testing.assert_close(found.scores, by_hand)
    assert found.signed and found.facts[0].value == "4×4, too coarse"
    positive = attribute(two_detectors(), pixels, PLAIN, 0, "grad-cam")
    torch.testing.assert_close(positive.scores, by_hand.clamp(min=0))
    assert not positive.signed
    other = attribute(two_detectors(), pixels, PLAIN, 1, "grad-cam", {"relu": False})
    torch.testing.assert_close(other.scores, -by_hand)


def test_grad_cam_is_enlarged_to_the_image_and_says_from_what() -> None:
    model = nn.Sequential(nn.Conv2d(1, 1, 2, stride=2, bias=False), nn.Flatten(), nn.Linear(4, 1, bias=False))
    with torch.no_grad():
        model[0].weight.fill_(0.25)
        model[2].weight.fill_(1.0)
    pixels = image()
    small = (pixels / 255).reshape(2, 2, 2, 2).mean(dim=(1, 3))  # the means of the four 2×2 blocks; w_0 is 1
    found = attribute(model, pixels, PLAIN, 0, "grad-cam", {"enlarge": "blocks"})
    torch.testing.assert_close(found.plane, small.repeat_interleave(2, 0).repeat_interleave(2, 1))
    assert found.facts[0].value == "2×2, too coarse" and "too coarse" in found.facts[0].meaning


def test_guided_backprop_lets_only_positive_gradients_pass_a_relu() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
        model[3].weight.copy_(torch.tensor([[1.0, -1.0]]))  # the second hidden unit speaks against: cut off
    pixels = torch.full((1, 1, 2), 255, dtype=torch.uint8)
    found = attribute(model, pixels, PLAIN, 0, "guided-backprop")
    assert found.scores.flatten().tolist() == [1.0, 2.0]  # the plain gradient would be [1 − 3, 2 − 4]


@pytest.mark.parametrize("method", METHODS)
def test_every_method_serves_a_convolutional_network_and_leaves_no_trace(method: str) -> None:
    model, pixels = convolutional().train(), image(12, 12)
    model[0].requires_grad_(False)
    model[4].weight.grad = torch.ones_like(model[4].weight)
    hooks = [len(module._forward_hooks) + len(module._forward_pre_hooks) for module in model.modules()]
    weights = [value.clone() for value in model.state_dict().values()]
    found = attribute(model, pixels, SHIFTED, 0, method, background=background())
    assert found.scores.shape == (1, 12, 12)
    assert found.scores.isfinite().all() and not found.scores.requires_grad
    assert found.extent > 0
    assert found.signed or found.scores.min() >= 0
    assert all(module.training for module in model.modules())
    assert [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()] == hooks
    assert [p.grad is not None for p in model.parameters()] == [
        name == "4.weight" for name, _ in model.named_parameters()
    ]
    assert [p.requires_grad for p in model[0].parameters()] == [False, False]
    assert all(torch.equal(a, b) for a, b in zip(weights, model.state_dict().values(), strict=True))
    assert not any(hasattr(module, "input") for module in model.modules())


@pytest.mark.parametrize("method", METHODS)
def test_a_failure_in_the_middle_leaves_no_trace_either(method: str) -> None:
    class Fails(nn.Module):
        """Passes the first look at the layers, then stands for any error inside a method."""

        looks = 0

        def forward(self, x: Tensor) -> Tensor:
            self.looks += 1
            if self.looks > 1:
                raise RuntimeError("out of memory")
            return nn.Flatten()(x)

    class Flattens(nn.Flatten, Fails):  # a kind of layer that every method knows
        forward = Fails.forward

    model = convolutional().train()
    model[7] = Flattens()
    with pytest.raises(RuntimeError, match="out of memory"):
        attribute(model, image(12, 12), SHIFTED, 0, method, background=background())
    assert all(module.training for module in model.modules())
    assert not any(m._forward_hooks or m._forward_pre_hooks or m._backward_hooks for m in model.modules())
    assert model[7].looks == 0


def test_several_threads_share_a_model_with_equal_results() -> None:
    model, pictures = convolutional(), [image(12, 12, seed) for seed in range(3)]
    cases = [(method, picture) for method in METHODS for picture in range(3)] * 2
    alone = {
        (method, n): attribute(model, pictures[n], SHIFTED, 1, method, background=background()).scores
        for method, n in set(cases)
    }
    together: list[tuple[tuple[str, int], Tensor]] = []

    def work(part: int) -> None:
        for method, n in cases[part::6]:
            found = attribute(model, pictures[n], SHIFTED, 1, method, background=background())
            together.append(((method, n), found.scores))

    threads = [threading.Thread(target=work, args=(part,)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(together) == len(cases)
    for case, scores in together:
        torch.testing.assert_close(scores, alone[case])


def test_a_network_that_a_method_cant_serve_is_told_why() -> None:
    model, _ = linear()
    with pytest.raises(MethodUnableError, match="this network has none with more than one position"):
        attribute(model, image(), PLAIN, 0, "grad-cam")
    with pytest.raises(MethodUnableError, match="no ReLU"):
        attribute(model, image(), PLAIN, 0, "guided-backprop")
    with pytest.raises(MethodUnableError, match="no DeepLIFT rule for GELU"):
        attribute(nn.Sequential(model, nn.GELU()), image(), PLAIN, 0, "deep-lift")


@pytest.mark.parametrize(
    ("method", "settings", "message"),
    [
        ("occlusion", {"window": 15}, "Window can't be 15: choose a whole number from 1 to 14"),
        ("occlusion", {"window": 13}, "does not fit into 12×12 pixels"),
        ("occlusion", {"window": 2, "stride": 3}, "skips pixels"),
        ("occlusion", {"baseline": "pink"}, "choose one of black, white, mean"),
        ("integrated-gradients", {"steps": 10**9}, "from 5 to 200"),
        ("integrated-gradients", {"steps": True}, "whole number"),
        ("grad-cam", {"layer": "9"}, "choose one of 0, 1, 2, 3, 4, 5, 6"),
        ("grad-cam", {"relu": "yes"}, "either on or off"),
        ("saliency", {"window": 3}, "There is no setting “window” here"),
    ],
)
def test_settings_are_checked_again_in_core(
    method: str, settings: dict[str, int | str | bool], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        attribute(convolutional(), image(12, 12), SHIFTED, 0, method, settings)


def test_every_method_says_what_it_is() -> None:
    for key, method in METHODS.items():
        assert key == key.lower() and method.formula and method.name
        assert method.meaning.endswith(".") and method.misleads.endswith(".")
        assert method.paper and method.need.words.endswith(".")
        assert not method.suspect or method.suspect.endswith(".")
        assert len({control.name for control in method.controls}) == len(method.controls)


def test_how_far_it_is_can_be_told_and_it_can_be_stopped() -> None:
    model, told = convolutional(), []
    attribute(
        model, image(12, 12), SHIFTED, 0, "shapley-sampling", {"samples": 5, "across": 4}, report=told.append
    )
    assert told == sorted(told) and told[0] == 0
    assert told[-1] == 5 * 16 + 2  # all but the last of two single images

    class Enough(BaseException):
        pass

    def stop(through: int) -> None:
        if through > 20:
            raise Enough

    with pytest.raises(Enough):
        attribute(model, image(12, 12), SHIFTED, 0, "shapley-sampling", {"across": 4}, report=stop)
    assert not any(module._forward_pre_hooks for module in model.modules())
