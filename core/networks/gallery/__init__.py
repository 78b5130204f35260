"""The networks that are there by name, for ten classes: each with a reason, and the images that it was made for."""

from core.networks.gallery.branching import BRANCHING
from core.networks.gallery.classics import CLASSICS
from core.networks.gallery.course import COURSE
from core.networks.gallery.entry import GalleryNetwork
from core.networks.gallery.pretrained import PRETRAINED_NETWORKS
from core.networks.gallery.small import SMALL
from core.networks.spec import NetworkSpec

__all__ = ["EMPTY", "GALLERY", "NAMED_NETWORKS", "SHELVES", "GalleryNetwork"]

SHELVES: dict[str, tuple[GalleryNetwork, ...]] = {
    "From a course": COURSE,
    "Small and good": SMALL,
    "Ideas that lasted": CLASSICS,
    "With branches": BRANCHING,
    "Trained on photographs before": PRETRAINED_NETWORKS,
}
GALLERY: dict[str, GalleryNetwork] = {one.spec.name: one for shelf in SHELVES.values() for one in shelf}
NAMED_NETWORKS: dict[str, NetworkSpec] = {name: one.spec for name, one in GALLERY.items()}
EMPTY = NetworkSpec("My network", ())  # to begin with nothing
