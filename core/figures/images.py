"""Pixels as pictures: contact sheets of many images, and attribution maps in colour."""

import base64
import io

import torch
from PIL import Image
from torch import Tensor

# Dark in the middle, as most images have a black background: what got no score recedes, also in an overlay.
# Blue and orange stay apart under every common colour-vision deficiency; lightness grows towards both ends.
DIVERGING = (
    "#c9e0ff",
    "#5aa5ea",
    "#22659f",
    "#163553",
    "#12161b",
    "#4d260a",
    "#96480d",
    "#e68a2e",
    "#ffdcae",
)
# Dark to light through violet and orange, after matplotlib's "inferno" (van der Walt and Smith, 2015)
SEQUENTIAL = (
    "#000004",
    "#1f0c48",
    "#550f6d",
    "#88226a",
    "#ba3655",
    "#e35933",
    "#f98e09",
    "#f9cb35",
    "#fcffa4",
)


def ramp(signed: bool) -> tuple[str, ...]:
    """The colours of a scale from its lowest to its highest score, at equal distances."""
    return DIVERGING if signed else SEQUENTIAL


def grey(pixels: Tensor) -> Image.Image:
    """One image as it is: uint8 (C, H, W), one channel or three, at its own size."""
    if len(pixels) == 1:
        return Image.fromarray(pixels[0].contiguous().numpy())
    return Image.fromarray(pixels.movedim(0, -1).contiguous().numpy())  # (C, H, W) → (H, W, C)


def contact_sheet(pixels: Tensor, columns: int) -> Image.Image:
    """Many images as one picture: uint8 (N, C, H, W), row by row, `columns` a row, no gaps; free places are
    black.
    """
    n, channels, height, width = pixels.shape
    rows = max(1, -(-n // columns))
    sheet = torch.zeros(rows * columns, channels, height, width, dtype=torch.uint8)
    sheet[:n] = pixels
    # (rows · columns, C, H, W) → (C, rows · H, columns · W)
    grid = sheet.reshape(rows, columns, channels, height, width).permute(2, 0, 3, 1, 4)
    return grey(grid.reshape(channels, rows * height, columns * width))


def heat_map(plane: Tensor, signed: bool, extent: float) -> Image.Image:
    """Scores (H, W) in colour, at their own size: from −extent to extent if signed, else from 0 to extent.

    Scores beyond the scale get its end's colour; with extent 0 everything is 0, in the colour of 0.
    """
    unit = plane / extent if extent > 0 else torch.zeros_like(plane)
    place = (unit.clamp(-1, 1) + 1) / 2 if signed else unit.clamp(0, 1)
    colours = _table(ramp(signed))  # (256, 3)
    coloured = colours[(place * 255).round().long()]  # (H, W) → (H, W, 3)
    return Image.fromarray(coloured.numpy())


def png(picture: Image.Image) -> bytes:
    """The picture as a PNG file."""
    file = io.BytesIO()
    picture.save(file, format="PNG")
    return file.getvalue()


def data_url(picture: Image.Image) -> str:
    """The picture as an address that a browser draws without asking any server."""
    return f"data:image/png;base64,{base64.b64encode(png(picture)).decode()}"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0–255) of "#rrggbb"."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _table(colours: tuple[str, ...]) -> Tensor:
    """uint8 (256, 3): the ramp's colours, interpolated in sRGB as CSS does it for the scale's bar."""
    stops = torch.tensor([rgb(colour) for colour in colours], dtype=torch.float32)
    place = torch.linspace(0, len(colours) - 1, 256)
    left = place.floor().long().clamp(max=len(colours) - 2)
    share = (place - left)[:, None]
    return (stops[left] * (1 - share) + stops[left + 1] * share).round().to(torch.uint8)


def css_gradient(signed: bool) -> str:
    """The ramp as a CSS background, left to right."""
    return f"linear-gradient(to right, {', '.join(ramp(signed))})"
