"""What a run's weights say about the test or validation split: from the file beside them, or made now and kept."""

from __future__ import annotations

from collections.abc import Callable

from core.data.catalogue import stem
from core.data.dataset import Dataset, LabelledImages
from core.data.normalisation import Normalisation
from core.data.splits import split
from core.inspection.kept_predictions import kept_predictions
from core.inspection.predictions import Predictions, predict
from core.training import checkpoint
from core.training.runs.records import CheckpointRecord, Run

Report = Callable[[float], None]


def _nobody(_done: float) -> None:
    """Nobody wants to know."""


def run_predictions(
    run: Run, record: CheckpointRecord, images: Dataset, report: Report = _nobody
) -> Predictions:
    """The predictions of one checkpoint of `run` for all test images; raises CheckpointDamaged.

    `images` must be the data set that the run was trained on, in the run's format; `report` hears the share (0–1)
    that is done.
    """
    return _kept(run, record, images, images.test, "", report)


def validation_predictions(
    run: Run, record: CheckpointRecord, images: Dataset, report: Report = _nobody
) -> Predictions:
    """As `run_predictions`, for the images that were held out of the run's training to choose by."""
    choice, training = run.request.data, images.train
    held_out = split(training.labels, choice.share, choice.validation_share, choice.split_seed).validation
    return _kept(run, record, images, training.at(held_out), ".validation", report)


def _kept(
    run: Run, record: CheckpointRecord, images: Dataset, of: LabelledImages, which: str, report: Report
) -> Predictions:
    def made() -> Predictions:
        state = checkpoint.load(record.path, record.sha256)
        model = checkpoint.load_model(run.request, record.path, images.input_shape, len(images.classes))
        return predict(model, of, Normalisation(tuple(state.mean), tuple(state.std)), report=report)

    name = stem(run.request.data.dataset, run.request.data.image) + which
    return kept_predictions(record.path, record.sha256, name, of.labels, made)
