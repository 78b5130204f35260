"""Cut validation off the training images, then take a share of the rest; both stratified and seeded."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Split:
    """Positions of images among a data set's training images; the two are disjoint."""

    train: Tensor  # int64 (n,), sorted
    validation: Tensor  # int64 (m,), sorted


def split(labels: Tensor, share: float = 1.0, validation_share: float = 0.1, seed: int = 0) -> Split:
    """Split stratified by class: each class gives the same share of its images, rounded.

    Validation depends on the seed only, never on `share`, so that runs on 1 %, 10 % and 100 % of the data are
    judged on the same images; and of one seed a smaller share is part of a larger one. Every class keeps at
    least one training image, and at least one validation image where it has two or more.

    Raises ValueError for a share outside (0, 1] or a validation share outside (0, 1).
    """
    if not 0 < share <= 1:
        raise ValueError(f"The share of the training data is {share}; it must be above 0 and at most 1.")
    if not 0 < validation_share < 1:
        raise ValueError(f"The validation share is {validation_share}; it must be above 0 and below 1.")
    generator = torch.Generator().manual_seed(seed)
    train, validation = [], []
    for label in labels.unique().tolist():
        members = (labels == label).nonzero().squeeze(1)
        members = members[torch.randperm(len(members), generator=generator)]
        held_out = min(max(round(len(members) * validation_share), 1), len(members) - 1)
        rest = members[held_out:]
        validation.append(members[:held_out])
        train.append(rest[: max(round(len(rest) * share), 1)])
    nothing = labels.new_empty(0)
    return Split(torch.cat([nothing, *train]).sort().values, torch.cat([nothing, *validation]).sort().values)
