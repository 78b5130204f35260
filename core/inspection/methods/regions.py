"""The regions of an image that a method changes together: how many, which, and the choice of them."""

from torch import Tensor

from core.inspection.controls import Choice, Number, SettingError, Settings
from core.inspection.maps import Case, Fact
from core.inspection.methods.method import Shape
from core.inspection.segments import squares, superpixels


def regions(case: Case, settings: Settings) -> Tensor:
    """int64 (1, 1, H, W): the regions that the settings ask for. Raises SettingError for fewer than two."""
    _, _, height, width = case.image.shape
    side = side_of(settings, (1, height, width))
    if settings.get("regions") == "superpixels":
        pixels = case.normalisation.undo(case.image.detach())[0] / 255
        label = superpixels(pixels, side)
    else:
        label = squares(height, width, side)
    if label.max() < 1:
        raise SettingError(f"{height}×{width} pixels stay in one piece; choose more regions.")
    return label[None, None].to(case.image.device)


def count_of_regions(settings: Settings, shape: Shape) -> int:
    """How many squares there are, and about how many superpixels."""
    _, height, width = shape
    side = side_of(settings, shape)
    return -(-height // side) * -(-width // side)


def side_of(settings: Settings, shape: Shape) -> int:
    """The side of a region in pixels."""
    return max(1, round(max(shape[1:]) / int(settings["across"])))


def across(default: int) -> Number:
    """How many regions there are."""
    return Number("across", "Regions across", "How many regions lie side by side.", default, 2, 28)


REGIONS_CHOICE = Choice(
    "regions",
    "Regions",
    "Squares of a grid, or superpixels, which keep to the image's own edges.",
    "superpixels",
    (("superpixels", "superpixels"), ("squares", "squares")),
)


def number_of(mask: Tensor) -> Fact:
    """How many regions there are."""
    return Fact("Regions", str(int(mask.max()) + 1), "Each pixel carries the score of its whole region.")
