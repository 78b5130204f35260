"""An attribution that a page asks for, and the name under which its result can be kept."""

from collections.abc import Hashable, Mapping
from dataclasses import replace

from core.inspection.controls import Value
from core.inspection.preserve import own_copy, reporting
from core.inspection.question import Question
from core.inspection.turns import Pause
from pages.inspect.subject import Subject


def pausing(subject: Subject, pause: Pause) -> Subject:
    """The same with a network of its own, which pauses before each forward pass, so that long work can be left."""
    return replace(subject, model=reporting(own_copy(subject.model), lambda _through: pause()))


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
