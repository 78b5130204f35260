"""The notebook, executed: plain PyTorch comes to the numbers of our own run, to the digits that both print."""

import math
import re
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
import torch
from nbclient import NotebookClient
from nbformat import NotebookNode
from torchvision.datasets import FashionMNIST

from core.networks.analysis import analyse
from core.networks.kinds import layer
from core.networks.source.outline import outline
from core.networks.spec import NetworkSpec
from core.training import checkpoint
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.events import CheckpointSaved, Message, StepReport
from core.training.export.notebook import program
from core.training.export.notebook.rate import SHAPES
from core.training.export.notebook.subject import Subject
from core.training.export.weights import renamed
from core.training.observations import Change
from core.training.optimizers import OPTIMIZERS
from core.training.runs.records import Command, Run
from core.training.runs.store import RunStore
from core.training.schedules import SCHEDULES, factor
from tests.core.training.export.notebooks import BRANCHING, check_same, executed, exported, recorded


def test_jupyter_runs_it_to_the_same_results(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)  # Jupyter's own, whatever a test before has set
    run = trained(request_small)
    book = exported(store, run, tmp_path)
    before = recorded(book)
    assert f"test accuracy {run.test_accuracy:.2%} on 1,000 images" in before
    assert before.count("epoch ") == 3
    pictures = [o for cell in book.cells for o in cell.get("outputs", ()) if o.output_type == "display_data"]
    assert len(pictures) == 2 and all("image/png" in picture.data for picture in pictures)

    monkeypatch.delenv("MPLBACKEND", raising=False)  # other tests' libraries set it; the kernel has its own
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()

    printed = "".join(
        output.text
        for cell in book.cells
        for output in cell.get("outputs", ())
        if output.output_type == "stream"
    )
    assert printed.rstrip("\n") == before
    drawn = [o for cell in book.cells for o in cell.get("outputs", ()) if o.output_type == "display_data"]
    assert len(drawn) == 2 and all("image/png" in picture.data for picture in drawn)


CONFIGS = {
    "sgd, step": {"optimizer": "sgd", "learning_rate": 0.05, "schedule": "step"},
    "momentum, cosine, warm-up, L1": {
        "optimizer": "momentum", "learning_rate": 0.01, "schedule": "cosine", "warm_up": 0.3, "l1": 1e-4,
    },
    "nesterov, one cycle, clipped": {
        "optimizer": "nesterov", "learning_rate": 0.02, "schedule": "one-cycle", "clip_norm": 0.5,
    },
    "adamw, smoothed, decay": {"optimizer": "adamw", "label_smoothing": 0.1, "weight_decay": 0.05},
    "adamw, no decay": {"optimizer": "adamw"},
    "rmsprop, not shuffled": {"optimizer": "rmsprop", "shuffle": False},
    "adagrad, plateau": {"optimizer": "adagrad", "learning_rate": 0.3, "schedule": "plateau", "epochs": 6},
    "plateau with warm-up": {"learning_rate": 0.3, "schedule": "plateau", "warm_up": 0.2, "epochs": 8},
    "early stopping": {"learning_rate": 0.1, "patience": 1, "epochs": 8},
    "bfloat16": {"precision": "bfloat16"},
    "whitened first kernels": {"whitened": True},
    "first layer frozen": {"first_learns": 0.4, "schedule": "cosine"},
    "layers frozen in turn": {"first_learns": 0.2, "stopping_layers": 9, "schedule": "one-cycle"},
    "easy images left out": {"easy_seen": 0.25, "label_smoothing": 0.1, "epochs": 4},
    "easy images left out, bfloat16": {"easy_seen": 0.5, "precision": "bfloat16", "batch_size": 77},
    "first layer frozen at one rate": {"first_learns": 0.5, "whitened": True, "batch_size": 77},
    "a last batch of one image": {"batch_size": 77},  # 540 = 7 · 77 + 1
}  # fmt: skip


@pytest.mark.parametrize("changed", CONFIGS.values(), ids=CONFIGS)
def test_every_setting_is_repeated(
    changed: dict[str, Any],
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = replace(request_small.config, **{"seed": 3, "precision": "float32", **changed})
    run = trained(replace(request_small, config=config))
    if config.schedule == "plateau":  # what is to be repeated did happen
        assert any(change.by == "plateau" for change in store.observations(run.id, Change))
    if config.patience:
        assert "lowest" in run.message and run.epoch < config.epochs
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


@pytest.mark.parametrize(
    ("channels", "changed", "told"),
    [
        (16, {"seed": 3}, ["oneDNN"]),
        (4, {"batch_size": 256, "epochs": 8}, ["oneDNN", "classes lying first"]),
    ],
    ids=["whole blocks", "large batches"],
)
def test_what_learns_in_another_order_is_repeated_but_for_rounding(
    channels: int,
    changed: dict[str, Any],
    told: list[str],
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, *rest = request_small.network.layers
    # without the bias that batch normalisation takes away: its gradient is all rounding
    layers = (layer("Conv2d", out_channels=channels, kernel=5, bias=False), *rest)
    network = replace(request_small.network, layers=layers)
    run = trained(replace(request_small, network=network, config=replace(request_small.config, **changed)))
    book = exported(store, run, tmp_path)
    names, _ = executed(book, tmp_path, monkeypatch)
    record = store.latest_checkpoint(run.id)
    assert record is not None and first.kind == "Conv2d"
    ours = renamed(checkpoint.load(record.path).model, network, (1, 28, 28), 10)
    for name, tensor in ours.items():
        torch.testing.assert_close(names["model"].state_dict()[name], tensor, rtol=1e-3, atol=1e-4)
    orders = ["oneDNN", "classes lying first"]
    assert [order for order in orders if order in _words(book)] == told
    usual = exported(store, trained(request_small), tmp_path)
    assert not any(order in _words(usual) for order in orders)


def _words(book: NotebookNode) -> str:
    return "".join(cell.source for cell in book.cells)


def test_the_settings_reach_every_field() -> None:
    """A new field needs a place in the notebook, or a sentence in caveats.py, and then a name here."""
    assert {field.name for field in fields(TrainingConfig)} == {
        "epochs", "seconds", "batch_size", "optimizer", "learning_rate", "schedule", "warm_up", "weight_decay",
        "l1", "label_smoothing", "clip_norm", "precision", "patience", "seed", "shuffle", "whitened", "first_learns",
        "stopping_layers", "easy_seen", "device",
    }  # fmt: skip
    assert {field.name for field in fields(DataChoice)} - {"augmentation"} == {
        "dataset", "share", "validation_share", "split_seed", "image", "shuffled_labels",
    }  # fmt: skip
    assert OPTIMIZERS.keys() == {"sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad"}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_shapes_of_the_rate_are_ours(name: str) -> None:
    for share in (0.0, 1 / 3, 0.5, 2 / 3, 0.999):
        value = eval(SHAPES[name], {"math": math, "share": share})  # noqa: S307 (our own text)
        assert value == SCHEDULES[name].shape(share)
    assert factor(SCHEDULES[name], 0.5, 0.25) == 0.1 + 0.9 * 0.25 / 0.5


def test_other_splits_formats_and_shuffled_labels_are_repeated(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = DataChoice("silhouettes", 1.0, 0.8, split_seed=5, image=(3, 30), shuffled_labels=True)
    run = trained(replace(request_small, data=data, config=replace(request_small.config, epochs=1)))
    book = exported(store, run, tmp_path)
    names, printed = executed(book, tmp_path, monkeypatch)
    check_same(book, store, run, names, printed)
    assert "SHARE = 1" not in "".join(cell.source for cell in book.cells)


def test_changes_while_it_ran_are_replayed_at_their_steps(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waiting = [
        Command(0, "", "learning_rate", 0.004),
        Command(0, "", "weight_decay", 0.01),
        Command(0, "", "batch_size", 50.0),
    ]

    def answer(message: Message, commands: SimpleQueue[Command]) -> None:
        while waiting and isinstance(message, CheckpointSaved) and message.step == 9:
            commands.put(waiting.pop())

    config = replace(request_small.config, schedule="cosine")
    run = trained(replace(request_small, config=config), answer)
    assert not waiting and run.step == 9 + 2 * 11  # 540 = 10 · 50 + 40
    book = exported(store, run, tmp_path)
    code = "".join(cell.source for cell in book.cells)
    assert "RATES = {9: 0.004}" in code and "DECAYS = {9: 0.01}" in code and "SIZES = {9: 50}" in code
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_a_run_that_was_stopped_stops_at_its_step(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def answer(message: Message, commands: SimpleQueue[Command]) -> None:
        if isinstance(message, StepReport) and message.step >= 9:
            commands.put(Command(0, "", "stop", None))

    run = trained(request_small, answer)
    assert run.state == "stopped" and 9 <= run.step < 27
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


@pytest.mark.real_data
def test_torchvision_gives_the_images_that_we_train_on(
    store: RunStore,
    request_small: RunRequest,
    real_data_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = replace(request_small, data=DataChoice("fashion-mnist"))
    here = tmp_path / "here"
    shutil.copytree(real_data_folder / "FashionMNIST" / "raw", here / "data" / "FashionMNIST" / "raw")
    monkeypatch.chdir(here)
    subject = Subject(
        store.add(request), outline(analyse(request.network, (1, 28, 28))), [], [], [], (), (), ""
    )
    names: dict[str, Any] = {}
    exec(f"{program.imports(subject, '')}\n{program.images(subject)}", names)  # noqa: S102 (our own text)
    for prefix, is_train in (("", True), ("test_", False)):
        split = FashionMNIST(
            here / "data", train=is_train, download=True
        )  # the files are there: it unpacks them
        assert torch.equal(names[f"{prefix}pixels"], split.data.unsqueeze(1))
        assert torch.equal(names[f"{prefix}labels"], split.targets)


@pytest.mark.parametrize(
    "network",
    [BRANCHING, replace(BRANCHING, weights="he-normal"), replace(BRANCHING, frozen=True)],
    ids=["branching", "he-normal", "frozen"],
)
def test_networks_with_blocks_rules_and_frozen_layers(
    network: NetworkSpec,
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(replace(request_small, network=network))
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_only_what_the_settings_need_is_in_it(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    config = replace(request_small.config, epochs=1, precision="float32")
    book = exported(store, trained(replace(request_small, config=config)), tmp_path)
    code = "".join(cell.source for cell in book.cells)
    for word in (
        "factor", "peak", "L1", "CLIP_NORM", "smoothing", "autocast", "PATIENCE", "SECONDS", "LAST_STEP", "RATES",
        "weight_decay", "import copy", "import time", "requires_grad", "augment", "Callable", "stages",
    ):  # fmt: skip
        assert word not in code, word


def test_what_it_cannot_repeat_is_said(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    run = trained(replace(request_small, config=replace(request_small.config, epochs=1)))
    config = replace(run.request.config, epochs=2, seconds=100.0)
    child = store.fork(run.id, 9, replace(run.request, config=config))
    book = exported(store, child, tmp_path)
    words = book.cells[0].source
    assert "The budget is 100 seconds" in words
    assert "This run is queued" in words


def test_a_run_limited_by_seconds_ends_in_time(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = replace(request_small.config, epochs=1000, seconds=1.0, schedule="cosine", patience=900)
    run = trained(replace(request_small, config=config))
    book = exported(store, run, tmp_path)
    names, printed = executed(book, tmp_path, monkeypatch)
    assert 0 < names["step"] < 9000
    assert re.search(r"test accuracy \d+\.\d\d%", printed)
