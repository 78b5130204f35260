"""Which images are likely mislabelled, by confident learning (Northcutt, Jiang and Chuang, "Confident learning:
estimating uncertainty in dataset labels", 2021), from predictions for images that were not trained on.
"""

import torch
from torch import Tensor

from core.inspection.predictions import Predictions


def thresholds(predictions: Predictions) -> Tensor:
    """(K,): the mean probability of each class over the images that bear its label; 1 for a class without images."""
    levels = torch.ones(predictions.classes)
    for k in range(predictions.classes):
        own = predictions.probabilities[predictions.labels == k, k]
        if len(own):
            levels[k] = own.mean()
    return levels


def confident_classes(predictions: Predictions) -> Tensor:
    """int64 (N,): the class that an image confidently belongs to; −1 where no class reaches its threshold.

    Where several do, it is the most probable one.
    """
    reached = predictions.probabilities >= thresholds(predictions) - 1e-6  # (N, K)
    several = reached.sum(dim=1) > 1
    only = reached.int().argmax(dim=1)
    return torch.where(several, predictions.predicted, only).where(reached.any(dim=1), -1)


def confident_joint(predictions: Predictions) -> Tensor:
    """int64 (K, K): how many images with the label of the row confidently belong to the column's class."""
    k = predictions.classes
    classes = confident_classes(predictions)
    sure = classes >= 0
    pairs = predictions.labels[sure] * k + classes[sure]
    return torch.bincount(pairs, minlength=k * k).reshape(k, k)


def normalised_margin(predictions: Predictions) -> Tensor:
    """(N,): the label's probability minus the largest of another class, from −1 to 1."""
    own = predictions.probabilities.gather(1, predictions.labels[:, None])[:, 0]
    others = predictions.probabilities.scatter(1, predictions.labels[:, None], -1.0).amax(dim=1)
    return own - others


def likely_mislabelled(predictions: Predictions) -> Tensor:
    """int64 (n,): the images off the diagonal of the confident joint, the smallest normalised margin first.

    Left out is an image whose predicted class is its label.
    """
    classes = confident_classes(predictions)
    suspected = ((classes >= 0) & (classes != predictions.labels) & ~predictions.correct).nonzero().flatten()
    return suspected[normalised_margin(predictions)[suspected].argsort(stable=True)]
