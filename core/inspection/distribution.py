"""How the numbers of a tensor are spread: moments, exact zeros, and histograms by size and by value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

# Bins are the same for every layer and every network, so that histograms can be laid over each other.
DECADES = (-30, 30)  # of the sizes |x|, as powers of ten; what lies outside counts in the outermost bin
BINS_A_DECADE = 4
SIZE_BINS = BINS_A_DECADE * (DECADES[1] - DECADES[0])
REACH = 5.0  # of the values, in units; what lies outside counts in the outermost bin
VALUE_BINS = 80  # over −REACH … REACH
MOST_VALUES = 2**17  # in a histogram: those of the first images; moments and zeros are of all


@dataclass(frozen=True)
class Distribution:
    """The numbers of one tensor (N, …), of N images."""

    mean: float
    std: float  # around the mean, divided by the count
    between: (
        float  # what differs between the images: std of a unit over them, root mean square over the units
    )
    length: float  # Euclidean norm of what belongs to one image, root mean square over the images
    zeros: float  # share of exact zeros, 0–1
    finite: bool  # False: there are infinite values or NaN; the moments are then NaN and the bins empty
    sizes: tuple[int, ...] = ()  # counts of log₁₀|x| in SIZE_BINS bins over DECADES; zeros are left out
    values: tuple[int, ...] = ()  # counts of x / unit in VALUE_BINS bins over ±REACH
    unit: float = 1.0  # of the values

    @classmethod
    def of(cls, numbers: Tensor, unit: float = 1.0) -> Distribution:
        """Measure `numbers` (N, …), which stay as they are; `unit` scales the histogram of values."""
        flat = numbers.detach().reshape(len(numbers), -1)  # (N, …) → (N, M)
        zeros = float((flat == 0).sum()) / flat.numel()
        # in float64: squares of 1e-30 are no float32 any more
        square = float(torch.linalg.vector_norm(flat, dtype=torch.float64)) ** 2 / flat.numel()
        if not math.isfinite(square):
            return cls(math.nan, math.nan, math.nan, math.nan, zeros, finite=False, unit=unit)
        of_units = flat.mean(dim=0, dtype=torch.float64)  # (M,): the same for every image
        mean = float(of_units.mean())
        few = flat[: max(1, MOST_VALUES // flat.shape[1])]
        return cls(
            mean=mean,
            std=math.sqrt(max(square - mean**2, 0.0)),
            between=math.sqrt(max(square - float(of_units.square().mean()), 0.0)),
            length=math.sqrt(square * flat.shape[1]),
            zeros=zeros,
            finite=True,
            sizes=_counts(few[few != 0].abs().log10(), *DECADES, SIZE_BINS),
            values=_counts(few / unit, -REACH, REACH, VALUE_BINS),
            unit=unit,
        )


def _counts(numbers: Tensor, low: float, high: float, bins: int) -> tuple[int, ...]:
    counts: list[float] = torch.histc(numbers.float().clamp(low, high), bins, low, high).tolist()
    return tuple(map(int, counts))
