"""The table of augmentations, in the order in which they are done."""

from core.data.augmentation import draws
from core.data.augmentation.kind import Kind, Range

AUGMENTATIONS: dict[str, Kind] = {
    "crop": Kind(
        "Random crop with padding",
        "Black pixels are put around the image and a window of its old size is cut out, moved down and to the right "
        "by whole pixels, each of its own; from −4 to 4 it is torchvision's RandomCrop with a padding of 4.",
        1.0,
        Range("offset", " px", -16, 16, -4, 4, 1, whole=True),
        draws.whole(2),
        0.0,
    ),
    "flip": Kind(
        "Horizontal flip",
        "Left and right change places: right for most things, wrong for letters and digits.",
        0.5,
        None,
        draws.always,
        0.0,
    ),
    "rotation": Kind(
        "Rotation",
        "The image is turned about its centre, counter-clockwise for angles above 0: for things that do not always "
        "stand upright.",
        1.0,
        Range("angle", "°", -180, 180, -15, 15, 1),
        draws.uniform(1),
        0.0,
    ),
    "zoom": Kind(
        "Zoom",
        "The image is enlarged (above 1) or made smaller about its centre, for things near and far.",
        1.0,
        Range("factor", "", 0.5, 2.0, 0.9, 1.1, 0.05),
        draws.uniform(1),
        1.0,
    ),
    "shift": Kind(
        "Shift",
        "The image is moved to the right and down, each by a part of the side of its own, between pixels too, so "
        "that what matters may lie anywhere.",
        1.0,
        Range(
            "part of the side",
            "",
            -0.5,
            0.5,
            -0.1,
            0.1,
            0.01,
        ),
        draws.uniform(2),
        0.0,
    ),
    "brightness": Kind(
        "Brightness",
        "Every pixel is multiplied by the same factor, so that the light matters less than the shape.",
        1.0,
        Range("factor", "", 0.0, 2.0, 0.8, 1.2, 0.05),
        draws.uniform(1),
        1.0,
    ),
    "contrast": Kind(
        "Contrast",
        "Every pixel's distance from the image's mean is multiplied by the same factor; at 0 all is grey.",
        1.0,
        Range("factor", "", 0.0, 2.0, 0.8, 1.2, 0.05),
        draws.uniform(1),
        1.0,
    ),
    "erasing": Kind(
        "Erasing",
        "A rectangle somewhere in the image becomes black, so that no single part of it may decide alone.",
        0.5,
        Range("part of the area", "", 0.0, 0.5, 0.02, 0.33, 0.01),
        draws.rectangle,
        0.0,
    ),
    "mixup": Kind(
        "Mixup",
        "λ of this image and 1 − λ of the next are added, and so are their labels; λ is drawn from "
        "Beta(α, α), which for a small α is mostly near 0 or 1.",
        1.0,
        Range("α", "", 0.05, 2.0, 0.2, 0.2, 0.05),
        draws.weight,
        1.0,
    ),
}
