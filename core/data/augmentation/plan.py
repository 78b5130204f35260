"""A plan of augmentations: what a person chose, checked, and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from core.data.augmentation.table import AUGMENTATIONS


@dataclass(frozen=True)
class Augmentation:
    """One kind of change, how often, and how far."""

    kind: str  # a key of AUGMENTATIONS
    probability: float  # of each image anew, in [0, 1]
    low: float = 0.0  # of the kind's range, in its unit; 0 where the kind has none
    high: float = 0.0

    @classmethod
    def usual(cls, kind: str) -> Augmentation:
        """With the probability and the range that the table begins with."""
        known = AUGMENTATIONS[kind]
        if known.range is None:
            return cls(kind, known.probability)
        return cls(kind, known.probability, known.range.low, known.range.high)

    def problems(self) -> list[str]:
        """A sentence for each setting that can't be used; empty when all is well."""
        known = AUGMENTATIONS.get(self.kind)
        if known is None:
            return [f"There is no augmentation “{self.kind}”; there are {', '.join(AUGMENTATIONS)}."]
        found = []
        if not 0 <= self.probability <= 1:  # also of what is no number
            found.append(f"{known.label}: the probability is {self.probability:g}; allowed is 0 to 1.")
        given, allowed = f"{self.low:g} to {self.high:g}", known.range
        if allowed is None:
            if (self.low, self.high) != (0, 0):
                found.append(f"{known.label} has no range, but {given} was given; leave both at 0.")
        elif not allowed.lowest <= self.low <= self.high <= allowed.highest:
            found.append(
                f"{known.label}: the range is {given}{allowed.unit}; allowed is {allowed.lowest:g} to "
                f"{allowed.highest:g}{allowed.unit}, the lower number first."
            )
        elif allowed.whole and not (float(self.low).is_integer() and float(self.high).is_integer()):
            found.append(
                f"{known.label}: the range is {given}{allowed.unit}; only whole numbers are allowed."
            )
        return found


Plan: TypeAlias = tuple[Augmentation, ...]  # each kind at most once; done in the order of AUGMENTATIONS


def plan_problems(plan: Plan) -> list[str]:
    """A sentence for each augmentation that can't be used, and for each that is there twice."""
    kinds = [each.kind for each in plan]
    twice = [kind for kind in AUGMENTATIONS if kinds.count(kind) > 1]
    return [problem for each in plan for problem in each.problems()] + [
        f"{AUGMENTATIONS[kind].label} is there {kinds.count(kind)} times; keep one." for kind in twice
    ]


def plan_to_list(plan: Plan) -> list[dict[str, Any]]:
    """What JSON can hold."""
    return [asdict(each) for each in plan]


def plan_from_list(records: Iterable[Mapping[str, Any]]) -> Plan:
    """Read what `plan_to_list` wrote; raises KeyError, TypeError or ValueError for anything else."""
    return tuple(
        Augmentation(str(each["kind"]), float(each["probability"]), float(each["low"]), float(each["high"]))
        for each in records
    )
