"""What the page looks at: one checkpoint of one run, with its predictions on the whole test split; made
once.
"""

from dataclasses import dataclass

import streamlit as st
from torch import Tensor, nn

from core.data.catalogue import stem
from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import Anatomy, anatomy
from core.inspection.attribution import AttributionMap, attribute
from core.inspection.confusion import ConfusionMatrix
from core.inspection.controls import Value
from core.inspection.kept_predictions import kept_predictions
from core.inspection.predictions import Predictions, predict
from core.inspection.report import Report
from core.training import checkpoint as checkpoints
from core.training.config import DataChoice
from core.training.runs.records import CheckpointRecord, Run
from pages.shared import server


@dataclass(frozen=True, eq=False)
class Subject:
    """A trained network, and what it says about every image of the test split; shared by all sessions."""

    sha: str  # of the checkpoint's file: names the weights
    data: DataChoice
    classes: tuple[str, ...]
    test: LabelledImages  # as the network gets them, before they are normalised
    model: nn.Module  # in eval mode; whoever hooks it takes a copy
    normalisation: Normalisation
    anatomy: Anatomy
    predictions: Predictions
    matrix: ConfusionMatrix
    report: Report


def subject(run: Run, record: CheckpointRecord) -> Subject:
    """The subject of one checkpoint; raises CheckpointDamaged, DataMissing."""
    return _subject(record.sha256, run.request.data, run, record)


@st.cache_resource(max_entries=6, show_spinner="The network looks at the whole test split")
def _subject(sha: str, data: DataChoice, _run: Run, _record: CheckpointRecord) -> Subject:
    images = server.dataset(data.dataset, data.image)
    state = checkpoints.load(_record.path, sha)
    normalisation = Normalisation(tuple(state.mean), tuple(state.std))
    model = checkpoints.load_model(_run.request, _record.path, images.input_shape, len(images.classes))
    predictions = kept_predictions(
        _record.path,
        sha,
        stem(data.dataset, data.image),
        images.test.labels,
        lambda: predict(model, images.test, normalisation),
    )
    matrix = ConfusionMatrix.of(predictions)
    layers = anatomy(model, normalisation(images.test.pixels[:1])[0])
    return Subject(
        sha=sha,
        data=data,
        classes=images.classes,
        test=images.test,
        model=model,
        normalisation=normalisation,
        anatomy=layers,
        predictions=predictions,
        matrix=matrix,
        report=Report.of(matrix),
    )


def attribution(
    subject: Subject, image: int, target: int, method: str, settings: dict[str, Value]
) -> AttributionMap:
    """The map of one test image; raises MethodUnableError, SettingError."""
    return _attribution(
        subject.sha, subject.data, image, target, method, tuple(sorted(settings.items())), subject
    )


@st.cache_resource(max_entries=512, show_spinner=False)
def _attribution(
    sha: str,
    data: DataChoice,
    image: int,
    target: int,
    method: str,
    settings: tuple[tuple[str, Value], ...],
    _subject: Subject,
) -> AttributionMap:
    pixels = _subject.test.pixels[image]
    return attribute(_subject.model, pixels, _subject.normalisation, target, method, dict(settings))


def attribution_of(
    subject: Subject, pixels: Tensor, key: str, target: int, method: str, settings: dict[str, Value]
) -> AttributionMap:
    """The map of any uint8 pixels (C, H, W), named by `key`; raises MethodUnableError, SettingError."""
    return _attribution_of(
        subject.sha, subject.data, key, target, method, tuple(sorted(settings.items())), pixels, subject
    )


@st.cache_resource(max_entries=128, show_spinner="Looking for the evidence")
def _attribution_of(
    sha: str,
    data: DataChoice,
    key: str,
    target: int,
    method: str,
    settings: tuple[tuple[str, Value], ...],
    _pixels: Tensor,
    _subject: Subject,
) -> AttributionMap:
    return attribute(_subject.model, _pixels, _subject.normalisation, target, method, dict(settings))
