import pytest
import torch
from torch import Tensor

from core.data import batches as module
from core.data.augmentation.epoch import EpochAugmentation
from core.data.augmentation.plan import Augmentation
from core.data.augmentation.table import AUGMENTATIONS
from core.data.batches import Batches
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation

NORMALISATION = Normalisation((0.25, 0.5, 0.75), (0.5, 0.25, 0.125))


def colours(count: int) -> LabelledImages:
    """Three channels, an image's label is its position; each pixel follows from its position too."""
    numbers = torch.arange(count * 3 * 4 * 5).reshape(count, 3, 4, 5)
    return LabelledImages((numbers * 7 % 256).to(torch.uint8), torch.arange(count))


AHEAD = 16  # batches of three


@pytest.fixture(autouse=True)
def small_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few images are gathered at once, so that few are enough for several turns."""
    monkeypatch.setattr(module, "AHEAD", 3 * AHEAD)


def expected(images: LabelledImages, labels: Tensor) -> Tensor:
    """The definition, in double precision: (x / 255 − mean) / std, a channel at a time."""
    pixels = images.pixels[labels].double() / 255
    channels = zip(range(3), NORMALISATION.mean, NORMALISATION.std, strict=True)
    return torch.stack([(pixels[:, c] - mean) / std for c, mean, std in channels], dim=1)


def together(parts: list[tuple[Tensor, Tensor]]) -> Tensor:
    return torch.cat([labels for _, labels in parts])


def test_each_image_comes_once_an_epoch_with_its_own_label_and_pixels() -> None:
    images = colours(101)  # gathered in three turns, the last batch not full
    batches = Batches(images, NORMALISATION, 3)
    parts = list(batches.shuffled(seed=0, epoch=0))
    assert len(parts) == batches.steps == 34
    assert sorted(together(parts).tolist()) == list(range(101))
    for pixels, labels in parts:
        assert pixels.dtype == torch.float32
        torch.testing.assert_close(pixels.double(), expected(images, labels), atol=1e-6, rtol=1e-5)


def test_the_order_follows_from_seed_and_epoch() -> None:
    batches = Batches(colours(50), NORMALISATION, 8)
    order = {(s, e): tuple(together(list(batches.shuffled(s, e))).tolist()) for s in (0, 1) for e in (0, 1)}
    assert len(set(order.values())) == 4
    assert order[1, 1] == tuple(together(list(batches.shuffled(1, 1))).tolist())


@pytest.mark.parametrize("shuffle", [True, False])
def test_starting_within_an_epoch_gives_the_rest_of_it_bit_for_bit(shuffle: bool) -> None:
    batches = Batches(colours(200), NORMALISATION, 3)
    whole = list(batches.shuffled(5, 2, shuffle=shuffle))
    for used in (1, AHEAD - 1, AHEAD, 40, 66):
        rest = list(batches.shuffled(5, 2, start=3 * used, shuffle=shuffle))
        assert len(rest) == len(whole) - used == batches.steps_left(3 * used)
        for (pixels, labels), (same_pixels, same_labels) in zip(rest, whole[used:], strict=True):
            assert torch.equal(pixels, same_pixels)
            assert torch.equal(labels, same_labels)


def test_a_batch_size_that_changes_within_an_epoch_changes_neither_order_nor_pixels() -> None:
    batches = Batches(colours(200), NORMALISATION, 3)
    whole = list(batches.shuffled(5, 2))
    rest = list(batches.shuffled(5, 2, start=21, batch_size=7))
    assert [len(labels) for _, labels in rest] == [7] * 25 + [4]
    assert len(rest) == batches.steps_left(21, 7)
    assert torch.equal(together([*whole[:7], *rest]), together(whole))
    pixels = torch.cat([pixels for pixels, _ in (*whole[:7], *rest)])
    assert torch.equal(pixels, torch.cat([pixels for pixels, _ in whole]))


def test_without_shuffling_every_epoch_goes_class_by_class() -> None:
    images = colours(20)
    batches = Batches(LabelledImages(images.pixels, images.labels.flip(0)), NORMALISATION, 8)
    for seed, epoch in ((0, 0), (0, 1), (1, 0)):
        assert together(list(batches.shuffled(seed, epoch, shuffle=False))).tolist() == list(range(20))


@pytest.mark.parametrize(
    ("images", "start", "size", "sizes"),
    [
        (17, 8, 4, [4, 4]),  # nine left: the last one alone is left out
        (17, 16, 4, []),  # one left
        (17, 17, 4, []),  # none left
        (17, 14, 4, [3]),
        (17, 16, 1, [1]),  # batches of one are what was asked for
        (1, 0, 64, [1]),  # there is no other image
    ],
)
def test_the_rest_of_an_epoch(images: int, start: int, size: int, sizes: list[int]) -> None:
    batches = Batches(colours(images), NORMALISATION, 8)
    assert [len(labels) for _, labels in batches.shuffled(0, 0, start, size)] == sizes
    assert batches.steps_left(start, size) == len(sizes)


def test_a_last_batch_of_one_image_is_left_out() -> None:
    batches = Batches(colours(17), NORMALISATION, 8)
    assert [len(labels) for _, labels in batches.shuffled(0, 0)] == [8, 8]
    assert batches.steps == 2


def test_a_batch_size_above_the_number_of_images_is_one_step() -> None:
    batches = Batches(colours(5), NORMALISATION, 64)
    assert [len(labels) for _, labels in batches.shuffled(0, 0)] == [5]


def test_a_batch_size_of_one_gives_every_image() -> None:
    batches = Batches(colours(3), NORMALISATION, 1)
    assert batches.steps == len(list(batches.shuffled(0, 0))) == 3


def test_in_order_is_every_chosen_image_as_it_comes() -> None:
    chosen = torch.tensor([9, 2, 30, 31])
    parts = list(Batches(colours(40).at(chosen), NORMALISATION, 3).in_order())
    assert torch.equal(together(parts), chosen)
    torch.testing.assert_close(
        torch.cat([pixels for pixels, _ in parts]).double(),
        expected(colours(40), chosen),
        atol=1e-6,
        rtol=1e-5,
    )


def test_the_cpu_gets_channels_last() -> None:
    pixels, _ = next(Batches(colours(10), NORMALISATION, 4).shuffled(0, 0))
    assert pixels.shape == (4, 3, 4, 5)
    assert pixels.is_contiguous(memory_format=torch.channels_last)


def test_a_sample_is_always_the_same_images() -> None:
    batches = Batches(colours(40), NORMALISATION, 3)
    first, second = (together(list(batches.sample(10).in_order())) for _ in range(2))
    assert torch.equal(first, second)
    assert len(set(first.tolist())) == 10
    assert len(batches.sample(100)) == 40
    pixels, labels = next(batches.sample(10).in_order())
    torch.testing.assert_close(pixels.double(), expected(colours(40), labels), atol=1e-6, rtol=1e-5)


EVERYTHING = tuple(Augmentation.usual(kind) for kind in AUGMENTATIONS)
WITHOUT_MIXUP = tuple(each for each in EVERYTHING if each.kind != "mixup")


def augmented(images: int, plan: tuple[Augmentation, ...], size: int = 3) -> Batches:
    return Batches(colours(images), NORMALISATION, size, augmentation=plan, classes=images)


def test_augmented_batches_are_the_changed_images_normalised() -> None:
    """Against one call for the whole epoch, scaled and normalised here in double precision."""
    batches = augmented(101, WITHOUT_MIXUP)
    parts = list(batches.shuffled(4, 1))
    labels = together(parts)
    images = colours(101).pixels[labels].float() / 255
    changed = EpochAugmentation(WITHOUT_MIXUP, 101, (4, 5), 4, 1).images(images, 0).double()
    mean, std = (torch.tensor(of).view(1, 3, 1, 1) for of in (NORMALISATION.mean, NORMALISATION.std))
    torch.testing.assert_close(
        torch.cat([pixels for pixels, _ in parts]).double(), (changed - mean) / std, atol=1e-5, rtol=1e-5
    )
    assert sorted(labels.tolist()) == list(range(101))
    assert all(pixels.is_contiguous(memory_format=torch.channels_last) for pixels, _ in parts)


@pytest.mark.parametrize("plan", [*((each,) for each in EVERYTHING), EVERYTHING])
def test_an_augmented_epoch_is_the_same_images_however_it_is_cut(plan: tuple[Augmentation, ...]) -> None:
    """Resumed in its middle, and with a batch size that changes twice: bit for bit, also where mixup mixes
    the last image of a batch with the first of the next, and the last of the epoch with its first."""
    batches = augmented(203, plan)
    whole = list(batches.shuffled(5, 2))
    pixels, labels = (torch.cat([part[i] for part in whole]) for i in (0, 1))
    for start, size in ((3, 3), (48, 3), (51, 1), (60, 7), (9, 64), (201, 3)):
        rest = list(batches.shuffled(5, 2, start, size))
        assert torch.equal(torch.cat([part[0] for part in rest]), pixels[start:])
        assert torch.equal(torch.cat([part[1] for part in rest]), labels[start:])
    changed = next(batches.shuffled(5, 3))
    assert not torch.equal(changed[0], whole[0][0])


def test_mixup_gives_probabilities_of_this_image_and_the_next() -> None:
    mixed = [labels for _, labels in augmented(20, (Augmentation("mixup", 1.0, 1, 1),)).shuffled(0, 0)]
    order = together(list(Batches(colours(20), NORMALISATION, 3).shuffled(0, 0)))
    probabilities = torch.cat(mixed)
    assert probabilities.dtype == torch.float32 and probabilities.shape == (20, 20)
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(20))
    for n in range(20):
        assert set(probabilities[n].nonzero().flatten().tolist()) == {int(order[n]), int(order[(n + 1) % 20])}


def test_in_order_and_samples_are_never_augmented() -> None:
    plain, changed = Batches(colours(40), NORMALISATION, 3), augmented(40, EVERYTHING)
    for one, other in ((plain, changed), (plain.sample(10), changed.sample(10))):
        for (pixels, labels), (same_pixels, same_labels) in zip(
            one.in_order(), other.in_order(), strict=True
        ):
            assert torch.equal(pixels, same_pixels) and torch.equal(labels, same_labels)
