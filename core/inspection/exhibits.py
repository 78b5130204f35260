"""The maps that a report shows: a few images under a few methods, each with the checks of whether it can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.inspection.anatomy import Anatomy
from core.inspection.attribution import METHODS, MethodUnableError, SettingError
from core.inspection.controls import Settings, Value, complete
from core.inspection.predictions import Predictions
from core.inspection.question import Question
from core.inspection.trust.check import Trust, check


@dataclass(frozen=True, eq=False)
class Exhibit:
    """One map of one test image, with what the checks have found."""

    image: int  # its place in the test split
    target: int  # the class whose logit is explained
    method: str  # a key of METHODS
    settings: Settings  # all of them, those that were left out with their defaults
    trust: Trust | None = None  # None where there is no map
    refusal: str = ""  # why there is none


@dataclass(frozen=True, eq=False)
class Exhibition:
    """The exhibits so far."""

    done: float  # 0–1
    exhibits: tuple[Exhibit, ...] = field(default=())


def exhibition(
    questions: Sequence[tuple[int, Question]], anatomy: Anatomy, predictions: Predictions
) -> Iterator[Exhibition]:
    """Each (place of the image, question) with its checks, a step at a time; the last one is whole.

    Other classes are asked for in the order in which the network finds them probable.
    """
    finished: tuple[Exhibit, ...] = ()
    yield Exhibition(0.0 if questions else 1.0)
    for number, (image, question) in enumerate(questions):
        settings = _complete(question, anatomy)
        exhibit = Exhibit(image, question.target, question.method, settings)
        order = predictions.logits[image].argsort(descending=True).tolist()
        try:
            for trust in check(question, anatomy, [k for k in order if k != question.target]):
                exhibit = replace(exhibit, trust=trust)
                yield Exhibition((number + trust.done) / len(questions), (*finished, exhibit))
        except (MethodUnableError, SettingError) as reason:
            exhibit = replace(exhibit, trust=None, refusal=str(reason))
        finished = (*finished, exhibit)
        yield Exhibition((number + 1) / len(questions), finished)


def first_images(predictions: Predictions) -> tuple[int, ...]:
    """The images that a report begins with: the two surest mistakes, and one image that is recognised.

    The latter is of the first mistake's class, so that the maps can be compared.
    """
    wrong = (~predictions.correct).nonzero().flatten()
    surest = wrong[predictions.confidence[wrong].argsort(descending=True, stable=True)][:2].tolist()
    right = predictions.correct
    if surest and bool((alike := right & (predictions.labels == predictions.labels[surest[0]])).any()):
        right = alike
    return (*surest, *right.nonzero().flatten()[:1].tolist())


def _complete(question: Question, anatomy: Anatomy) -> Settings:
    controls, given = METHODS[question.method].controls, question.settings
    layers = [layer.name for layer in anatomy.maps]
    try:
        return complete(controls, given, layers, anatomy.last_convolution)
    except SettingError:  # which the map will say
        return _as_given(given)


def _as_given(given: Mapping[str, Value]) -> Settings:
    return dict(given)
