"""Points of many dimensions on a plane: principal components, and how many neighbours a map keeps."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse.linalg import svds
from scipy.spatial import cKDTree
from torch import Tensor


class NoMapError(ValueError):
    """Points that no map can be made of; the text says why."""


@dataclass(frozen=True, eq=False)
class PrincipalComponents:
    """The plane on which the points spread most."""

    points: Tensor  # float32 (N, 2)
    explained: tuple[float, float]  # the share of all variance along each axis

    def sentence(self) -> str:
        """How much of the spread the picture shows."""
        first, second = (100 * share for share in self.explained)
        return (
            f"The two axes are the directions of the largest variance: {first:.1f} and {second:.1f} % of it, "
            f"{first + second:.1f} % together. The rest is not in the picture."
        )


def refuse_unusable(features: Tensor) -> None:
    """Raises NoMapError for features (N, D) of fewer than three images, that are no numbers, or all the same."""
    if len(features) < 3:
        raise NoMapError(f"There are {len(features)} images; a map takes at least 3.")
    if not bool(features.isfinite().all()):
        raise NoMapError(
            "This network's numbers are not all finite: it diverged, and no map can be made of them."
        )
    if bool((features == features[0]).all()):
        raise NoMapError("This network makes the same numbers of every image, so there is nothing to map.")


def principal_components(features: Tensor) -> PrincipalComponents:
    """Project (N, D) on its first two principal components; raises NoMapError as `refuse_unusable`.

    Of each axis' two directions the one along which the largest weight is positive.
    """
    refuse_unusable(features)
    centred = (features.double() - features.double().mean(dim=0)).float().numpy()  # (N, D)
    total = float((centred.astype(np.float64) ** 2).sum())
    if min(centred.shape) < 4:
        _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    else:
        start = np.random.default_rng(0).standard_normal(min(centred.shape)).astype(np.float32)
        _, lengths, axes = svds(centred, k=2, v0=start)
    order = np.argsort(lengths)[::-1][:2]
    axes = axes[order]  # (2, D)
    axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    points = np.zeros((len(centred), 2), np.float32)
    points[:, : len(axes)] = centred @ axes.T  # one column stays 0 where there is one dimension
    shares = [float(length) ** 2 / total for length in lengths[order]] + [0.0]
    return PrincipalComponents(torch.from_numpy(points), (shares[0], shares[1]))


NEIGHBOURS = 10
SAMPLE = 1000  # images whose neighbours are counted: all of 10,000 would take seconds


def neighbours_kept(features: Tensor, points: Tensor, neighbours: int = NEIGHBOURS) -> float:
    """The share (0–1) of each image's nearest neighbours in (N, D) that are among its nearest in (N, 2), too.

    Counted for up to SAMPLE images, spread evenly over all. Ties count as they come.
    """
    count = len(features)
    near = min(neighbours, count - 1)
    asked = torch.linspace(0, count - 1, min(SAMPLE, count)).long().unique()
    distances = torch.cdist(features[asked], features)  # (n, N)
    distances[torch.arange(len(asked)), asked] = torch.inf  # nobody is a neighbour of their own
    before = distances.topk(near, largest=False).indices.numpy()  # (n, near)
    _, found = cKDTree(points.numpy()).query(points[asked].numpy(), k=near + 1)
    kept = sum(
        len(set(row) & set([other for other in places if other != own][:near]))
        for row, places, own in zip(before.tolist(), found.tolist(), asked.tolist(), strict=True)
    )
    return kept / (near * len(asked))


def inside(points: Tensor, x: tuple[float, float], y: tuple[float, float]) -> Tensor:
    """int64 (n,): the points (N, 2) within a rectangle, its edges included, in their order."""
    low = torch.tensor([min(x), min(y)], dtype=points.dtype)
    high = torch.tensor([max(x), max(y)], dtype=points.dtype)
    return ((points >= low) & (points <= high)).all(dim=1).nonzero().flatten()
