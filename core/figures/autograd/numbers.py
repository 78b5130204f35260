"""Tensors as short texts in rows and columns, and gradients as shades of one scale."""

import math
from dataclasses import dataclass

import torch

from core.autograd.operations.signature import shape_text

FULL = 6  # rows and columns up to which a tensor is shown number by number
NONE = "—"  # no gradient yet; not the same as 0


def number(value: float | int | bool) -> str:
    """Four significant digits at most: 4.5, 0.333, −1.2e−5."""
    if isinstance(value, (bool, int)):
        return str(value).replace("-", "−")
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 99_995 or size < 1e-3:
        digits, exponent = f"{value:.1e}".split("e")
        text = f"{digits.removesuffix('.0')}e{int(exponent)}"
    else:
        text = f"{value:.4g}" if size >= 0.01 else f"{value:.3g}"
    return text.replace("-", "−")


@dataclass(frozen=True)
class Grid:
    """The texts of a tensor: its numbers, or a summary in one column where it is too large."""

    cells: list[list[str]]
    full: bool
    block: int  # rows of one matrix, where several are stacked

    @property
    def rows(self) -> int:
        return len(self.cells)

    @property
    def columns(self) -> int:
        return max((len(row) for row in self.cells), default=0)


def matrix_shape(shape: torch.Size) -> tuple[int, int]:
    """Rows and columns when all leading dimensions are stacked: (2, 3, 4) → (6, 4); a vector is one row."""
    columns = shape[-1] if len(shape) else 1
    return math.prod(shape[:-1]) if len(shape) > 1 else 1, columns


def is_full(shape: torch.Size) -> bool:
    rows, columns = matrix_shape(shape)
    return 0 < rows <= FULL and 0 < columns <= FULL


def grid(tensor: torch.Tensor) -> Grid:
    """The numbers of a tensor up to 6×6, a summary above."""
    rows, columns = matrix_shape(tensor.shape)
    if is_full(tensor.shape):
        texts = [number(value) for value in tensor.reshape(-1).tolist()]
        cells = [texts[i * columns : (i + 1) * columns] for i in range(rows)]
        return Grid(cells, True, tensor.shape[-2] if tensor.dim() > 1 else 1)
    return Grid([[line] for line in summary(tensor)], False, 0)


def summary(tensor: torch.Tensor) -> list[str]:
    """Shape, smallest and largest element, mean."""
    if tensor.numel() == 0:
        return [shape_text(tensor.shape), "empty"]
    values = tensor.double()
    return [
        shape_text(tensor.shape),
        f"{number(float(values.min()))} … {number(float(values.max()))}",
        f"mean {number(float(values.mean()))}",
    ]


def characters(tensor: torch.Tensor) -> int:
    """How wide the texts of `grid(tensor)` can become: the same for whatever floats stand in the tensor, so
    that boxes keep their places while values change."""
    if not is_full(tensor.shape):
        return max(len(shape_text(tensor.shape)), len("−1.2e−10 … −1.2e−10"))
    if tensor.is_floating_point():
        return len("−1.2e−10")
    longest = max(len(text) for row in grid(tensor).cells for text in row)
    return 2 * math.ceil(longest / 2) + 1


def shades(tensor: torch.Tensor, scale: float) -> list[list[float]]:
    """−1 … 1 for each cell of `grid(tensor)`: sign and root of the size relative to `scale`, so that small
    ones show.

    A summary gets one shade, that of its largest element in size.
    """
    values = tensor.detach().double().nan_to_num(0.0, scale, -scale)
    if not is_full(tensor.shape):
        largest = float(values.abs().max()) if values.numel() else 0.0
        return [[_shade(largest, scale)], [_shade(largest, scale)], [_shade(largest, scale)]]
    rows, columns = matrix_shape(tensor.shape)
    flat = [_shade(value, scale) for value in values.reshape(-1).tolist()]
    return [flat[i * columns : (i + 1) * columns] for i in range(rows)]


def _shade(value: float, scale: float) -> float:
    if scale <= 0:
        return 0.0
    return round(math.copysign(min(1.0, abs(value) / scale) ** 0.5, value), 2)
