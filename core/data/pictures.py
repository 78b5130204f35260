"""From a picture of any size to the pixels of a square one."""

import torch
from PIL import Image, ImageOps
from torch import Tensor

MODES = {1: "L", 3: "RGB"}  # Pillow's; grey is the luma of ITU-R BT.601: 0.299 R + 0.587 G + 0.114 B


def square(picture: Image.Image, channels: int, side: int) -> Tensor:
    """The middle of a picture, scaled to side × side with antialiasing: uint8 (C, side, side).

    The shorter side is kept whole and the longer one cut to it, so that nothing is squeezed. What is
    transparent becomes white.
    """
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA"):
        seen = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    fitted = ImageOps.fit(picture.convert(MODES[channels]), (side, side), Image.Resampling.BILINEAR)
    values = torch.frombuffer(bytearray(fitted.tobytes()), dtype=torch.uint8)
    return values.view(side, side, channels).permute(2, 0, 1)  # (H, W, C) → (C, H, W)
