"""One image over the checkpoints of a run: against each checkpoint's own forward pass."""

import base64
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from core.data.normalisation import Normalisation
from core.figures.image_history import history_chart, history_records, shown_classes
from core.figures.pixels import pixel_figure
from core.inspection.image_history import MOST, ImageHistory, chosen_checkpoints, image_history
from core.networks.build import build
from core.networks.gallery import NAMED_NETWORKS
from core.training import checkpoint
from core.training.checkpoint import TrainingState
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import CheckpointRecord

NORMALISATION = Normalisation((0.3,), (0.25,))


def record(k: int, size: int = 1) -> CheckpointRecord:
    return CheckpointRecord(k, k, float(k), Path(f"{k}.pt"), size, "", 0.0)


def saved(model: nn.Module, path: Path, k: int) -> CheckpointRecord:
    state = TrainingState(model.state_dict(), {}, {}, k, 0.0, NORMALISATION.mean, NORMALISATION.std)
    size, sha = checkpoint.save(state, path)
    return CheckpointRecord(k, k, float(k), path, size, sha, 0.0)


def test_each_checkpoint_is_asked_and_a_damaged_one_left_out(tmp_path: Path) -> None:
    torch.manual_seed(1)
    models = [build(NAMED_NETWORKS["Net_Linear"], (1, 28, 28), 10).eval() for _ in range(3)]
    records = [saved(model, tmp_path / f"{k}.pt", k) for k, model in enumerate(models)]
    request = RunRequest(NAMED_NETWORKS["Net_Linear"], DataChoice("silhouettes"), TrainingConfig())
    records[1] = replace(records[1], sha256="0" * 64)
    pixels = torch.randint(0, 256, (1, 28, 28), dtype=torch.uint8)
    found = image_history(request, records, pixels, NORMALISATION, 10)
    assert found.epochs == (0.0, 2.0)
    with torch.no_grad():
        expected = torch.cat([models[k]((pixels[None] / 255 - 0.3) / 0.25) for k in (0, 2)])
    assert torch.allclose(found.logits, expected, atol=1e-4)
    assert checkpoint.sha256_of(records[0].path) == records[0].sha256


def test_a_long_run_is_asked_evenly_and_at_its_end() -> None:
    every = [record(k) for k in range(500)]
    chosen = chosen_checkpoints(every)
    assert len(chosen) == MOST and chosen[0] is every[0] and chosen[-1] is every[-1]
    large = [record(k, 90 * 2**20) for k in range(5)]
    assert [each.step for each in chosen_checkpoints(large)] == [0, 4]
    assert [each.step for each in chosen_checkpoints([record(k, 2**30) for k in range(5)])] == [4]
    assert chosen_checkpoints([]) == []


@pytest.mark.parametrize(
    ("said", "true", "sentence"),
    [
        ([1, 1, 1], 1, "b from the first checkpoint on."),
        ([0, 1, 1], 0, "b since epoch 1."),
        ([0, 1, 0], 2, "a since epoch 2; it changed its answer 2 times over 3 checkpoints; c, the true class, was "
         "never its answer."),
        ([0], 0, "The store keeps one checkpoint of this run: there is no history to show."),
    ],
)  # fmt: skip
def test_the_way_to_the_answer_in_words(said: list[int], true: int, sentence: str) -> None:
    logits = torch.nn.functional.one_hot(torch.tensor(said), 3).float()
    history = ImageHistory(tuple(float(k) for k in range(len(said))), logits)
    assert history.sentence(("a", "b", "c"), true) == sentence


def test_the_chart_shows_the_likeliest_classes_and_the_true_one() -> None:
    probabilities = torch.tensor([[0.5, 0.2, 0.1, 0.1, 0.06, 0.04], [0.1, 0.1, 0.1, 0.6, 0.06, 0.04]])
    history = ImageHistory((0.0, 1.0), probabilities.log())
    assert shown_classes(history, None) == [0, 1, 2, 3]
    assert shown_classes(history, 5) == [0, 1, 3, 5]
    records = history_records(history, tuple("abcdef"), [3])
    assert records["probability"].tolist() == pytest.approx([0.1, 0.6])
    history_chart(history, tuple("abcdef"), 5).to_dict()  # valid


def test_the_pixels_are_sent_raw_and_normalised() -> None:
    pixels = torch.tensor([[[0, 51], [102, 255]]], dtype=torch.uint8)
    data = pixel_figure(pixels, NORMALISATION)
    raw, scaled = (
        np.frombuffer(base64.b64decode(data[name]["values"]), "<f4") for name in ("raw", "normalised")
    )
    assert raw.tolist() == [0, 51, 102, 255]
    assert scaled.tolist() == pytest.approx([-1.2, -0.4, 0.4, 2.8], abs=1e-6)  # (x / 255 − 0.3) / 0.25
