"""The sections that a document can have, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.figures.report import evidence_section, run_sections, split_sections
from core.figures.report.blocks import Block
from core.figures.report.contents import Contents


def _only_words(_contents: Contents) -> list[Block]:
    return []


@dataclass(frozen=True)
class Section:
    """One section: its title, what a person might write there, and what stands in it by itself."""

    title: str
    question: str  # for who writes beside it
    build: Callable[[Contents], list[Block]]
    of_two: bool = False  # only where two runs are compared


SECTIONS: dict[str, Section] = {
    "introduction": Section("Introduction", "What was the question, and what did you expect?", _only_words),
    "facts": Section("Result", "What came out, in a sentence or two?", run_sections.facts),
    "comparison": Section(
        "What differs", "What did the change bring, and why?", run_sections.comparison, of_two=True
    ),
    "network": Section("Network", "Why this network?", run_sections.network),
    "settings": Section("Hyperparameters and data", "Why these settings?", run_sections.settings),
    "curves": Section("Curves", "Did it converge? Did it overfit?", run_sections.curves),
    "classes": Section("Class by class", "Which classes are hard, and why?", split_sections.classes),
    "confusion": Section("Confusion matrix", "What does it take for what?", split_sections.confusion),
    "mistakes": Section("Mistakes", "Would a person make them, too?", split_sections.mistakes),
    "calibration": Section("Calibration", "Can its confidence be believed?", split_sections.calibration),
    "evidence": Section(
        "Evidence", "What did it go by, and do you trust the maps?", evidence_section.evidence
    ),
    "conclusion": Section("Conclusion", "What did you learn, and what would you try next?", _only_words),
}


def built(contents: Contents) -> list[tuple[str, Section, list[Block]]]:
    """(key, section, blocks) for each wanted section that has anything in it, in their order."""
    found = [
        (key, section, section.build(contents))
        for key, section in SECTIONS.items()
        if key in contents.sections
    ]
    return [(key, section, blocks) for key, section, blocks in found if blocks or contents.paragraphs(key)]
