"""Fit a network to a data set: as many outputs as there are classes, and layers that its images don't defeat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import torch

from core.networks.build import build
from core.networks.edit import replace_setting
from core.networks.findings import Finding
from core.networks.kinds import LAYER_KINDS
from core.networks.machine import MEMORY
from core.networks.mends import Fix, mends
from core.networks.names import layer_names
from core.networks.pretrained import PRETRAINED, check_fit
from core.networks.spec import NetworkSpec, Shape, SpecError
from core.networks.survey import survey

MOST_CHANGES = 20  # after so many a person had better look


@dataclass(frozen=True)
class Fitted:
    """A network that was fitted, and how."""

    spec: NetworkSpec
    changes: tuple[str, ...]  # what was done, in the order in which it was done; () where all fitted

    @property
    def sentence(self) -> str:
        """What was changed, in words."""
        if not self.changes:
            return "Nothing had to be changed."
        words = [f"{change[0].lower()}{change[1:]}" for change in self.changes]
        return f"What was changed: {'; '.join(words)}."


@lru_cache(maxsize=64)  # the page asks at each rerun
def fitted(spec: NetworkSpec, input_shape: Shape, classes: int, memory: int = MEMORY) -> Fitted:
    """`spec` with changes after which it can be trained on images of `input_shape` (C, H, W) in `classes` classes.

    The last layer with outputs of its own gets as many as there are classes; what does not fit before it gets the
    first of `mends` that leaves no problem, or else moves the first problem furthest back, again and again.
    Weights learned elsewhere that the images don't allow are given up. Raises SpecError where that leads nowhere.
    """
    now = spec
    changes: list[str] = []
    seen = {spec}
    while (finding := survey(now, input_shape, classes, memory)[1]) is not None:
        fix = _fix(now, input_shape, classes, finding, memory)
        if fix is None or fix.spec in seen or len(changes) == MOST_CHANGES:
            raise SpecError(
                f"{spec.name} can't be fitted by itself: {finding.sentence} Change it on the Design page, or choose "
                "another network."
            )
        seen.add(fix.spec)
        now, changes = fix.spec, [*changes, fix.label]
    weights = PRETRAINED.get(now.weights)
    if weights is not None and not _takes(now, input_shape, classes):
        now = replace(now, weights="default", frozen=False)
        changes.append(f"Begin with random weights, since those of {weights.title} no longer fit")
    return Fitted(now, tuple(changes))


def _fix(spec: NetworkSpec, input_shape: Shape, classes: int, finding: Finding, memory: int) -> Fix | None:
    if finding.place is None:
        head = _with_outputs(spec, input_shape, classes, memory)
        if head is not None:
            return head
    return next(iter(mends(spec, input_shape, classes, finding, memory)), None)


def _with_outputs(spec: NetworkSpec, input_shape: Shape, classes: int, memory: int) -> Fix | None:
    """The last layer of its own outputs gets `classes` of them, where nothing else is wrong then."""
    rows, _ = survey(spec, input_shape, classes, memory)
    for row in reversed(rows):
        field = next((f.name for f in LAYER_KINDS[row.kind].fields if f.name.startswith("out_")), None)
        if field is None:
            continue
        changed = replace_setting(spec, row.place, field, classes)
        if survey(changed, input_shape, classes, memory)[1] is None:
            return Fix(f"Give {layer_names(spec)[row.place]} {classes} outputs", changed)
        return None
    return None


def _takes(spec: NetworkSpec, input_shape: Shape, classes: int) -> bool:
    """Whether a network can begin with the pretrained weights that it names."""
    try:
        with torch.device("meta"):
            check_fit(build(spec, input_shape, classes), PRETRAINED[spec.weights])
    except SpecError:
        return False
    return True
