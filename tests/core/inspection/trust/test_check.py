"""The checks in turn, on a small network."""

import pytest
import torch

from core.inspection.anatomy import anatomy
from core.inspection.attribution import METHODS
from core.inspection.question import Question
from core.inspection.trust.check import check
from tests.core.inspection.small_networks import SHIFTED, background, convolutional, image


@pytest.mark.parametrize("method", METHODS)
def test_every_method_can_be_checked_step_by_step(method: str) -> None:
    model = convolutional()
    facts = anatomy(model, torch.zeros(1, 12, 12))
    question = Question(model, image(12, 12), SHIFTED, 1, method, {}, background())
    steps = list(check(question, facts, [2, 0]))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[0].done == 0 and steps[-1].done == 1
    last = steps[-1]
    assert [one.name for one in last.randomised] == ["9", "4", "0"]
    assert [one.name for one in last.classes] == ["2", "0"]
    assert [one.found.target for one in last.classes] == [2, 0]
    assert [curve.name for curve in last.curves] == ["deletion", "insertion"]
    assert all(-1 <= one.spearman <= 1 and one.ssim <= 1.0001 for one in (*last.randomised, *last.classes))
    if method == "layer-activation":  # does not know the class
        assert all(one.spearman > 0.999 for one in last.classes)


def test_the_shared_model_is_left_alone() -> None:
    model = convolutional().train()
    facts = anatomy(model, torch.zeros(1, 12, 12))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    list(check(Question(model, image(12, 12), SHIFTED, 1, "guided-backprop"), facts, [0]))
    assert all(module.training for module in model.modules())
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in before.items())
    assert not any(module._forward_hooks or module._backward_hooks for module in model.modules())
