"""How alike two attribution maps are: the order of their pixels, and their structure as pictures."""

import torch
from scipy.stats import rankdata
from torch import Tensor
from torch.nn import functional as F

WINDOW, SIGMA = 11, 1.5  # of the structural similarity, as its authors have them
C1, C2 = 0.01**2, 0.03**2  # for pictures from 0 to 1


def spearman(a: Tensor, b: Tensor) -> float:
    """The rank correlation of two planes (H, W), −1 to 1; 0 where one of them is the same everywhere."""
    ranks = [torch.from_numpy(rankdata(plane.flatten().numpy())) for plane in (a, b)]
    if any(float(rank.std()) == 0 for rank in ranks):
        return 0.0
    return float(torch.corrcoef(torch.stack(ranks))[0, 1])


def ssim(a: Tensor, b: Tensor) -> float:
    """The mean structural similarity of two planes (H, W) from 0 to 1: 1 for equal ones (Wang and others, 2004).

    Planes smaller than the window of 11 pixels get a window that fits.
    """
    side = min(WINDOW, *a.shape) // 2 * 2 - 1 if min(a.shape) < WINDOW else WINDOW
    offsets = torch.arange(max(side, 1)) - max(side, 1) // 2
    bell = (-(offsets**2) / (2 * SIGMA**2)).exp()
    kernel = torch.outer(bell, bell) / bell.sum() ** 2

    def mean(plane: Tensor) -> Tensor:
        return F.conv2d(plane[None, None], kernel[None, None])[0, 0]

    a, b = a.float(), b.float()
    mean_a, mean_b = mean(a), mean(b)
    variance_a, variance_b = mean(a * a) - mean_a**2, mean(b * b) - mean_b**2
    covariance = mean(a * b) - mean_a * mean_b
    light = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    structure = (2 * covariance + C2) / (variance_a + variance_b + C2)
    return float((light * structure).mean())


def shown(plane: Tensor) -> Tensor:
    """|scores| (H, W) from 0 to 1, as a map is looked at."""
    size = plane.abs()
    return size / size.max() if float(size.max()) > 0 else size
