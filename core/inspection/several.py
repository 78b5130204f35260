"""Several attributions one after another."""

from collections.abc import Iterator, Sequence

from core.inspection.attribution import MethodUnableError, SettingError
from core.inspection.maps import AttributionMap
from core.inspection.question import Question

Answers = tuple[AttributionMap | str, ...]  # the map, or why there is none


def several(questions: Sequence[Question]) -> Iterator[Answers]:
    """The answers so far, after each question one more."""
    answers: Answers = ()
    for question in questions:
        try:
            answers = (*answers, question.answer())
        except (MethodUnableError, SettingError) as reason:
            answers = (*answers, str(reason))
        yield answers
