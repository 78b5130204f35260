"""Adversarial images: the smallest change, of at most ε grey levels a pixel, after which the class is another.

FGSM: Goodfellow, Shlens and Szegedy, "Explaining and harnessing adversarial examples" (2015).
PGD: Madry et al., "Towards deep learning models resistant to adversarial attacks" (2018).
"""

import math
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from core.inspection.pixel_network import PixelNetwork

MOST = 64.0  # grey levels: a quarter of the range, which everybody sees
TOLERANCE = 0.01  # grey levels, to which the smallest strength is found
LINEAR = [k / 2 for k in range(1, 129)]  # strengths up to MOST
DOUBLING = [2.0**k for k in range(-3, 7)]


@dataclass(frozen=True, eq=False)
class Attack:
    """How one image was changed, step by step."""

    epsilon: float  # grey levels: no pixel has moved further
    images: Tensor  # float32 (steps + 1, C, H, W) in 0–255; the first is the image itself
    logits: Tensor  # (steps + 1, K)

    @property
    def last(self) -> Tensor:
        """float32 (C, H, W): what came out."""
        return self.images[-1]

    @property
    def changed(self) -> bool:
        """Whether the network now says another class than of the image itself."""
        return bool(self.logits[-1].argmax() != self.logits[0].argmax())


def direction(network: PixelNetwork, pixels: Tensor, labels: Tensor) -> Tensor:
    """The sign of ∂ cross-entropy / ∂ pixel: float32 (N, C, H, W) → −1, 0 or 1 each."""
    leaf = pixels.float().detach().requires_grad_()
    with torch.enable_grad():
        loss = F.cross_entropy(network(leaf), labels, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, leaf)
    return gradient.sign()


def project(moved: Tensor, original: Tensor, epsilon: float) -> Tensor:
    """The nearest pixels that are within ε of the original and in 0–255."""
    return torch.clamp(moved, original - epsilon, original + epsilon).clamp(0, 255)


def fgsm_batch(network: PixelNetwork, pixels: Tensor, labels: Tensor, epsilon: float) -> Tensor:
    """One step of ε up the loss: uint8 or float32 (N, C, H, W) → float32 (N, C, H, W)."""
    original = pixels.float()
    return project(original + epsilon * direction(network, original, labels), original, epsilon)


def pgd_iterates(
    network: PixelNetwork, pixels: Tensor, labels: Tensor, epsilon: float, steps: int
) -> Iterator[Tensor]:
    """Each step's images: `steps` times 2.5 ε / steps up the loss (as Madry et al. do), projected each time.

    It starts at the images themselves, not at a random point beside them, so that it can be repeated.
    """
    original = moved = pixels.float()
    for _ in range(steps):
        up = direction(network, moved, labels)
        moved = project(moved + 2.5 * epsilon / steps * up, original, epsilon)
        yield moved


def attack(network: PixelNetwork, pixels: Tensor, epsilon: float, steps: int) -> Attack:
    """Away from what the network says of `pixels` (C, H, W); one step is FGSM, more are PGD."""
    image = pixels[None].float()  # (C, H, W) → (1, C, H, W)
    said = network.asked(image).argmax(dim=1)
    if steps == 1:
        images = [fgsm_batch(network, image, said, epsilon)]
    else:
        images = list(pgd_iterates(network, image, said, epsilon, steps))
    path = torch.cat([image, *images])
    return Attack(epsilon, path, network.asked(path))


def smallest_attack(
    network: PixelNetwork, pixels: Tensor, steps: int
) -> Generator[float, None, tuple[Attack, ...]]:
    """The attack of least ε, up to MOST, that changes the class, to TOLERANCE; () where none does.

    Strengths are tried from below; between the first that changes the class and the one before it, ε is found
    by bisection. Yields how much of that is done (0–1), after each strength.
    """
    search = first_strength(LINEAR if steps == 1 else DOUBLING)
    changes = _fgsm_changes(network, pixels) if steps == 1 else None
    strength, done = next(search)
    while True:
        yield done
        changed = changes(strength) if changes else attack(network, pixels, strength, steps).changed
        try:
            strength, done = search.send(changed)
        except StopIteration as stop:
            return () if stop.value is None else (attack(network, pixels, stop.value, steps),)


def _fgsm_changes(network: PixelNetwork, pixels: Tensor) -> Callable[[float], bool]:
    """Whether FGSM of a strength changes the class; the gradient is the same for all, and computed once."""
    image = pixels[None].float()
    said = network.asked(image).argmax(dim=1)
    up = direction(network, image, said)
    return lambda epsilon: bool(
        network.asked(project(image + epsilon * up, image, epsilon)).argmax(dim=1) != said
    )


def first_strength(ladder: Sequence[float]) -> Generator[tuple[float, float], bool, float | None]:
    """The least strength that changes something, as far as `ladder` (growing) and bisection see; None if none does.

    Yields a strength to try and how much is done (0–1); is sent whether it changes something.
    """
    below, halvings = 0.0, math.ceil(math.log2(ladder[-1] / TOLERANCE))
    for rung, above in enumerate(ladder):
        if (yield above, rung / (len(ladder) + halvings)):
            break
        below = above
    else:
        return None
    tried = len(ladder)  # the rungs above need not be tried
    while above - below > TOLERANCE:
        middle = (below + above) / 2
        below, above = (
            (below, middle) if (yield middle, tried / (len(ladder) + halvings)) else (middle, above)
        )
        tried += 1
    return above
