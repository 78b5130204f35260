"""The image cut into regions that are switched on and off together: squares of a grid, or superpixels."""

import torch
from torch import Tensor

ROUNDS = 8  # of moving the superpixels' centres; later ones move them by less than half a pixel
COMPACTNESS = 0.3  # what a distance of one region's side weighs, against the step from black to white


def squares(height: int, width: int, side: int) -> Tensor:
    """int64 (H, W): the number of each pixel's square, row by row; the last ones may be smaller."""
    rows, columns = torch.arange(height) // side, torch.arange(width) // side
    return rows[:, None] * (int(columns[-1]) + 1) + columns[None]


def superpixels(pixels: Tensor, side: int) -> Tensor:
    """int64 (H, W): regions of about side × side pixels that keep to the image's own edges, from 0 on.

    `pixels` is (C, H, W), 0–1. Simple linear iterative clustering (Achanta and others, 2012): k-means over
    place and grey (or colour), begun at a grid. Regions need not be connected.
    """
    height, width = pixels.shape[1:]
    place = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"))  # (2, H, W)
    points = torch.cat([COMPACTNESS * place / side, pixels.cpu().float()]).flatten(1).T  # (H·W, 2 + C)
    label = squares(height, width, side).flatten()  # (H·W,)
    for _ in range(ROUNDS):
        count = torch.bincount(label).clamp(min=1)
        centres = torch.zeros(len(count), points.shape[1]).index_add_(0, label, points) / count[:, None]
        label = torch.cdist(points, centres).argmin(dim=1)
        label = torch.unique(label, return_inverse=True)[1]  # a centre that lost all its pixels goes
    return label.reshape(height, width)
