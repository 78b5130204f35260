"""The quiz: a fair draw, right scores, and an honest sentence."""

import pytest
import torch

from core.inspection.predictions import Predictions
from core.inspection.quiz import Question, comparison, draw_quiz, score


def found(n: int = 400) -> Predictions:
    generator = torch.Generator().manual_seed(0)
    return Predictions(
        2 * torch.randn(n, 4, generator=generator), torch.randint(0, 4, (n,), generator=generator)
    )


def test_half_are_drawn_from_all_and_half_from_the_least_sure_and_none_twice() -> None:
    predictions = found()
    unsure = set(predictions.confidence.argsort()[:40].tolist())
    for seed in range(20):
        questions = draw_quiz(predictions, seed)
        assert len(questions) == len({question.image for question in questions}) == 20
        hard = [question.image for question in questions if question.hard]
        assert len(hard) == 10 and set(hard) <= unsure
    assert draw_quiz(predictions, 3) == draw_quiz(predictions, 3) != draw_quiz(predictions, 4)


def test_the_draw_does_not_favour_anybody() -> None:
    predictions = found()
    right = [
        bool(predictions.correct[question.image])
        for seed in range(200)
        for question in draw_quiz(predictions, seed)
        if not question.hard
    ]
    accuracy = float(predictions.correct.double().mean())
    # 2,000 draws: a standard deviation of at most 0.011
    assert sum(right) / len(right) == pytest.approx(accuracy, abs=0.035)


def test_few_images_are_enough() -> None:
    assert len(draw_quiz(found(3), 0)) == 3


SURE = Predictions(10 * torch.eye(4), torch.tensor([0, 1, 2, 0]))  # right on 0, 1 and 2, wrong on 3
QUESTIONS = (Question(0, False), Question(1, True), Question(2, False), Question(3, True))


def test_scores_by_hand() -> None:
    answers = [0, 2, 2, 0]  # right, wrong, right, right
    total = score(QUESTIONS, answers, SURE)
    assert (total.asked, total.person, total.network) == (4, 3, 3)
    hard = score(QUESTIONS, answers, SURE, hard=True)
    assert (hard.asked, hard.person, hard.network) == (2, 1, 1)
    assert score(QUESTIONS, answers[:1], SURE).asked == 1


def test_the_sentence_says_who_was_better_and_whether_it_means_anything() -> None:
    text = comparison(QUESTIONS, [0, 2, 2, 0], SURE)
    assert "on the 2 drawn from all you were right 2 times, the network 2 times" in text
    assert "You and the network are level" in text  # each is right once where the other is wrong
    text = comparison(QUESTIONS, [3, 3, 3, 3], SURE)
    # the network alone is right on 3, nobody the other way: 2 · (1/2)³ = 25 %
    assert "The network was better" in text and "25" in text
    assert "You were better" in comparison(QUESTIONS, [0, 1, 2, 0], SURE)
