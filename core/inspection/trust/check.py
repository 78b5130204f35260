"""The three checks of one map, a step at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from core.inspection.anatomy import Anatomy
from core.inspection.maps import AttributionMap
from core.inspection.question import Question
from core.inspection.trust.erasing import Curve, curves
from core.inspection.trust.randomised import cascade, stages
from core.inspection.trust.similarity import shown, spearman, ssim

MOST_CLASSES = 9  # other classes for which the map is made, the most probable ones


@dataclass(frozen=True, eq=False)
class Variant:
    """The same map under another condition, and how like the original it is."""

    name: str  # of the layer down to which the weights are random; or the index of the class
    found: AttributionMap
    spearman: float  # rank correlation of |scores| with the original's, −1 to 1
    signed: float  # rank correlation of the scores with their signs; the same for maps without signs
    ssim: float  # structural similarity of |scores| with the original's, up to 1


@dataclass(frozen=True, eq=False)
class Trust:
    """What the checks have found so far."""

    original: AttributionMap
    done: float = 0.0  # 0–1
    randomised: tuple[Variant, ...] = ()  # from the output down
    classes: tuple[Variant, ...] = ()  # the most probable other class first
    curves: tuple[Curve, ...] = ()


def _check_weights(question: Question, anatomy: Anatomy) -> Iterator[Trust]:
    """The first check: the map with ever more of the weights random."""
    original = question.answer()
    trust, total = Trust(original), len(stages(anatomy))
    yield trust
    for name, model in cascade(question.model, anatomy):
        variant = compared(original, replace(question, model=model), name)
        trust = replace(trust, randomised=(*trust.randomised, variant), done=trust.done + 1 / total)
        yield trust


def check(question: Question, anatomy: Anatomy, others: list[int]) -> Iterator[Trust]:
    """The checks one after another, each step in about the time of one map; the last one is whole.

    `others` are the classes beside the target, the most probable first. Raises MethodUnableError,
    SettingError.
    """
    others = others[:MOST_CLASSES]
    layers = len(stages(anatomy))
    share = layers / (layers + len(others) + 2)
    for trust in _check_weights(question, anatomy):
        trust = replace(trust, done=trust.done * share)
        yield trust
    step = share / max(1, layers)
    original = trust.original
    for other in others:
        variant = compared(original, replace(question, target=other), str(other))
        trust = replace(trust, classes=(*trust.classes, variant), done=trust.done + step)
        yield trust
    for curve in curves(question, original.plane):
        trust = replace(trust, curves=(*trust.curves, curve), done=trust.done + step)
        yield trust
    yield replace(trust, done=1.0)


def compared(original: AttributionMap, question: Question, name: str) -> Variant:
    """The map of another question, beside the original."""
    found = question.answer()
    pair = original.plane, found.plane
    if not torch.isfinite(found.plane).all():
        return Variant(name, found, 0.0, 0.0, 0.0)
    sizes = [shown(plane) for plane in pair]
    return Variant(name, found, spearman(*sizes), spearman(*pair), ssim(*sizes))
