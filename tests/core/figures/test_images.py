import base64
import io

import pytest
import torch
from PIL import Image

from core.figures import images


def test_a_contact_sheet_puts_each_image_at_its_place() -> None:
    pixels = torch.arange(5, dtype=torch.uint8).reshape(5, 1, 1, 1).expand(5, 1, 2, 3) * 50
    sheet = images.contact_sheet(pixels, columns=2)
    assert sheet.size == (6, 6)  # two columns of width 3, three rows of height 2
    assert [[sheet.getpixel((x, y)) for x in (0, 3)] for y in (0, 2, 4)] == [[0, 50], [100, 150], [200, 0]]
    assert sheet.getpixel((5, 3)) == 150  # the last pixel of image 3


def test_a_contact_sheet_of_colour_images_keeps_the_channels_apart() -> None:
    pixels = torch.tensor([10, 20, 30], dtype=torch.uint8).reshape(1, 3, 1, 1).expand(1, 3, 2, 2)
    assert images.contact_sheet(pixels, columns=4).getpixel((1, 1)) == (10, 20, 30)


def test_an_empty_sheet_is_one_black_row() -> None:
    sheet = images.contact_sheet(torch.zeros(0, 1, 4, 4, dtype=torch.uint8), columns=3)
    assert sheet.size == (12, 4) and sheet.getextrema() == (0, 0)


@pytest.mark.parametrize(
    ("score", "signed", "stop"),
    [
        (-2.0, True, 0),
        (0.0, True, 4),
        (2.0, True, 8),
        (0.0, False, 0),
        (1.0, False, 4),
        (2.0, False, 8),
        (9.0, False, 8),
    ],
)
def test_a_score_gets_its_place_on_the_ramp(score: float, signed: bool, stop: int) -> None:
    picture = images.heat_map(torch.tensor([[score]]), signed, extent=2.0)
    expected = images.rgb(images.ramp(signed)[stop])
    found = picture.getpixel((0, 0))
    assert (
        max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= 2
    )  # 255 steps do not hit the middle exactly


def test_a_map_of_zeros_has_the_colour_of_zero() -> None:
    for signed, stop in ((True, 4), (False, 0)):
        found = images.heat_map(torch.zeros(1, 1), signed, extent=0.0).getpixel((0, 0))
        expected = images.rgb(images.ramp(signed)[stop])
        assert max(abs(a - b) for a, b in zip(found, expected, strict=True)) <= 2


def lightness(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [channel / 255 for channel in images.rgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_larger_scores_are_always_lighter() -> None:
    unsigned = [lightness(colour) for colour in images.ramp(signed=False)]
    assert unsigned == sorted(set(unsigned))
    signed = [lightness(colour) for colour in images.ramp(signed=True)]
    assert signed[4:] == sorted(set(signed[4:])) and signed[4::-1] == sorted(set(signed[4::-1]))
    for against, supports in zip(
        signed[3::-1], signed[5:], strict=True
    ):  # as light as its opposite, so neither shouts
        assert against == pytest.approx(supports, abs=0.08)


def test_an_address_holds_the_whole_picture() -> None:
    picture = images.grey(torch.arange(6, dtype=torch.uint8).reshape(1, 2, 3))
    kind, content = images.data_url(picture).split(",")
    assert kind == "data:image/png;base64"
    again = Image.open(io.BytesIO(base64.b64decode(content)))
    assert list(again.tobytes()) == [0, 1, 2, 3, 4, 5]
