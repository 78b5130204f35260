"""A quiz on test images: a person against a network, on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.inspection.mcnemar import McNemar
from core.inspection.predictions import Predictions
from core.training.reports.words import chance, verdict

SIZE = 20  # questions
HARD_SHARE = 0.1  # of the test images: those of which the network is least sure


@dataclass(frozen=True)
class Question:
    """One image to guess."""

    image: int  # in the test split
    hard: bool  # whether the network hesitated; otherwise drawn from all images


@dataclass(frozen=True)
class Score:
    """Right answers so far."""

    asked: int
    person: int
    network: int


def draw_quiz(predictions: Predictions, seed: int, size: int = SIZE) -> tuple[Question, ...]:
    """Half of the images drawn from all, half from those of which the network is least sure; mixed, none twice.

    Neither half is chosen by whether the network is right, so that the comparison is fair.
    """
    generator = torch.Generator().manual_seed(seed)
    total = len(predictions)
    size = min(size, total)
    unsure = predictions.confidence.argsort(stable=True)[: max(size // 2, round(HARD_SHARE * total))]
    hard = _drawn(unsure, size // 2, generator)
    others = torch.ones(total, dtype=torch.bool)
    others[hard] = False
    random = _drawn(others.nonzero().flatten(), size - len(hard), generator)
    questions = [Question(image, True) for image in hard.tolist()]
    questions += [Question(image, False) for image in random.tolist()]
    return tuple(questions[place] for place in torch.randperm(len(questions), generator=generator).tolist())


def _drawn(images: Tensor, count: int, generator: torch.Generator) -> Tensor:
    return images[torch.randperm(len(images), generator=generator)[:count]]


def score(
    questions: Sequence[Question], answers: Sequence[int], predictions: Predictions, hard: bool | None = None
) -> Score:
    """Of the questions that have an answer (a class index each, in order): all, or only the hard or the others."""
    asked = [
        (question.image, answer)
        for question, answer in zip(questions, answers, strict=False)
        if hard is None or question.hard == hard
    ]
    person = sum(answer == int(predictions.labels[image]) for image, answer in asked)
    return Score(len(asked), person, sum(bool(predictions.correct[image]) for image, _ in asked))


def comparison(questions: Sequence[Question], answers: Sequence[int], predictions: Predictions) -> str:
    """Who was better, on which images, and whether that means anything, in words."""
    parts = [
        f"on the {each.asked} {name} you were right {each.person} times, the network {each.network} times"
        for name, hard in (("drawn from all", False), ("on which the network hesitates", True))
        if (each := score(questions, answers, predictions, hard)).asked
    ]
    pairs = [
        (answer == int(predictions.labels[question.image]), bool(predictions.correct[question.image]))
        for question, answer in zip(questions, answers, strict=False)
    ]
    alone = McNemar(sum(me and not it for me, it in pairs), sum(it and not me for me, it in pairs))
    text = f"Of {len(pairs)} images, {'; '.join(parts)}."
    if alone.first_alone == alone.second_alone:
        return f"{text} You and the network are level."
    better = "You were" if alone.first_alone > alone.second_alone else "The network was"
    return (
        f"{text} {better} better: were you equally good, a difference at least this large would come up in "
        f"{chance(alone.probability)} of such quizzes, {verdict(alone.probability)}."
    )
