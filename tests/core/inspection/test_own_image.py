"""A person's picture made like a data set's: each step by hand, and the whole way back to a known image."""

import pytest
import torch
from PIL import Image, ImageDraw
from torch.nn import functional as F

from core.inspection.own_image import (
    STEPS,
    WORKING_SIDE,
    Manner,
    box,
    in_channels,
    prepare,
    suggested,
    surface,
    threshold,
)

ALL = dict.fromkeys(STEPS, True)
NONE = dict.fromkeys(STEPS, False)


def garments(n: int = 60) -> torch.Tensor:
    """Bright upright boxes of 20×10 pixels on black, 28×28, brighter at the bottom."""
    images = torch.zeros(n, 1, 28, 28, dtype=torch.uint8)
    images[:, :, 4:24, 9:19] = torch.linspace(140, 240, 20).round().byte().view(1, 1, 20, 1)
    return images


def photograph(image: torch.Tensor, inverted: bool) -> torch.Tensor:
    """The image five times as large, off centre in a larger frame of grey paper with grain."""
    large = F.interpolate(image[None].float(), scale_factor=5, mode="nearest")[0]
    frame = torch.zeros(1, 180, 240)
    frame[:, 30:170, 70:210] = large * 0.6
    frame = (200 - frame) if inverted else (20 + frame)
    return frame + 2 * torch.randn(frame.shape, generator=torch.Generator().manual_seed(0))


def test_the_manner_of_a_data_set_is_measured() -> None:
    manner = Manner.of(garments())
    assert manner.shape == (1, 28, 28) and manner.plain and manner.ground == (0.0,)
    assert manner.extent == 20 / 28
    assert manner.reach == pytest.approx(190, abs=3)  # the middle of 140 … 240
    noise = torch.randint(0, 256, (50, 3, 16, 16), dtype=torch.uint8)
    assert not Manner.of(noise).plain
    assert not any(suggested(torch.zeros(3, 9, 9), Manner.of(noise)).values())


def test_a_photograph_of_a_known_image_comes_back_to_it() -> None:
    manner, known = Manner.of(garments()), garments()[0]
    for inverted in (False, True):
        picture = photograph(known, inverted)
        steps = suggested(picture, manner)
        assert steps == ALL | {"invert": inverted}
        found = prepare(picture, manner, steps)
        assert (found.pixels.float() - known.float()).abs().mean() < 3
        assert found.stages[0].name == "Grey"
        assert len(found.stages) == 1 + sum(steps[name] for name in ("invert", "even", "crop"))


def test_a_step_that_is_switched_off_is_not_taken() -> None:
    manner, picture = Manner.of(garments()), photograph(garments()[0], True)
    plain = prepare(picture, manner, NONE)
    assert len(plain.stages) == 1
    assert plain.pixels.shape == (1, 28, 28)
    assert plain.pixels[0, 14, 0] > 150  # still bright paper
    assert (prepare(picture, manner, NONE | {"invert": True}).pixels[0, 14, 0]) < 100
    cropped = prepare(picture, manner, ALL | {"margin": False}).pixels[0]
    assert (cropped[0] > 0).any() and (cropped[-1] > 0).any()  # it fills the frame


def test_an_empty_picture_stays_empty() -> None:
    manner = Manner.of(garments())
    white = torch.full((1, 50, 80), 255.0)
    found = prepare(white, manner, suggested(white, manner))
    assert not found.pixels.any()


def test_dust_does_not_count_as_the_object() -> None:
    manner, picture = Manner.of(garments()), photograph(garments()[0], False)
    dusty = picture.clone()
    dusty[:, 3:5, 3:5] = 255
    clean = prepare(picture, manner, ALL | {"invert": False}).pixels
    assert (prepare(dusty, manner, ALL | {"invert": False}).pixels.float() - clean.float()).abs().max() <= 4


def test_the_threshold_is_otsus() -> None:
    generator = torch.Generator().manual_seed(5)
    values = torch.cat(
        (torch.randn(400, generator=generator) * 9 + 50, torch.randn(90, generator=generator) * 20 + 170)
    )
    values = values.clamp(0, 255).floor()

    def between(level: int) -> float:  # by the definition, group by group
        low, high = values[values <= level], values[values > level]
        if not len(low) or not len(high):
            return 0.0
        return len(low) * len(high) * float(low.double().mean() - high.double().mean()) ** 2

    found = int(threshold(values))
    assert between(found) >= max(map(between, range(256))) * (1 - 1e-9)


def test_the_box_around_what_is_true() -> None:
    mask = torch.zeros(5, 7, dtype=torch.bool)
    assert box(mask) == (0, 0, 0, 0)
    mask[1, 2] = mask[3, 5] = True
    assert box(mask) == (1, 4, 2, 6)


def test_any_picture_is_brought_to_the_channels_and_a_working_size() -> None:
    picture = Image.new("RGBA", (1000, 500), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((0, 0, 499, 499), (255, 0, 0, 255))
    colour, grey = in_channels(picture, 3), in_channels(picture, 1)
    assert colour.shape == (3, WORKING_SIDE // 2, WORKING_SIDE) and grey.shape[0] == 1
    assert colour[:, 5, 5].tolist() == [255, 0, 0] and colour[:, 5, -5].tolist() == [255, 255, 255]
    assert grey[0, 5, 5] == 76  # 0.299 · 255, the luma of red


@pytest.mark.parametrize("slope", [0.1, 0.25])
def test_a_slant_of_light_is_part_of_the_background(slope: float) -> None:
    manner, known = Manner.of(garments()), garments()[0]
    slant = slope * torch.arange(240).view(1, 1, -1) - slope / 2 * torch.arange(180).view(1, -1, 1)
    picture = photograph(known, True) - slant
    found = prepare(picture, manner, suggested(picture, manner))
    assert (found.pixels.float() - known.float()).abs().mean() < 4


def test_the_surface_is_the_plane_of_the_rim_also_where_an_object_touches_it() -> None:
    rows, columns = torch.meshgrid(torch.linspace(-1, 1, 60), torch.linspace(-1, 1, 80), indexing="ij")
    plane = 150 + 12 * rows - 20 * columns
    image = plane.clone()
    image[20:, 30:50] = 20  # trousers that reach out of the picture
    assert (surface(image[None])[0] - plane).abs().max() < 0.5
    tiny = torch.tensor([[[9.0, 9.0], [9.0, 9.0]]])
    assert torch.allclose(surface(tiny), tiny)
