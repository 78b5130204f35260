"""Means of maps against the mean of their stack."""

import torch

from core.inspection.averages import mean_maps
from core.inspection.question import Question
from tests.core.inspection.small_networks import SHIFTED, background, convolutional

OTHERS = background(7)


def questions(images: list[int], target: int) -> list[Question]:
    model = convolutional()
    return [Question(model, OTHERS.pixels[k], SHIFTED, target, "input-x-gradient") for k in images]


def test_the_mean_grows_to_that_of_all_maps() -> None:
    groups = [questions([0, 3, 5], 1), questions([2], 0)]
    steps = list(mean_maps(groups))
    assert [[mean.images for mean in step] for step in steps] == [[1, 0], [2, 0], [3, 0], [3, 1]]
    assert [mean.of for mean in steps[0]] == [3, 1]
    assert steps[0][1].found is None
    stack = torch.stack([question.answer().scores for question in groups[0]])
    torch.testing.assert_close(steps[1][0].found.scores, stack[:2].mean(0))
    torch.testing.assert_close(steps[-1][0].found.scores, stack.mean(0))
    assert steps[-1][0].found.signed and steps[-1][0].found.target == 1
    expected = OTHERS.pixels[[0, 3, 5]].double().mean(0).round().to(torch.uint8)
    assert torch.equal(steps[-1][0].picture, expected)


def test_images_may_count_alike() -> None:
    group = questions([0, 3], 1)
    *_, (mean,) = mean_maps([group], alike=True)
    maps = [question.answer() for question in group]
    torch.testing.assert_close(mean.found.scores, sum(one.scores / one.extent for one in maps) / 2)


def test_no_images_give_no_step() -> None:
    assert list(mean_maps([[]])) == []
