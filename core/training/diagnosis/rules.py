"""The health of a run in words: a table of rules, each of which looks at one thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.training.diagnosis import flow, learning, units
from core.training.diagnosis.finding import Finding, History, Level

RULES: dict[str, Callable[[History], Iterator[Finding]]] = {
    "diverged": learning.diverged,
    "leap": learning.leaps,
    "labels": learning.labels,
    "updates": flow.updates,
    "exploding": flow.exploding,
    "vanishing": flow.vanishing,
    "dead": units.dead,
    "saturation": units.saturated,
    "not learning": learning.not_learning,
    "overfitting": learning.overfitting,
    "plateau": learning.plateau,
    "frozen": flow.frozen,
    "start": learning.start,
}
ORDER: tuple[Level, ...] = ("warning", "note", "good")


def diagnose(history: History) -> list[Finding]:
    """All findings of a run: warnings first, causes before what follows from them."""
    found = [finding for rule in RULES.values() for finding in rule(history)]
    return sorted(found, key=lambda finding: ORDER.index(finding.level))
