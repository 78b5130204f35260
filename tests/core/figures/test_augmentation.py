"""The preview: what is shown is what a run would see, and its labels in words."""

import base64
import io

import torch
from PIL import Image

from core.data.augmentation.plan import Augmentation
from core.data.augmentation.preview import Preview, preview
from core.data.augmentation.table import AUGMENTATIONS
from core.data.batches import Batches
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.figures.augmentation import pairs

CLASSES = ("Coat", "Bag", "Boot")
EVERYTHING = tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS)


def some(count: int, channels: int = 1, side: int = 10) -> LabelledImages:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, channels, side, side), dtype=torch.uint8, generator=generator)
    return LabelledImages(pixels, torch.arange(count) % 3)


def picture(address: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))


def test_the_preview_is_the_first_epoch_of_a_run_with_these_images() -> None:
    images = some(15)
    # a run without shuffling goes class by class
    images = LabelledImages(images.pixels, images.labels.sort().values)
    batches = Batches(images, Normalisation((0.0,), (1.0,)), 16, augmentation=EVERYTHING, classes=3)
    (expected, parts), *rest = batches.shuffled(seed=5, epoch=0, shuffle=False)
    assert not rest
    shown = preview(images, EVERYTHING, 3, turn=5)
    assert (shown.twins - expected * 255).abs().max() <= 0.5001
    assert torch.equal(shown.parts, parts)
    assert torch.equal(shown.originals, images.pixels)


def test_another_turn_is_other_random_numbers_and_no_plan_no_change() -> None:
    images = some(16)
    first, second = (preview(images, EVERYTHING, 3, turn).twins for turn in (0, 1))
    assert not torch.equal(first, second)
    assert torch.equal(preview(images, (), 3).twins, images.pixels)
    assert preview(images, (), 3).parts.argmax(dim=1).tolist() == images.labels.tolist()


def test_a_pair_is_the_image_its_twin_and_their_labels() -> None:
    shown = preview(some(4), (Augmentation("flip", 1.0),), 3)
    for n, pair in enumerate(pairs(shown, CLASSES)):
        assert list(picture(pair.original).tobytes()) == shown.originals[n].flatten().tolist()
        assert list(picture(pair.twin).tobytes()) == shown.originals[n].flip(2).flatten().tolist()
        assert pair.label == CLASSES[n % 3] and pair.twin_labels == (CLASSES[n % 3],)


def test_mixed_labels_in_words() -> None:
    images = some(4).pixels
    parts = torch.tensor([[0.7, 0.3, 0.0], [0.0, 0.996, 0.004], [0.25, 0.0, 0.75], [0.0, 1.0, 0.0]])
    found = [
        pair.twin_labels for pair in pairs(Preview(images, images, torch.zeros(4, dtype=int), parts), CLASSES)
    ]
    assert found == [("70 % Coat", "30 % Bag"), ("Bag",), ("75 % Boot", "25 % Coat"), ("Bag",)]


def test_large_images_are_shown_smaller() -> None:
    """Each pixel the mean of four by four of them: 224 → 56."""
    shown = preview(some(2, channels=3, side=224), (), 3)
    small = picture(pairs(shown, CLASSES)[0].original)
    assert small.size == (56, 56) and small.mode == "RGB"
    mean = shown.originals[0, :, :4, :4].double().mean(dim=(1, 2))
    assert [abs(a - b) <= 0.5 for a, b in zip(small.getpixel((0, 0)), mean.tolist(), strict=True)] == [
        True
    ] * 3
