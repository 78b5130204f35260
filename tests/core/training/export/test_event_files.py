"""What is written for TensorBoard, read back by TensorBoard's own reader."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core.training.config import RunRequest
from core.training.export.event_files import CURVES, event_files, kernels_picture, matrix_picture
from core.training.observations import ClassCounts, Kernels
from core.training.runs.records import Run
from core.training.runs.store import RunStore


@pytest.fixture
def run(trained: Callable[..., Run], request_small: RunRequest) -> Run:
    return trained(request_small)


@pytest.fixture
def folder(run: Run, store: RunStore, tmp_path: Path) -> Path:
    """The one folder in the zip."""
    record = store.latest_checkpoint(run.id)
    assert record is not None
    with zipfile.ZipFile(io.BytesIO(event_files(store, run, record))) as archive:
        archive.extractall(tmp_path / "logs")
    (one,) = (tmp_path / "logs").iterdir()
    assert one.name == "run_1_small"
    return one


def reader(folder: Path) -> EventAccumulator:
    """With every point, not a sample of them."""
    accumulator = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0})
    return accumulator.Reload()


def test_every_point_of_every_curve_is_there_with_its_step_and_time(
    run: Run, store: RunStore, folder: Path
) -> None:
    assert run.started is not None
    for (split, kind), name in CURVES.items():
        points = [p for p in store.metrics(run.id) if (p.split, p.kind) == (split, kind)]
        assert points
        read = reader(folder / name)
        for tag, field in (("loss", "loss"), ("accuracy", "accuracy"), ("learning rate", "learning_rate")):
            scalars = read.Scalars(tag)
            assert [event.step for event in scalars] == [point.step for point in points]
            assert [event.value for event in scalars] == pytest.approx([getattr(p, field) for p in points])
            assert [event.wall_time - run.started for event in scalars] == pytest.approx(
                [point.seconds for point in points], abs=1e-3
            )


def test_the_settings_and_the_test_result_are_there(run: Run, folder: Path) -> None:
    read = reader(folder / "run")
    settings = read.Tensors("settings/text_summary")[0].tensor_proto.string_val[0].decode()
    assert "| learning_rate | 0.001 |" in settings and "| dataset | silhouettes |" in settings
    assert '"kind": "Conv2d"' in read.Tensors("network/text_summary")[0].tensor_proto.string_val[0].decode()
    assert [(e.step, e.value) for e in read.Scalars("test/accuracy")] == [
        (27, pytest.approx(run.test_accuracy))
    ]


def test_each_epoch_has_its_pictures(run: Run, store: RunStore, folder: Path) -> None:
    read = reader(folder / "run")
    for tag, kind, picture in (
        ("confusion matrix", ClassCounts, lambda seen: matrix_picture(np.array(seen.counts))),
        ("first layer", Kernels, lambda seen: kernels_picture(seen.weights())),
    ):
        seen = store.observations(run.id, kind)
        images = read.Images(tag)
        assert [image.step for image in images] == [one.step for one in seen] == [0, 9, 18, 27]
        shown = np.array(Image.open(io.BytesIO(images[-1].encoded_image_string)).convert("L"))
        assert np.array_equal(shown, picture(seen[-1]))


def test_no_file_tells_the_name_of_this_machine(folder: Path) -> None:
    names = {file.name for file in folder.rglob("*") if file.is_file()}
    assert len(names) == 1 and names.pop().endswith(".autograd-lab")


def test_a_matrix_is_darkest_where_its_row_is_largest() -> None:
    picture = matrix_picture(np.array([[3, 1], [0, 0]]))[::16, ::16]
    assert picture.tolist() == [
        [64, 191],
        [255, 255],
    ]  # 255 · (1 − 3/4), 255 · (1 − 1/4); a row without images


def test_kernels_lie_in_a_square_and_zero_is_grey() -> None:
    weights = np.array([-2.0, 0.0, 2.0], np.float32).reshape(3, 1, 1, 1)
    picture = kernels_picture(weights)[::8, ::8]
    assert picture.tolist() == [[0, 255, 128, 255], [255] * 4, [255, 255, 255, 255], [255] * 4]
    assert kernels_picture(np.zeros((2, 3, 5, 5), np.float32)).shape == (2 * 6 * 8, 3 * 6 * 8)
