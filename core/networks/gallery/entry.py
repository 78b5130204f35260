"""What the gallery says of a network."""

from dataclasses import dataclass

from core.networks.spec import NetworkSpec, Shape

GREY, COLOUR = (1, 28, 28), (3, 32, 32)  # the images of Fashion-MNIST, and of CIFAR-10


@dataclass(frozen=True)
class GalleryNetwork:
    """A network that is there by name, for ten classes."""

    spec: NetworkSpec
    why: str  # one sentence: why it is as it is
    image: Shape = GREY  # the images that it was made for
