"""The notebook of a run that augments its images, executed: the same random numbers, images and weights."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest

from core.data.augmentation import epoch
from core.data.augmentation.plan import Augmentation, Plan
from core.data.augmentation.table import AUGMENTATIONS
from core.training.config import RunRequest
from core.training.events import Message, StepReport
from core.training.export.notebook.augmentation import DRAWINGS, STAGES
from core.training.runs.records import Command, Run
from core.training.runs.store import RunStore
from tests.core.training.export.notebooks import check_same, code_of, executed, exported

USUAL = {kind: Augmentation.usual(kind) for kind in AUGMENTATIONS}
SOME = {
    kind: replace(usual, probability=0.7) for kind, usual in USUAL.items()
}  # some images stay as they are
PLANS: dict[str, Plan] = {
    **{kind: (some,) for kind, some in SOME.items()},
    "rotation and shift": (USUAL["rotation"], USUAL["shift"]),
    "zoom and shift": (SOME["zoom"], SOME["shift"]),
    "flip and mixup": (USUAL["flip"], USUAL["mixup"]),
    "all, chosen in another order": tuple(reversed(SOME.values())),
}


def augmented(request: RunRequest, plan: Plan, epochs: int = 2) -> RunRequest:
    """The same run with a plan of augmentations."""
    return replace(
        request,
        data=replace(request.data, augmentation=plan),
        config=replace(request.config, epochs=epochs, seed=3),
    )


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_every_kind_is_repeated(
    plan: Plan,
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(augmented(request_small, plan))
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))
    assert "import core" not in code_of(book) and "from core" not in code_of(book)


def test_colour_and_smoothed_labels(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three channels lie in another order in memory than one does."""
    request = augmented(request_small, tuple(SOME.values()), epochs=1)
    run = trained(
        replace(
            request,
            data=replace(request.data, image=(3, 30)),
            config=replace(request.config, label_smoothing=0.1, shuffle=False),
        )
    )
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


@pytest.mark.parametrize("size", [50, 77])
def test_numbers_belong_to_positions_whatever_the_batches(
    size: int,
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Batches of another size from the middle of an epoch on."""
    waiting = [Command(0, "", "batch_size", float(size))]

    def answer(message: Message, commands: SimpleQueue[Command]) -> None:
        if waiting and isinstance(message, StepReport):
            commands.put(waiting.pop())

    plan = (SOME["crop"], SOME["brightness"], SOME["mixup"])
    run = trained(augmented(request_small, plan), answer)
    book = exported(store, run, tmp_path)
    assert f"SIZES = {{1: {size}}}" in code_of(book)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_a_last_batch_of_one_image_lends_it_to_mixup_all_the_same(
    trained: Callable[..., Run],
    store: RunStore,
    request_small: RunRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = augmented(request_small, (USUAL["mixup"],))
    run = trained(replace(request, config=replace(request.config, batch_size=77)))  # 540 = 7 · 77 + 1
    book = exported(store, run, tmp_path)
    check_same(book, store, run, *executed(book, tmp_path, monkeypatch))


def test_only_what_the_plan_needs_is_in_it(
    trained: Callable[..., Run], store: RunStore, request_small: RunRequest, tmp_path: Path
) -> None:
    run = trained(augmented(request_small, (USUAL["flip"],), epochs=1))
    book = exported(store, run, tmp_path)
    code = code_of(book)
    assert "def flip(" in code and "def always(" in code
    for word in (
        "crop", "affine", "sample", "brighten", "spread", "erase", "WIDEST", "mix", "uniform", "whole(", "rectangle",
        "targets.argmax", "import copy", "import time",
    ):  # fmt: skip
        assert word not in code, word
    assert "augment" not in book.cells[0].source  # nothing is said to be missing


def test_the_stages_are_those_of_the_app() -> None:
    """A new kind needs its lines in the notebook, and then a place in PLANS."""
    assert DRAWINGS.keys() == AUGMENTATIONS.keys() == SOME.keys()
    assert [stage.kinds for stage in STAGES] == [stage.kinds for stage in epoch.STAGES]
    assert [stage.functions[-1] for stage in STAGES] == [stage.work for stage in epoch.STAGES]
