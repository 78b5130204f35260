"""What is done to images: by hand where they are tiny, else against loops over one image and pixel, and torchvision."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torchvision.transforms import functional as torchvision

from core.data.augmentation import geometry, mixing, pixels

TWO_BY_TWO = torch.tensor([[0.1, 0.2], [0.3, 0.4]]).view(1, 1, 2, 2)


def noise(count: int, channels: int = 3, height: int = 9, width: int = 12) -> Tensor:
    return torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(0))


def test_a_flip_by_hand() -> None:
    both = TWO_BY_TWO.repeat(2, 1, 1, 1)
    flipped = pixels.flip(both, torch.tensor([[True], [False]]))
    assert torch.equal(flipped[0], torch.tensor([[[0.2, 0.1], [0.4, 0.3]]]))
    assert torch.equal(flipped[1:], TWO_BY_TWO)


def test_flips_are_torchvisions() -> None:
    images, flipped = noise(6), torch.tensor([[True], [False], [True], [True], [False], [False]])
    for image, own, found in zip(images, flipped, pixels.flip(images, flipped), strict=True):
        assert torch.equal(found, torchvision.hflip(image) if own else image)


def test_a_crop_by_hand() -> None:
    """One down and one right: the lower right pixel comes to the upper left."""
    assert torch.equal(
        pixels.crop(TWO_BY_TWO, torch.tensor([[1, 1]])), torch.tensor([[[[0.4, 0.0], [0.0, 0.0]]]])
    )


def test_crops_pixel_by_pixel() -> None:
    images = noise(7)
    offsets = torch.tensor([[0, 0], [4, -4], [-3, 2], [9, 0], [-16, 16], [1, 1], [0, -11]])
    expected = torch.zeros_like(images)
    for n, (down, right) in enumerate(offsets.tolist()):
        for y in range(9):
            for x in range(12):
                if 0 <= y + down < 9 and 0 <= x + right < 12:
                    expected[n, :, y, x] = images[n, :, y + down, x + right]
    assert torch.equal(pixels.crop(images, offsets), expected)


def test_a_crop_is_torchvisions_with_padding() -> None:
    images = noise(1)
    padded = torchvision.pad(images, [4])
    for top, left in ((0, 0), (8, 3), (4, 4), (1, 7)):
        expected = torchvision.crop(padded, top, left, 9, 12)
        assert torch.equal(pixels.crop(images, torch.tensor([[top - 4, left - 4]])), expected)


def maps(images: Tensor, **numbers: list[list[float]]) -> Tensor:
    arrays = {kind: np.array(rows) for kind, rows in numbers.items()}
    return torch.from_numpy(geometry.affine_maps(arrays, *images.shape[2:])).float()


def test_a_quarter_turn_by_hand() -> None:
    """Counter-clockwise: the upper right pixel comes to the upper left."""
    turned = geometry.sample(TWO_BY_TWO, maps(TWO_BY_TWO, rotation=[[90]]))
    torch.testing.assert_close(turned, torch.tensor([[[[0.2, 0.4], [0.1, 0.3]]]]))


def test_a_shift_by_hand() -> None:
    """Half a side to the right is one of two pixels; black comes in from the left."""
    moved = geometry.sample(TWO_BY_TWO, maps(TWO_BY_TWO, shift=[[0.5, 0.0]]))
    torch.testing.assert_close(moved, torch.tensor([[[[0.0, 0.1], [0.0, 0.3]]]]))
    down = geometry.sample(TWO_BY_TWO, maps(TWO_BY_TWO, shift=[[0.0, 0.25]]))  # between two pixels
    torch.testing.assert_close(down, torch.tensor([[[[0.05, 0.1], [0.2, 0.3]]]]))


CHANGES = [(0.0, 1.0, 0.0, 0.0), (30.0, 1.0, 0.0, 0.0), (-75.0, 1.5, 0.25, 0.0), (12.5, 0.6, -0.1, 0.2),
           (180.0, 2.0, 0.5, -0.5), (0.0, 0.9, 0.0, 0.0), (0.0, 1.0, 0.07, -0.03)]  # fmt: skip


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 9, 12), (3, 32, 20)])
def test_rotation_zoom_and_shift_are_torchvisions_affine_map(shape: tuple[int, int, int]) -> None:
    """All changes in one call, each image its own, against one call an image; torchvision counts angles clockwise."""
    images = noise(len(CHANGES), *shape)
    height, width = shape[1:]
    found = geometry.sample(
        images,
        maps(
            images,
            rotation=[[angle] for angle, _, _, _ in CHANGES],
            zoom=[[zoom] for _, zoom, _, _ in CHANGES],
            shift=[[right, down] for _, _, right, down in CHANGES],
        ),
    )
    for image, (angle, zoom, right, down), own in zip(images, CHANGES, found, strict=True):
        expected = torchvision.affine(
            image,
            angle=-angle,
            translate=[right * width, down * height],  # type: ignore[list-item]
            scale=zoom,
            shear=[0.0, 0.0],
            interpolation=torchvision.InterpolationMode.BILINEAR,
        )
        torch.testing.assert_close(own, expected, atol=2e-5, rtol=0)


def test_each_alone_is_the_map_with_the_others_left_out() -> None:
    images = noise(1)
    for alone, change in (({"rotation": [[20.0]]}, (20, 1, 0, 0)), ({"zoom": [[1.3]]}, (0, 1.3, 0, 0)),
                          ({"shift": [[0.2, 0.1]]}, (0, 1, 0.2, 0.1))):  # fmt: skip
        together = maps(images, rotation=[[change[0]]], zoom=[[change[1]]], shift=[list(change[2:])])
        torch.testing.assert_close(maps(images, **alone), together)


def test_bilinear_sampling_against_a_loop_over_pixels() -> None:
    """In double precision, from the definition: turn, enlarge, move; then weigh the four pixels around."""
    images = noise(1, 1, 6, 7)
    angle, zoom, right, down = 33.0, 1.2, 0.1, -0.2
    expected = torch.zeros(6, 7, dtype=torch.float64)
    phi = math.radians(angle)
    for y in range(6):
        for x in range(7):
            # from the centre, in pixels, before the shift; then back through zoom and turn
            across, below = x - 3 - right * 7, y - 2.5 - down * 6
            old_x = (math.cos(phi) * across - math.sin(phi) * below) / zoom + 3
            old_y = (math.sin(phi) * across + math.cos(phi) * below) / zoom + 2.5
            for row in (math.floor(old_y), math.floor(old_y) + 1):
                for column in (math.floor(old_x), math.floor(old_x) + 1):
                    if 0 <= row < 6 and 0 <= column < 7:
                        share = (1 - abs(old_y - row)) * (1 - abs(old_x - column))
                        expected[y, x] += share * images[0, 0, row, column].item()
    found = geometry.sample(images, maps(images, rotation=[[angle]], zoom=[[zoom]], shift=[[right, down]]))
    torch.testing.assert_close(found[0, 0].double(), expected, atol=1e-5, rtol=0)


def test_no_change_changes_nothing() -> None:
    images = noise(2)
    same = maps(images, rotation=[[0], [0]], zoom=[[1], [1]], shift=[[0, 0], [0, 0]])
    torch.testing.assert_close(geometry.sample(images, same), images, atol=1e-5, rtol=0)
    assert torch.equal(pixels.crop(images, torch.zeros(2, 2, dtype=torch.int64)), images)
    assert torch.equal(pixels.brighten(images, torch.ones(2, 1)), images)
    assert torch.equal(pixels.spread(images, torch.ones(2, 1)), images)
    assert torch.equal(pixels.erase(images, torch.zeros(2, 4, dtype=torch.int64)), images)


def test_brightness_by_hand_and_as_torchvision() -> None:
    brighter = pixels.brighten(TWO_BY_TWO, torch.tensor([[3.0]]))
    torch.testing.assert_close(brighter, torch.tensor([[[[0.3, 0.6], [0.9, 1.0]]]]))  # 1.2 is white
    images, factors = noise(5), torch.tensor([[0.0], [0.5], [0.9], [1.1], [2.0]])
    for image, factor, found in zip(images, factors, pixels.brighten(images, factors), strict=True):
        torch.testing.assert_close(found, torchvision.adjust_brightness(image, factor.item()))


def test_contrast_by_hand_and_as_torchvision() -> None:
    """The mean is 0.25."""
    sharper = pixels.spread(TWO_BY_TWO, torch.tensor([[2.0]]))
    torch.testing.assert_close(sharper, torch.tensor([[[[0.0, 0.15], [0.35, 0.55]]]]))
    images, factors = noise(5, channels=1), torch.tensor([[0.0], [0.5], [0.9], [1.1], [2.0]])
    for image, factor, found in zip(images, factors, pixels.spread(images, factors), strict=True):
        torch.testing.assert_close(found, torchvision.adjust_contrast(image, factor.item()))


def test_the_contrast_of_colours_is_about_the_mean_over_all_channels() -> None:
    image = noise(1)
    expected = (0.5 * (image.double() - image.double().mean()) + image.double().mean()).clamp(0, 1)
    torch.testing.assert_close(pixels.spread(image, torch.tensor([[0.5]])).double(), expected)


def test_erasing_pixel_by_pixel() -> None:
    images = noise(4)
    edges = torch.tensor([[0, 9, 0, 12], [2, 5, 3, 4], [8, 9, 10, 12], [4, 4, 2, 9]])
    expected = images.clone()
    for n, (top, bottom, left, right) in enumerate(edges.tolist()):
        for y in range(top, bottom):
            for x in range(left, right):
                expected[n, :, y, x] = 0
    assert torch.equal(pixels.erase(images, edges), expected)


def test_the_rectangle_of_an_area_by_hand() -> None:
    """A quarter of 12 × 20 pixels is 60: as a square 7.7 a side, at 5 / 3 ten by six; in the corners and the middle."""
    numbers = np.array([[0.25, 1, 0, 0], [0.25, 5 / 3, 0.999, 0.999], [0.25, 1, 0.5, 0.5], [0, 0, 0, 0]])
    found = pixels.rectangles({"erasing": numbers}, 12, 20)
    assert found.tolist() == [[0, 8, 0, 8], [2, 12, 14, 20], [2, 10, 6, 14], [0, 0, 0, 0]]


def test_mixup_by_hand() -> None:
    """0.75 of the first and 0.25 of the second; the last one is there only to be mixed in."""
    images = torch.tensor([0.4, 0.8, 0.0]).view(3, 1, 1, 1)
    weights = torch.tensor([[0.75], [1.0], [0.5]])
    torch.testing.assert_close(mixing.mix(images, weights).flatten(), torch.tensor([0.5, 0.8]))
    labels = mixing.mix_labels(torch.tensor([2, 0, 1]), weights, 3)
    assert torch.equal(labels, torch.tensor([[0.25, 0.0, 0.75], [1.0, 0.0, 0.0]]))
    same = mixing.mix_labels(torch.tensor([1, 1]), torch.tensor([[0.25], [0.0]]), 2)
    assert torch.equal(same, torch.tensor([[0.0, 1.0]]))


def test_mixup_one_image_at_a_time() -> None:
    images, labels = noise(9), torch.arange(9) % 4
    weights = torch.rand(9, 1, generator=torch.Generator().manual_seed(1))
    mixed, probabilities = mixing.mix(images, weights), mixing.mix_labels(labels, weights, 4)
    for n in range(8):
        part = weights[n].item()
        torch.testing.assert_close(mixed[n], part * images[n] + (1 - part) * images[n + 1])
        expected = torch.zeros(4)
        expected[n % 4] += part
        expected[(n + 1) % 4] += 1 - part
        torch.testing.assert_close(probabilities[n], expected)
