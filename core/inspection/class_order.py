"""In which order the classes stand in a confusion matrix."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from core.inspection.confusion import ConfusionMatrix


@dataclass(frozen=True)
class ClassOrder:
    """A rule that puts the classes in order."""

    name: str
    meaning: str  # one sentence for the page
    places: Callable[[ConfusionMatrix], tuple[int, ...]]  # class indices, the first one first


def chosen_first(chosen: Sequence[int], classes: int) -> tuple[int, ...]:
    """The chosen classes in the order of choosing, then the others in the data set's."""
    first = list(dict.fromkeys(chosen))
    return (*first, *(k for k in range(classes) if k not in first))


def similarity(matrix: ConfusionMatrix) -> np.ndarray:
    """float64 (K, K), symmetric, 0 to 1: how often two classes are taken for each other.

    It is (p_ij + p_ji) / 2, with p_ij the share of class i's images that are taken for j; a class without
    images counts as never mistaken. The diagonal is 1.
    """
    shares = np.nan_to_num(matrix.normalised("row").numpy())
    alike = (shares + shares.T) / 2
    np.fill_diagonal(alike, 1.0)
    return alike


def _as_given(matrix: ConfusionMatrix) -> tuple[int, ...]:
    return tuple(range(len(matrix.counts)))


def _by_recall(matrix: ConfusionMatrix) -> tuple[int, ...]:
    recall = matrix.normalised("row").diagonal().nan_to_num(nan=2.0)  # classes without images come last
    return tuple(recall.argsort(stable=True).tolist())


def _by_similarity(matrix: ConfusionMatrix) -> tuple[int, ...]:
    """The leaves of an average-linkage tree over 1 − similarity, turned so that neighbours are most alike.

    Of the order and its reverse, which are equally good, the one that begins with the earlier class. Source:
    Z. Bar-Joseph, D. Gifford, T. Jaakkola, "Fast optimal leaf ordering for hierarchical clustering", 2001.
    """
    if len(matrix.counts) < 3:
        return _as_given(matrix)
    distances = squareform(1 - similarity(matrix), checks=False)
    leaves = leaves_list(optimal_leaf_ordering(linkage(distances, "average"), distances)).tolist()
    return tuple(leaves if leaves[0] < leaves[-1] else leaves[::-1])


ORDERS: dict[str, ClassOrder] = {  # what stands in the address → a rule
    "given": ClassOrder("As given", "The order in which the data set names its classes.", _as_given),
    "recall": ClassOrder(
        "By recall", "The class of which the fewest images are found comes first.", _by_recall
    ),
    "similarity": ClassOrder(
        "By similarity",
        "Classes that are taken for each other stand side by side (hierarchical clustering of how often that "
        "happens, its leaves in the best order), so that mistakes gather around the diagonal.",
        _by_similarity,
    ),
}
