"""One pass over labelled images: what a network says about each of them, and what follows from it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.preserve import own_copy
from core.training.layout import layout

# images at once: measured faster than 250 and 500, since feature maps then stay nearer to the cache
CHUNK = 100


@dataclass(frozen=True, eq=False)
class Predictions:
    """A network's logits for labelled images, in the images' order; all else is derived from them."""

    logits: Tensor  # float32 (N, K), on the CPU
    labels: Tensor  # int64 (N,), the true classes, on the CPU

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def classes(self) -> int:
        """K, the number of classes that the network tells apart."""
        return self.logits.shape[1]

    @cached_property
    def probabilities(self) -> Tensor:
        """(N, K): softmax of the logits."""
        return self.logits.softmax(dim=1)

    @cached_property
    def predicted(self) -> Tensor:
        """(N,): the class with the largest logit."""
        return self.logits.argmax(dim=1)

    @cached_property
    def confidence(self) -> Tensor:
        """(N,): the probability of the predicted class."""
        return self.probabilities.amax(dim=1)

    @cached_property
    def losses(self) -> Tensor:
        """(N,): cross-entropy −ln p(true class) of each image, in nats."""
        return F.cross_entropy(self.logits, self.labels, reduction="none")

    @cached_property
    def correct(self) -> Tensor:
        """(N,) bool: whether the predicted class is the true one."""
        return self.predicted == self.labels

    @cached_property
    def finite(self) -> bool:
        """Whether all logits are numbers; a network that diverged gives NaN, and then nothing else here means
        much.
        """
        return bool(self.logits.isfinite().all())


def at_once(pixels: Tensor, most: int = CHUNK) -> int:
    """How many of images (N, C, H, W) go through a network at once, so that it can be left in between.

    That is `most` where they are no larger than 28×28, and fewer of larger ones.
    """
    return max(1, most * 28 * 28 // max(pixels.shape[2] * pixels.shape[3], 28 * 28))


def predict(
    model: nn.Module,
    images: LabelledImages,
    normalisation: Normalisation,
    device: torch.device | str = "cpu",
    report: Callable[[float], None] = lambda _done: None,
) -> Predictions:
    """Every image through `model` once, in eval mode and without gradients, by a copy of the model.

    `images.pixels` is uint8 (N, C, H, W); `model` must be on `device` and take what `normalisation` gives.
    `report` hears the share (0–1) that is done; what it raises ends the work.
    """
    device = torch.device(device)
    form = layout(model, device)  # channels last, where that is safe: half the time of the usual format
    own = own_copy(model).to(memory_format=form)
    logits: list[Tensor] = []
    chunks = images.pixels.split(at_once(images.pixels))
    with torch.inference_mode():
        for chunk in chunks:
            given = normalisation(chunk.to(device)).contiguous(
                memory_format=form
            )  # uint8 (n, C, H, W) → float32
            logits.append(own(given).float().cpu())
            report(len(logits) / len(chunks))
    # cloned outside inference mode, so that the result may be used in any computation
    return Predictions(torch.cat(logits).clone(), images.labels.cpu())
