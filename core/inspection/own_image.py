"""From a person's own picture to an image like those of a data set, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from PIL import Image
from scipy.ndimage import label
from torch import Tensor
from torch.nn import functional as F

from core.data.pictures import MODES
from core.inspection.edits import background

WORKING_SIDE = 256  # pixels: a picture is brought to it first, so that every step is quick
SAMPLE = 1000  # images of the data set that its manner is measured on
EVEN = 12.0  # grey levels within which a rim counts as of one colour
RIM = 0.03  # of the shorter side: how broad the rim is that tells the background
FAR = 80.0  # grey levels from the rim's middle one: an object that touches the rim, not a shadow
SPECK = 0.02  # a patch of less than this share of the object's pixels is dust


@dataclass(frozen=True)
class Manner:
    """How the images of a data set show their objects."""

    shape: tuple[int, int, int]  # (C, H, W)
    ground: tuple[float, ...]  # grey level of the background, for each channel
    plain: bool  # whether most images have an even background, before which an object can be told
    extent: float  # share of the side that an object takes, its longer side; median
    reach: float  # how far the object's grey levels are from the background's: median

    @staticmethod
    def of(images: Tensor) -> "Manner":
        """Measured on the first of uint8 (N, C, H, W)."""
        sample = images[:SAMPLE]
        rims = torch.stack([background(image) for image in sample])  # (n, C, 1, 1)
        ground = rims.median(dim=0).values
        plain = float(((rims - ground).abs().amax(dim=(1, 2, 3)) < EVEN).float().mean()) > 0.5
        far = (sample.float() - ground).abs().amax(dim=1)  # (n, H, W)
        sides = [
            max(bottom - top, right - left)
            for top, bottom, left, right in (box(each > EVEN) for each in far)
            if bottom
        ]
        extent = float(torch.tensor(sides).median()) / max(images.shape[2:]) if sides else 1.0
        there = far[far > EVEN]
        reach = float(there.median()) if len(there) else 255.0
        channels, height, width = images.shape[1:]
        return Manner((channels, height, width), tuple(ground.flatten().tolist()), plain, extent, reach)

    @property
    def ground_tensor(self) -> Tensor:
        """float32 (C, 1, 1)."""
        return torch.tensor(self.ground).view(-1, 1, 1)


@dataclass(frozen=True)
class Step:
    """One step of the way, which a person may switch off."""

    label: str
    meaning: str


STEPS = {
    "invert": Step("Invert", "Dark becomes bright, so that the background is like the data set's."),
    "even": Step(
        "Background",
        "What hardly differs from the background becomes the data set's background; the object is stretched to the "
        "contrast that objects have there.",
    ),
    "crop": Step("Crop", "Only the object, as far as it can be told from the background."),
    "margin": Step("Margin", "Scaled so that it leaves the margin that the data set's images have."),
}


@dataclass(frozen=True, eq=False)
class Stage:
    """What the picture was after a step."""

    name: str
    pixels: Tensor  # uint8 (C, h, w)


@dataclass(frozen=True, eq=False)
class Prepared:
    """The image that the network gets, and how it came about."""

    pixels: Tensor  # uint8 (C, H, W)
    stages: tuple[Stage, ...]  # those before it


def in_channels(picture: Image.Image, channels: int) -> Tensor:
    """Grey or in colour, at most WORKING_SIDE wide and high: float32 (C, h, w). Transparent becomes white."""
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA"):
        seen = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    picture = picture.convert(MODES[channels])
    picture.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BILINEAR)
    values = torch.frombuffer(bytearray(picture.tobytes()), dtype=torch.uint8)
    return values.view(picture.height, picture.width, channels).permute(2, 0, 1).float()


def suggested(image: Tensor, manner: Manner) -> dict[str, bool]:
    """Which of STEPS an image (C, h, w) needs to look like the data set's."""
    ground, wanted = background(image), manner.ground_tensor
    nearer = float((255 - ground - wanted).abs().sum()) < float((ground - wanted).abs().sum())
    return {
        "invert": manner.plain and nearer,
        "even": manner.plain,
        "crop": manner.plain,
        "margin": manner.plain,
    }


def prepare(image: Tensor, manner: Manner, chosen: Mapping[str, bool]) -> Prepared:
    """`image` float32 (C, h, w) as the data set would show it, by the steps that are chosen."""
    stages = [Stage("Colour" if len(image) > 1 else "Grey", _bytes(image))]

    def note(name: str) -> None:
        stages.append(Stage(STEPS[name].label, _bytes(image)))

    if chosen.get("invert"):
        image = 255 - image
        note("invert")
    ground = surface(image)
    if chosen.get("even"):
        image = _evened(image, ground, manner)
        ground = manner.ground_tensor.expand_as(image)
        note("even")
    if chosen.get("crop"):
        image, ground = _cropped(image, ground)
        note("crop")
    extent = manner.extent if chosen.get("margin") else 1.0
    rest = manner.ground_tensor if chosen.get("even") else background(ground)
    return Prepared(_placed(image, rest, manner.shape, extent), tuple(stages))


def surface(image: Tensor) -> Tensor:
    """The background (C, h, w) as light falls on it: a plane through the rim of (C, h, w), where the object is not.

    Fitted by least squares, again and again without what lies far from the plane before.
    """
    _, height, width = image.shape
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
    terms = torch.stack([torch.ones(height, width), rows, columns], dim=-1)  # (h, w, 3)
    rim = torch.ones(height, width, dtype=torch.bool)
    depth = max(1, round(RIM * min(height, width)))
    rim[depth:-depth, depth:-depth] = False
    planes = []
    for channel in image:
        kept = (channel[rim] - channel[rim].median()).abs() < FAR
        for _ in range(4):
            fitted = torch.linalg.lstsq(terms[rim][kept], channel[rim][kept, None]).solution  # (3, 1)
            off = (channel[rim] - (terms[rim] @ fitted)[:, 0]).abs()
            kept = off <= EVEN / 2 + 2 * off.median()
        planes.append((terms @ fitted)[..., 0])
    return torch.stack(planes)


def box(mask: Tensor) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) of what is True in (h, w), ends excluded; all 0 where nothing is."""
    rows, columns = (mask.any(dim=axis).nonzero().flatten().tolist() for axis in (1, 0))
    return (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) if rows else (0, 0, 0, 0)


def threshold(values: Tensor) -> float:
    """Otsu's: the level of 0–255 that splits the values into the two groups furthest apart (Otsu, 1979)."""
    counts = torch.histc(values.float(), 256, 0, 256).double()
    levels = torch.arange(256, dtype=torch.float64)
    below = counts.cumsum(0)
    above = below[-1] - below
    sums = (counts * levels).cumsum(0)
    gap = sums / below.clamp(min=1) - (sums[-1] - sums) / above.clamp(min=1)
    return float((below * above * gap**2).argmax())


def _object(image: Tensor, ground: Tensor) -> Tensor:
    """bool (h, w): what differs from the background, without specks of dust."""
    far = (image - ground).abs().amax(dim=0)
    mask = far > max(EVEN, threshold(far) / 2)  # half of it: the object's own shades belong to it
    patches, _ = label(mask.numpy(), structure=[[1, 1, 1]] * 3)
    patches = torch.from_numpy(patches).long()
    sizes = torch.bincount(patches.flatten())
    sizes[0] = 0
    kept = sizes >= SPECK * sizes.sum()
    kept[0] = False
    return kept[patches]


def _evened(image: Tensor, ground: Tensor, manner: Manner) -> Tensor:
    mask = _object(image, ground)
    away = (image - ground) * mask
    there = away.abs().amax(dim=0)[mask]
    strength = manner.reach / float(there.median()) if len(there) else 1.0
    return (manner.ground_tensor + away * strength).clamp(0, 255)


def _cropped(image: Tensor, ground: Tensor) -> tuple[Tensor, Tensor]:
    top, bottom, left, right = box(_object(image, ground))
    if not bottom:
        return image, ground
    return image[:, top:bottom, left:right], ground[:, top:bottom, left:right]


def _placed(image: Tensor, ground: Tensor, shape: tuple[int, int, int], extent: float) -> Tensor:
    """Scaled to `extent` of the frame, in its middle, on `ground`."""
    _, height, width = shape
    scale = extent * min(height / image.shape[1], width / image.shape[2])
    size = [max(1, round(scale * side)) for side in image.shape[1:]]
    small = F.interpolate(image[None], size, mode="bilinear", antialias=True)[0]
    frame = ground.expand(shape).clone()
    top, left = (height - size[0]) // 2, (width - size[1]) // 2
    frame[:, top : top + size[0], left : left + size[1]] = small
    return _bytes(frame)


def _bytes(image: Tensor) -> Tensor:
    return image.round().clamp(0, 255).to(torch.uint8)
