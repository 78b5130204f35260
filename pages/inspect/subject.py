"""What the page looks at: one checkpoint of one run, with its predictions on the whole test split; made
once.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import Anatomy, anatomy
from core.inspection.attribution import METHODS, AttributionMap, attribute
from core.inspection.confusion import ConfusionMatrix
from core.inspection.controls import Value
from core.inspection.predictions import Predictions
from core.inspection.report import Report
from core.inspection.run_predictions import run_predictions
from core.networks.analysis import analyse
from core.training import checkpoint as checkpoints
from core.training.config import DataChoice
from core.training.runs.records import CheckpointRecord, Run
from pages.inspect.looks import looks_of
from pages.inspect.patience import patiently
from pages.shared import server

_KEPT = 6  # subjects on this server


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
    macs: int  # multiply-adds for one image
    predictions: Predictions
    matrix: ConfusionMatrix
    report: Report


def subject(run: Run, record: CheckpointRecord) -> Subject:
    """The subject of one checkpoint; raises CheckpointDamaged, DataMissing."""
    return looks_of("subject", _KEPT).look(
        (record.sha256, run.request.data),
        lambda report: _look(run, record, report),
        "The network looks at the whole test split",
    )


def _look(run: Run, record: CheckpointRecord, report: Callable[[float], None]) -> Subject:
    sha, data = record.sha256, run.request.data
    images = server.dataset(data.dataset, data.image)
    state = checkpoints.load(record.path, sha)
    normalisation = Normalisation(tuple(state.mean), tuple(state.std))
    model = checkpoints.load_model(run.request, record.path, images.input_shape, len(images.classes))
    predictions = run_predictions(run, record, images, report)
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
        macs=analyse(run.request.network, images.input_shape, len(images.classes)).macs,
        predictions=predictions,
        matrix=matrix,
        report=Report.of(matrix),
    )


def input_shape(subject: Subject) -> tuple[int, int, int]:
    """(C, H, W) of one image."""
    _, channels, height, width = subject.test.pixels.shape
    return channels, height, width


def attribution(
    subject: Subject, image: int, target: int, method: str, settings: dict[str, Value]
) -> AttributionMap:
    """The map of one test image; raises MethodUnableError, SettingError."""
    return attribution_of(subject, subject.test.pixels[image], str(image), target, method, settings)


def attribution_of(
    subject: Subject, pixels: Tensor, key: str, target: int, method: str, settings: dict[str, Value]
) -> AttributionMap:
    """The map of any uint8 pixels (C, H, W), named by `key`; raises MethodUnableError, SettingError."""
    chosen, able = METHODS[method], not METHODS[method].unable(subject.anatomy)
    return patiently(
        (subject.sha, subject.data, key, target, method, tuple(sorted(settings.items()))),
        chosen.cost(settings, input_shape(subject)).forward if able else 0,
        lambda report: attribute(
            subject.model, pixels, subject.normalisation, target, method, settings, subject.test, report
        ),
    )
