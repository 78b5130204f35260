"""Mean attribution maps over many images: of a class, or of a cell of the confusion matrix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.inspection.maps import AttributionMap
from core.inspection.question import Question


@dataclass(frozen=True, eq=False)
class Mean:
    """The mean of the maps of some images so far."""

    images: int  # that are in it
    of: int  # that shall be
    picture: Tensor  # uint8 (C, H, W): the mean image
    found: AttributionMap | None  # None before the first


def mean_maps(groups: Sequence[Sequence[Question]], alike: bool = False) -> Iterator[tuple[Mean, ...]]:
    """For each group of questions the mean of their maps; what there is so far, after each map.

    With `alike` each map is divided by its largest absolute score first, so that all images count alike.
    Maps of zeros then stay zeros. Raises MethodUnableError, SettingError.
    """
    means = [Mean(0, len(group), torch.zeros(1, 1, 1, dtype=torch.uint8), None) for group in groups]
    for place, group in enumerate(groups):
        pixels: Tensor | int = 0
        scores: Tensor | int = 0
        for done, question in enumerate(group, start=1):
            found = question.answer()
            weight = 1 / found.extent if alike and found.extent > 0 else 1.0
            pixels, scores = pixels + question.pixels.double(), scores + weight * found.scores.double()
            mean = replace(found, scores=(scores / done).float(), facts=())
            picture = (pixels / done).round().to(torch.uint8)
            means[place] = Mean(done, len(group), picture, mean)
            yield tuple(means)
