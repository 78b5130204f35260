"""The worker without its process: what it says, and what it does when told."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest
import torch

from core.training import checkpoint, events
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.events import (
    Acknowledged,
    CheckpointSaved,
    Evaluated,
    Finished,
    Interrupted,
    Message,
    Paused,
    Resumed,
    Started,
    StepReport,
    from_line,
    to_line,
)
from core.training.observations import OBSERVATIONS, Change
from core.training.runs.records import Command
from core.training.workers import worker
from core.training.workers.attempt import Attempt
from core.training.workers.order import GO, HOLD, LEAVE, Order, command_from_line, command_to_line

Answer = Callable[[Message, SimpleQueue[Command]], None]


def work(
    request: RunRequest,
    folder: Path,
    answer: Answer = lambda *_: None,
    resume: Path | None = None,
    settings: tuple[Command, ...] = (),
) -> list[Message]:
    """Everything that a worker says; `answer` hears each message and may give commands."""
    commands: SimpleQueue[Command] = SimpleQueue()
    said: list[Message] = []

    def say(message: Message) -> None:
        said.append(from_line(to_line(message)))  # as it comes out of the pipe
        answer(message, commands)

    order = Order(request, str(folder), str(resume) if resume else None, settings=settings)
    Attempt(Order.from_line(order.to_line()), commands, say).work()
    return said


def kinds(said: list[Message]) -> list[str]:
    """Without the reports of steps, whose number depends on the machine, and what is shown beside the curves."""
    left_out = (StepReport, *OBSERVATIONS.values())
    return [
        type(message).__name__
        for message in said
        if not isinstance(message, left_out) and getattr(message, "split", "") != "train"
    ]


def validated(said: list[Message]) -> list[Evaluated]:
    return [m for m in said if isinstance(m, Evaluated) and m.split == "validation"]


def test_a_run_from_start_to_end(silhouettes: Path, request_small: RunRequest, tmp_path: Path) -> None:
    said = work(request_small, tmp_path / "weights")
    epoch = ["Evaluated", "EpochFinished", "CheckpointSaved"]
    assert kinds(said) == ["Started", "Evaluated", "CheckpointSaved", *epoch * 3, "Tested", "Finished"]
    started = said[0]
    assert isinstance(started, Started)
    # 6,000 Silhouettes: a tenth is validation, of the rest a tenth is trained on
    assert (started.train_images, started.validation_images, started.total_steps) == (540, 600, 27)
    tested = said[-2]
    assert isinstance(tested, events.Tested)
    assert tested.images == 1000 and tested.accuracy > 0.3
    for message in said:
        if isinstance(message, CheckpointSaved):
            state = checkpoint.load(tmp_path / "weights" / message.file, message.sha256)
            assert state.step == message.step


def on(kind: type, step: int, *actions: Command) -> Answer:
    """Give commands once, after a message of a kind from a step on."""
    waiting = [*actions]

    def answer(message: Message, commands: SimpleQueue[Command]) -> None:
        if isinstance(message, kind) and getattr(message, "step", step) >= step:
            while waiting:
                commands.put(waiting.pop(0))

    return answer


def test_it_can_be_paused_and_resumed(silhouettes: Path, request_small: RunRequest, tmp_path: Path) -> None:
    pause, resume = Command(7, "x", "pause", None), Command(8, "x", "resume", None)
    said = work(request_small, tmp_path, on(CheckpointSaved, 9, pause, pause, resume, resume))
    after = said[said.index(Paused()) :]
    assert after[:6] == [
        Paused(),
        Acknowledged(7),
        Acknowledged(7),
        Resumed(),
        Acknowledged(8),
        Acknowledged(8),
    ]
    assert said[-1] == Finished("completed", 27, said[-1].seconds)


def test_stopped_while_paused_it_ends_and_is_tested(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    said = work(
        request_small,
        tmp_path,
        on(CheckpointSaved, 9, Command(7, "x", "pause", None), Command(8, "x", "stop", None)),
    )
    assert kinds(said)[-7:] == [
        "Paused", "Acknowledged", "Acknowledged", "Evaluated", "CheckpointSaved", "Tested", "Finished",
    ]  # fmt: skip
    assert (said[-1].reason, said[-1].step) == ("stopped", 9)


def test_the_rate_can_be_changed(silhouettes: Path, request_small: RunRequest, tmp_path: Path) -> None:
    said = work(request_small, tmp_path, on(CheckpointSaved, 9, Command(7, "x", "learning_rate", 0.5)))
    rates = [(message.step, message.learning_rate) for message in validated(said)]
    assert rates == [(0, 0.001), (9, 0.001), (18, 0.5), (27, 0.5)]


def test_a_setting_that_a_checkpoint_does_not_have_is_given_again_and_one_that_it_has_is_not(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    """The rate is changed after the checkpoint of step 9, so it is in that of step 18 and not in that of step 9."""
    asked = Command(7, "x", "learning_rate", 0.5)
    work(request_small, tmp_path, on(CheckpointSaved, 9, asked))
    states = {step: checkpoint.load(tmp_path / f"{step:08d}.pt") for step in (9, 18)}
    assert {step: dict(state.commands) for step, state in states.items()} == {9: {}, 18: {"learning_rate": 7}}
    for step in (9, 18):
        said = work(request_small, tmp_path, resume=tmp_path / f"{step:08d}.pt", settings=(asked,))
        changes = [message for message in said if isinstance(message, Change)]
        assert [(change.step, change.after) for change in changes] == ([(9, 0.5)] if step == 9 else [])
        assert {message.learning_rate for message in validated(said)} == {0.5}


def test_a_setting_that_waits_for_the_next_step_is_not_yet_in_the_checkpoint(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    """Taken between the end of an epoch and its checkpoint, it holds only from the next step on."""
    asked = Command(7, "x", "batch_size", 32)
    work(request_small, tmp_path, on(events.EpochFinished, 9, asked))
    assert dict(checkpoint.load(tmp_path / "00000009.pt").commands) == {}
    # 9 steps of 64, then two epochs of 16 steps of 32 and one of 28
    assert dict(checkpoint.load(tmp_path / "00000043.pt").commands) == {"batch_size": 7}


def test_told_to_leave_it_saves_and_another_goes_on_to_the_same_weights(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    work(request_small, tmp_path / "whole")
    said = work(request_small, tmp_path / "parts", on(StepReport, 2, LEAVE))
    *_, saved, interrupted = said
    assert isinstance(saved, CheckpointSaved) and isinstance(interrupted, Interrupted)
    assert 2 <= saved.step < 27
    rest = work(request_small, tmp_path / "parts", resume=tmp_path / "parts" / saved.file)
    assert rest[0].step == saved.step and rest[-1].reason == "completed"
    whole, parts = (checkpoint.load(tmp_path / name / "00000027.pt") for name in ("whole", "parts"))
    assert all(torch.equal(whole.model[name], parts.model[name]) for name in whole.model)


HELD = 0.5  # seconds, at least


def later(*commands: Command) -> Answer:
    """Give commands a while after the checkpoint of step 9, once."""
    given = []

    def answer(message: Message, queue: SimpleQueue[Command]) -> None:
        if isinstance(message, CheckpointSaved) and message.step == 9 and not given:
            given.append(message)
            threading.Timer(HELD, lambda: [queue.put(command) for command in commands]).start()

    return answer


def both(*answers: Answer) -> Answer:
    return lambda message, commands: [answer(message, commands) for answer in answers] and None


def test_held_by_its_keeper_it_takes_no_step_says_nothing_and_counts_no_seconds(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    began = time.monotonic()
    said = work(request_small, tmp_path, both(on(CheckpointSaved, 9, HOLD), later(GO)))
    epoch = ["Evaluated", "EpochFinished", "CheckpointSaved"]
    assert kinds(said) == ["Started", "Evaluated", "CheckpointSaved", *epoch * 3, "Tested", "Finished"]
    assert said[-1].seconds < time.monotonic() - began - HELD


@pytest.mark.parametrize("order", ["held first", "paused first"])
def test_a_pause_outlasts_what_the_keeper_holds_up(
    order: str, silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    pause, resume = Command(7, "x", "pause", None), Command(8, "x", "resume", None)
    both_ways = (HOLD, pause, GO) if order == "held first" else (pause, HOLD, GO)
    began = time.monotonic()
    said = work(request_small, tmp_path, both(on(CheckpointSaved, 9, *both_ways), later(resume)))
    after = said[said.index(Paused()) :]
    assert after[:4] == [Paused(), Acknowledged(7), Resumed(), Acknowledged(8)]
    assert said[-1].reason == "completed" and said[-1].seconds < time.monotonic() - began - HELD


def test_held_it_leaves_all_the_same(silhouettes: Path, request_small: RunRequest, tmp_path: Path) -> None:
    said = work(request_small, tmp_path, on(CheckpointSaved, 9, HOLD, LEAVE))
    assert isinstance(said[-2], CheckpointSaved) and isinstance(said[-1], Interrupted)


def test_on_a_full_disk_it_pauses_says_so_and_tries_again(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, faults = checkpoint.save, [OSError(28, "No space left on device")] * 2

    def save(state: checkpoint.TrainingState, path: Path) -> tuple[int, str]:
        if state.step == 9 and faults:
            raise faults.pop()
        return real(state, path)

    monkeypatch.setattr(checkpoint, "save", save)

    def make_room(message: Message, commands: SimpleQueue[Command]) -> None:
        if isinstance(message, Paused):
            commands.put(Command(5, "x", "resume", None))

    said = work(request_small, tmp_path, make_room)
    pauses = [message for message in said if isinstance(message, Paused)]
    assert [pause.message for pause in pauses] == [
        "The weights can't be saved (No space left on device). Make room, then resume."
    ] * 2
    assert [message.step for message in said if isinstance(message, CheckpointSaved)] == [0, 9, 18, 27]
    assert said[-1].reason == "completed"


def test_a_diverged_run_is_not_tested_and_keeps_what_it_had(
    silhouettes: Path, request_small: RunRequest, tmp_path: Path
) -> None:
    request = RunRequest(
        request_small.network,
        request_small.data,
        TrainingConfig(epochs=2, optimizer="sgd", learning_rate=1e38),
    )
    said = work(request, tmp_path)
    assert "Tested" not in kinds(said)
    assert said[-1].reason == "diverged" and "1e+37" in said[-1].message
    assert [file.name for file in tmp_path.iterdir()] == ["00000000.pt"]


def test_each_reason_why_a_run_can_not_be_trained_is_a_sentence(
    request_small: RunRequest, tmp_path: Path
) -> None:
    with pytest.raises(Exception) as missing:
        work(RunRequest(request_small.network, DataChoice("fashion-mnist"), request_small.config), tmp_path)
    assert "Fashion-MNIST" in worker.failure(missing.value)  # type: ignore[arg-type]
    memory = RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes")
    assert "smaller batch size" in worker.failure(memory)
    assert (
        worker.failure(MemoryError())
        == worker.failure(RuntimeError("std::bad_alloc"))
        == worker.failure(memory)
    )
    assert "The GPU's memory" in worker.failure(torch.OutOfMemoryError("CUDA out of memory."))
    assert worker.failure(KeyError("x")) == "KeyError: 'x'"


def test_commands_survive_their_line() -> None:
    command = Command(3, "beef", "learning_rate", 0.125)
    assert command_from_line(command_to_line(command)) == command


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", "nonsense", '{"event": "Exploded"}', '{"event": "Paused", "x": 1}']
)
def test_a_line_that_is_no_message_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not a worker's message"):
        from_line(line)
