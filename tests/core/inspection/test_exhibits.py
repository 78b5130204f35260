"""The maps of a report, a step at a time."""

import torch
from torch import nn

from core.inspection.anatomy import anatomy
from core.inspection.exhibits import exhibition, first_images
from core.inspection.predictions import Predictions
from core.inspection.question import Question
from tests.core.inspection.small_networks import SHIFTED, background, convolutional, image, linear

LOGITS = torch.tensor([[0.0, 4, 1], [3, 0, 0], [0, 0, 2], [2, 0, 0], [0, 1, 0]])
FOUND = Predictions(LOGITS, torch.tensor([0, 2, 2, 0, 0]))  # wrong: 0 (surest), 1, 4


def test_each_map_has_its_checks_and_the_rest_is_left_out_until_then() -> None:
    model = convolutional()
    facts = anatomy(model, torch.zeros(1, 12, 12))
    questions = [
        (place, Question(model, image(12, 12, place), SHIFTED, 1, method, {}, background()))
        for place in (0, 3)
        for method in ("saliency", "grad-cam")
    ]
    steps = list(exhibition(questions, facts, FOUND))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert steps[0].done == 0 and steps[0].exhibits == () and steps[-1].done == 1
    last = steps[-1].exhibits
    assert [(each.image, each.method) for each in last] == [
        (0, "saliency"),
        (0, "grad-cam"),
        (3, "saliency"),
        (3, "grad-cam"),
    ]
    assert all(each.trust is not None and each.trust.done == 1 for each in last)
    assert last[1].settings == {"layer": "4", "enlarge": "smooth", "relu": True}
    # image 0 has the logits 0, 4, 1: beside the target 1, class 2 is the more probable one
    assert last[0].trust is not None and [one.name for one in last[0].trust.classes] == ["2", "0"]


def test_a_map_that_cant_be_made_says_why() -> None:
    model, _ = linear()
    model = nn.Sequential(*model)
    facts = anatomy(model, torch.zeros(1, 4, 4))
    *_, last = exhibition(
        [(0, Question(model, image(), SHIFTED, 1, "grad-cam"))],
        facts,
        Predictions(LOGITS[:, :2], FOUND.labels.clamp(max=1)),
    )
    (only,) = last.exhibits
    assert only.trust is None and "can't serve this network" in only.refusal


def test_it_begins_with_the_two_surest_mistakes_and_one_of_their_class_that_is_right() -> None:
    assert first_images(FOUND) == (0, 1, 3)  # image 3 is of class 0, as is image 0
    right = Predictions(LOGITS, LOGITS.argmax(dim=1))
    assert first_images(right) == (0,)
