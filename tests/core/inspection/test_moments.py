from pathlib import Path

import torch

from core.inspection.agreement import Agreement
from core.inspection.moments import moments, progress_sentence
from core.inspection.predictions import Predictions
from core.training.observations import ClassCounts
from core.training.runs.records import CheckpointRecord


def record(step: int, epoch: float) -> CheckpointRecord:
    return CheckpointRecord(step, step, epoch, Path(f"{step}.pt"), 1, "", 0.0)


def counts(step: int, epoch: float) -> ClassCounts:
    return ClassCounts(step, epoch, 0.0, [[3, 1], [0, 4]])


def test_weights_and_counts_of_one_step_belong_together() -> None:
    found = moments([record(0, 0.0), record(20, 2.0)], [counts(0, 0.0), counts(10, 1.0), counts(20, 2.0)])
    assert [(each.step, each.weights is not None, each.counts is not None) for each in found] == [
        *[(0, True, True), (10, False, True), (20, True, True)]
    ]
    assert [each.name for each in found] == ["start", "epoch 1", "epoch 2"]
    matrix = found[1].validation_matrix
    assert matrix is not None and matrix.counts.tolist() == [[3, 1], [0, 4]]


def test_a_checkpoint_in_mid_epoch_has_no_counts() -> None:
    only = moments([record(14, 1.4)], [])
    assert [(each.name, each.validation_matrix) for each in only] == [("epoch 1.40", None)]
    assert moments([], []) == ()


def says(*classes: int) -> Predictions:
    return Predictions(torch.eye(2)[list(classes)], torch.tensor([0, 0, 0, 1]))


def test_what_was_learned_and_forgotten() -> None:
    between = Agreement.of(says(0, 1, 1, 1), says(1, 0, 0, 1))
    assert progress_sentence(between, "epoch 1") == (
        "Since epoch 1 it learned 2 images and forgot 1: it now recognises 1 more."
    )
    assert progress_sentence(Agreement.of(says(0, 1, 1, 1), says(1, 0, 1, 1)), "the start").endswith(
        "as many as before."
    )
