"""Turn, enlarge and move images: one affine map an image, and one look into all of them."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy import float64
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from core.data.augmentation.kind import Numbers


def affine_maps(numbers: Mapping[str, Numbers], height: int, width: int) -> NDArray[float64]:
    """Where each place of the new image lies in the old one: (N, 6), the two rows (a, b, c) of a map an image.

    The image is enlarged by z about its centre, turned by φ and moved by t, so the way back is
    p = R(−φ) (q − t) / z. Places are counted from the centre and in half sides, as `grid_sample` does; y goes down.
    """
    images = len(next(iter(numbers.values())))
    angle = np.deg2rad(numbers.get("rotation", np.zeros((images, 1)))[:, 0])
    zoom = numbers.get("zoom", np.ones((images, 1)))[:, 0]
    shift = 2 * numbers.get("shift", np.zeros((images, 2)))  # sides → half sides
    cosine, sine = np.cos(angle) / zoom, np.sin(angle) / zoom
    # with y down, a counter-clockwise turn back is (x, y) → (cos x − sin y, sin x + cos y), in pixels
    right, down = (cosine, -sine * height / width), (sine * width / height, cosine)
    rows = [(a, b, -a * shift[:, 0] - b * shift[:, 1]) for a, b in (right, down)]
    return np.stack([*rows[0], *rows[1]], axis=1)


def sample(images: Tensor, maps: Tensor) -> Tensor:
    """Images (N, C, H, W) through their affine maps (N, 6), bilinear between pixels, black outside."""
    n, _, height, width = images.shape
    x, y = _places(width, images), _places(height, images)
    grid = images.new_empty(n, height, width, 2)
    for axis, (a, b, c) in enumerate((maps[:, :3].T, maps[:, 3:].T)):
        along, down = torch.outer(a, x) + c.unsqueeze(1), torch.outer(b, y)  # (N, W) and (N, H)
        torch.add(along.unsqueeze(1), down.unsqueeze(2), out=grid[..., axis])  # (N, H, W)
    return F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def _places(count: int, like: Tensor) -> Tensor:
    """The centres of `count` pixels between −1 and 1."""
    return (2 * like.new_tensor(range(count)) + 1) / count - 1
