"""What a run's last weights say about the test split: from the file beside them, or made now and kept there."""

from __future__ import annotations

from core.data.catalogue import stem
from core.data.dataset import Dataset
from core.data.normalisation import Normalisation
from core.inspection.kept_predictions import kept_predictions
from core.inspection.predictions import Predictions, predict
from core.training import checkpoint
from core.training.runs.records import CheckpointRecord, Run


def run_predictions(run: Run, record: CheckpointRecord, images: Dataset) -> Predictions:
    """The predictions of one checkpoint of `run` for all test images; raises CheckpointDamaged.

    `images` must be the data set that the run was trained on, in the run's format.
    """

    def made() -> Predictions:
        state = checkpoint.load(record.path, record.sha256)
        model = checkpoint.load_model(run.request, record.path, images.input_shape, len(images.classes))
        return predict(model, images.test, Normalisation(tuple(state.mean), tuple(state.std)))

    name = stem(run.request.data.dataset, run.request.data.image)
    return kept_predictions(record.path, record.sha256, name, images.test.labels, made)
