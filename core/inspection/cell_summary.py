"""What the images of one cell of the confusion matrix have in common."""

from dataclasses import dataclass

from torch import Tensor

from core.inspection.predictions import Predictions


@dataclass(frozen=True, eq=False)
class CellSummary:
    """Means over some images; there is at least one."""

    images: int
    loss: float  # mean cross-entropy, nats
    confidence: float  # mean probability of the predicted class
    mean: Tensor  # float64 (C, H, W), 0–255: the mean image

    @staticmethod
    def of(predictions: Predictions, pixels: Tensor, images: Tensor) -> "CellSummary | None":
        """Of the images with these indices, int64 (n,); None where there are none.

        `pixels` is uint8 (N, C, H, W), in the order of `predictions`.
        """
        if not len(images):
            return None
        return CellSummary(
            len(images),
            float(predictions.losses[images].double().mean()),
            float(predictions.confidence[images].double().mean()),
            pixels[images].double().mean(dim=0),
        )

    def sentence(self) -> str:
        """The numbers in words."""
        images = "1 image" if self.images == 1 else f"{self.images:,} images"
        return f"{images}, mean loss {self.loss:.2f}, {100 * self.confidence:.0f} % sure on average"
