"""What the gallery says of a network."""

from dataclasses import dataclass

from core.networks.images import GREY
from core.networks.spec import NetworkSpec, Shape


@dataclass(frozen=True)
class GalleryNetwork:
    """A network that is there by name, for ten classes."""

    spec: NetworkSpec
    why: str  # one sentence: why it is as it is
    image: Shape = GREY  # the images that it was made for
