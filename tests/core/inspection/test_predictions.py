from pathlib import Path

import pytest
import torch
from torch import nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection import kept_predictions as kept
from core.inspection.predictions import CHUNK, Predictions, at_once, predict

PLAIN = Normalisation((0.0,), (1.0,))  # pixels come out as x / 255


def images(n: int) -> LabelledImages:
    draw = torch.Generator().manual_seed(1)
    pixels = torch.randint(0, 256, (n, 1, 4, 4), dtype=torch.uint8, generator=draw)
    return LabelledImages(pixels, torch.randint(0, 3, (n,), generator=draw))


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(16, 3))


def test_logits_are_those_of_each_image_alone_whatever_the_chunk() -> None:
    some, model = images(CHUNK * 2 + 3), linear()
    found = predict(model, some, Normalisation((0.5,), (0.25,)))
    weight, bias = model[2].weight.detach(), model[2].bias.detach()  # type: ignore[index]
    by_hand = ((some.pixels.float() / 255 - 0.5) / 0.25).flatten(1) @ weight.T + bias
    torch.testing.assert_close(found.logits, by_hand)
    assert found.logits.dtype == torch.float32
    assert torch.equal(found.labels, some.labels)


def test_who_waits_hears_how_far_it_is_and_may_end_it() -> None:
    heard: list[float] = []
    predict(linear(), images(CHUNK * 2 + 3), PLAIN, report=heard.append)
    assert heard == pytest.approx([1 / 3, 2 / 3, 1])

    class Enough(Exception):
        pass

    def end(_done: float) -> None:
        raise Enough

    model = linear().train()
    with pytest.raises(Enough):
        predict(model, images(5), PLAIN, report=end)
    assert model.training  # given back all the same


def test_the_model_is_left_in_training_mode_with_its_gradients() -> None:
    model = linear().train()
    model(torch.ones(1, 1, 4, 4)).sum().backward()
    before = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    predict(model, images(5), PLAIN)
    assert all(module.training for module in model.modules())
    assert len(before) == 2
    for parameter, grad in zip(model.parameters(), before, strict=True):
        assert torch.equal(parameter.grad, grad)


def test_what_follows_from_the_logits_by_hand() -> None:
    # two classes with logits (ln 3, 0): softmax gives 3/4 and 1/4
    found = Predictions(torch.tensor([[3.0, 1.0], [3.0, 1.0]]).log(), torch.tensor([0, 1]))
    torch.testing.assert_close(found.probabilities, torch.tensor([[0.75, 0.25], [0.75, 0.25]]))
    assert found.predicted.tolist() == [0, 0]
    assert found.correct.tolist() == [True, False]
    torch.testing.assert_close(found.confidence, torch.tensor([0.75, 0.75]))
    # −ln 0.75 = 0.287682, −ln 0.25 = 1.386294
    torch.testing.assert_close(found.losses, torch.tensor([0.287682, 1.386294]))
    assert (len(found), found.classes, found.finite) == (2, 2, True)


def test_logits_that_are_no_numbers_are_noticed() -> None:
    assert not Predictions(torch.tensor([[float("nan"), 0.0]]), torch.tensor([0])).finite


class Maker:
    """Makes one fixed result, and counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Predictions:
        self.calls += 1
        return Predictions(torch.arange(6.0).reshape(3, 2), torch.tensor([0, 1, 0]))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "weights" / "epoch-1.pt"
    path.parent.mkdir()
    path.touch()
    return path


def file_of(checkpoint: Path) -> Path:
    return checkpoint.parent / "epoch-1.silhouettes.predictions.pt"


def ask(checkpoint: Path, make: Maker, sha: str = "abc", labels: tuple[int, ...] = (0, 1, 0)) -> Predictions:
    return kept.kept_predictions(checkpoint, sha, "silhouettes", torch.tensor(labels), make)


def test_predictions_are_made_once_and_come_back_the_same(checkpoint: Path) -> None:
    make = Maker()
    first, second = ask(checkpoint, make), ask(checkpoint, make)
    assert make.calls == 1
    assert torch.equal(first.logits, second.logits) and torch.equal(first.labels, second.labels)
    assert set(checkpoint.parent.iterdir()) == {checkpoint, file_of(checkpoint)}


def test_predictions_of_a_checkpoint_that_is_gone_are_forgotten(checkpoint: Path) -> None:
    ask(checkpoint, Maker())
    later = checkpoint.with_name("epoch-2.pt")
    checkpoint.rename(later)
    ask(later, Maker())
    assert not file_of(checkpoint).exists()
    assert later.exists() and len(list(later.parent.iterdir())) == 2


@pytest.mark.parametrize("change", [{"sha": "other weights"}, {"labels": (0, 1, 1)}, {"labels": (0, 1)}])
def test_other_weights_or_other_images_are_predicted_anew(
    checkpoint: Path, change: dict[str, object]
) -> None:
    make = Maker()
    ask(checkpoint, make)
    ask(checkpoint, make, **change)  # type: ignore[arg-type]
    assert make.calls == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "one byte", "another file"])
def test_a_damaged_file_is_made_anew_and_mended(checkpoint: Path, damage: str) -> None:
    make = Maker()
    ask(checkpoint, make)
    path = file_of(checkpoint)
    content = bytearray(path.read_bytes())
    place = content.find(torch.arange(6.0).numpy().tobytes())
    assert place > 0
    if damage == "one byte":
        content[place + 5] ^= 1
    path.write_bytes(
        {"empty": b"", "cut": content[: len(content) // 2], "one byte": content, "another file": b"hello"}[
            damage
        ]
    )
    assert torch.equal(ask(checkpoint, make).logits, torch.arange(6.0).reshape(3, 2))
    assert make.calls == 2
    ask(checkpoint, make)
    assert make.calls == 2


def test_a_disk_that_takes_nothing_costs_only_the_file(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kept.torch, "save", full)
    assert len(ask(checkpoint, Maker())) == 3
    assert "No space left" in caplog.text
    assert list(checkpoint.parent.iterdir()) == [checkpoint]  # no unfinished file is left behind


@pytest.mark.parametrize(("side", "count"), [(8, CHUNK), (28, CHUNK), (56, CHUNK // 4), (224, 1), (4000, 1)])
def test_of_large_images_fewer_go_through_at_once(side: int, count: int) -> None:
    assert at_once(torch.empty(3, 1, side, side, dtype=torch.uint8)) == count
