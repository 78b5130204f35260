"""What the checks of a map show, in words computed from their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean

from core.inspection.trust.check import Trust
from core.inspection.trust.erasing import Curve

ALIKE, FAR = 0.5, 0.25  # rank correlations from which on two maps are alike, and below which they are not


@dataclass(frozen=True)
class Finding:
    """What one check says."""

    name: str
    good: bool | None  # whether it speaks for the map; None where it says neither
    sentence: str


def findings(trust: Trust) -> tuple[Finding, ...]:
    """One for each check that has ended."""
    found = []
    if trust.randomised:
        found.append(_weights(trust))
    if trust.classes:
        found.append(_classes(trust))
    return (*found, *(_curve(curve) for curve in trust.curves))


def verdict(trust: Trust) -> str:
    """All checks in one sentence."""
    if trust.original.extent == 0:
        return "The map is 0 everywhere: there is nothing to believe or to doubt."
    found = findings(trust)
    bad = [finding.name for finding in found if finding.good is False]
    good = [finding.name for finding in found if finding.good]
    if not bad:
        return f"In this case no check speaks against the map; {len(good)} of {len(found)} speak for it."
    against = "the check" if len(bad) == 1 else f"{len(bad)} of {len(found)} checks"
    return f"In this case {against} “{'”, “'.join(bad)}” {'speaks' if len(bad) == 1 else 'speak'} against the map."


def _weights(trust: Trust) -> Finding:
    last = trust.randomised[-1]
    layers = "its only layer with weights" if len(trust.randomised) == 1 else "all layers"
    with_random = f"With {layers} random"
    if last.spearman >= ALIKE > last.signed:
        return Finding("Weights", None, f"{with_random} {_same_shape(last.spearman, last.signed)}")
    number = f"(rank correlation {_two(last.spearman)})"
    if last.spearman >= ALIKE:
        return Finding(
            "Weights",
            False,
            f"{with_random} the map still resembles the original {number}: most of what you see does not come "
            "from what was learned.",
        )
    if last.spearman >= FAR:
        return Finding(
            "Weights",
            None,
            f"{with_random} the map resembles the original in part {number}: some of it comes from the image "
            "alone.",
        )
    fell = next((one.name for one in trust.randomised if one.spearman < ALIKE), last.name)
    return Finding(
        "Weights",
        True,
        f"{with_random} the map is another one {number}, and no longer like the original from {fell} on: it "
        "depends on what was learned.",
    )


def _classes(trust: Trust) -> Finding:
    size, signed = (
        fmean(values) for values in zip(*((one.spearman, one.signed) for one in trust.classes), strict=True)
    )
    count = len(trust.classes)
    which = "For the other class" if count == 1 else f"For {count} other classes"
    number = f"(rank correlation {_two(size)}{'' if count == 1 else ' on average'})"
    if size >= ALIKE > signed:
        return Finding("Class", None, f"{which} {_same_shape(size, signed)}")
    if size >= ALIKE:
        return Finding(
            "Class",
            False,
            f"{which} the map is much the same {number}: it says where there is something to see, not why it "
            "is this class.",
        )
    if size >= FAR:
        return Finding("Class", None, f"{which} the map is alike in part {number}.")
    return Finding("Class", True, f"{which} the map is another one {number}: it belongs to this class.")


def _two(number: float) -> str:
    """With two decimals and a true minus."""
    return f"{number:.2f}".replace("-", "−")


def _same_shape(size: float, signed: float) -> str:
    return (
        f"the same pixels get large scores (rank correlation {_two(size)}), but for and against are dealt out "
        f"anew ({_two(signed)} with signs): the shape comes from the image, only the signs tell something."
    )


def _curve(curve: Curve) -> Finding:
    areas = curve.random_areas
    chance = f"{_two(float(areas.mean()))} ± {_two(float(areas.std()))}"
    numbers = f"area {_two(curve.area)} against {chance} in random order"
    doing = {
        "deletion": "Painting the highest-scored pixels black first takes the probability away",
        "insertion": "Giving the blurred image its highest-scored pixels first brings the probability back",
    }[curve.name]
    if not curve.clear:
        return Finding(curve.name.capitalize(), None, f"{doing} about as fast as any order ({numbers}).")
    if curve.gain > 0:
        return Finding(
            curve.name.capitalize(), True, f"{doing} faster ({numbers}): the network does use these pixels."
        )
    return Finding(
        curve.name.capitalize(),
        False,
        f"{doing} more slowly ({numbers}): other pixels matter more to the network.",
    )
