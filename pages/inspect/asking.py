"""An attribution that a page asks for, and the name under which its result can be kept."""

from collections.abc import Hashable, Mapping

from core.inspection.controls import Value
from core.inspection.question import Question
from pages.inspect.subject import Subject


def question(
    subject: Subject, image: int, target: int, method: str, settings: Mapping[str, Value]
) -> Question:
    """Of one test image."""
    return Question(
        subject.model,
        subject.test.pixels[image],
        subject.normalisation,
        target,
        method,
        settings,
        subject.test,
    )


def name(
    subject: Subject, image: int, target: int, method: str, settings: Mapping[str, Value]
) -> tuple[Hashable, ...]:
    """All that its result depends on."""
    return subject.sha, subject.data, image, target, method, tuple(sorted(settings.items()))
