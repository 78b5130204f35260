"""Plans to start from, each with its reason; among them the three “mods” of a published course project."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.augmentation.plan import Augmentation, Plan
from core.data.augmentation.table import AUGMENTATIONS


@dataclass(frozen=True)
class NamedPlan:
    """A plan that has a name."""

    label: str
    reason: str  # what it is good for
    plan: Plan


def _around(kind: str, number: float) -> Augmentation:
    """From `number` to as far on the other side of no change, for every image.

    Keras reads rotation_range=15 as −15° to 15°, and torchvision ColorJitter(brightness=0.1) as 0.9 to 1.1: a single
    number reaches equally far to both sides. So which side it was given for makes no difference.
    """
    low, high = sorted((number, round(2 * AUGMENTATIONS[kind].neutral - number, 9)))
    return Augmentation(kind, 1.0, low, high)


def _mod(
    number: int, rotation: float, shift: float, zoom: float, flips: bool, brightness: float
) -> NamedPlan:
    turned = _around("rotation", rotation)
    zoomed, lit = _around("zoom", zoom), _around("brightness", brightness)
    flip = (Augmentation.usual("flip"),) if flips else ()
    written = ", ".join(
        (
            f"rotation {rotation:g}°".replace("-", "−"),
            f"shift {shift:g}".replace("-", "−"),
            f"zoom {zoom:g}",
            "flip" if flips else "no flip",
            f"brightness {brightness:g}",
        )
    )
    reason = (
        f"Of a published course project: {written}. Its single numbers are read as Keras and torchvision do, equally "
        f"far to both sides of no change: a turn of up to {turned.high:g}°, a zoom of {zoomed.low:g} to "
        f"{zoomed.high:g}, a brightness of {lit.low:g} to {lit.high:g}."
    )
    return NamedPlan(f"Course mod {number}", reason, (*flip, turned, zoomed, _around("shift", shift), lit))


_FLIP = Augmentation.usual("flip")

NAMED_PLANS: dict[str, NamedPlan] = {
    "none": NamedPlan(
        "None", "The images as they are: for a first look, and to compare every other plan with.", ()
    ),
    "flips": NamedPlan(
        "Flips",
        "Most things may as well be mirrored, and it costs almost nothing; it pays in runs of several epochs, and "
        "hurts those of one or two.",
        (_FLIP,),
    ),
    "crops": NamedPlan(
        "Crops",
        "For letters and digits, which must not be mirrored: they only move by up to two pixels.",
        (Augmentation("crop", 1.0, -2, 2),),
    ),
    "crops-and-flips": NamedPlan(
        "Crops and flips",
        "What most published results on small images use: a padding of four pixels, and flips "
        "(He et al., Deep Residual Learning, 2016, on CIFAR-10).",
        (Augmentation.usual("crop"), _FLIP),
    ),
    "crops-flips-erasing": NamedPlan(
        "Crops, flips and erasing",
        "For long runs of large networks, which otherwise learn the images by heart (Zhong et al., Random Erasing "
        "Data Augmentation, 2017, on CIFAR-10 and Fashion-MNIST).",
        (Augmentation.usual("crop"), _FLIP, Augmentation.usual("erasing")),
    ),
    "mixup": NamedPlan(
        "Flips and mixup",
        "To see what a network does with labels that are not certain: its training accuracy falls, while "
        "its validation accuracy need not (Zhang et al., mixup, 2018).",
        (_FLIP, Augmentation.usual("mixup")),
    ),
    "mod-1": _mod(1, rotation=15, shift=0.1, zoom=0.9, flips=True, brightness=0.9),
    "mod-2": _mod(2, rotation=-15, shift=0.1, zoom=0.95, flips=True, brightness=0.9),
    "mod-3": _mod(3, rotation=25, shift=-0.1, zoom=0.95, flips=False, brightness=1.1),
}
