"""The states of a run, and which may follow which; what a person may ask in which state."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StateKind:
    """One state of a run."""

    meaning: str  # one sentence, for a tooltip
    following: frozenset[str]  # the states that may come next


def _state(meaning: str, *following: str) -> StateKind:
    return StateKind(meaning, frozenset(following))


STATES: dict[str, StateKind] = {
    "queued": _state("It waits for its turn.", "running", "stopped", "failed"),
    "running": _state(
        "A worker trains it.", "paused", "completed", "stopped", "diverged", "interrupted", "failed"
    ),
    "paused": _state("Its worker waits for you.", "running", "stopped", "interrupted", "failed"),
    "completed": _state("It trained as long as it was asked to."),
    "stopped": _state("It was stopped before its end, and keeps what it learned."),
    "diverged": _state("Its loss was no finite number any more, so it ended."),
    "interrupted": _state("Its worker is gone; it can go on from its last checkpoint.", "queued", "stopped"),
    "failed": _state("It could not be trained; the message says why.", "queued"),
}
ACTIVE = frozenset({"running", "paused"})  # a worker has it
ENDED = frozenset({"completed", "stopped", "diverged"})  # nothing more will happen to it


@dataclass(frozen=True)
class ActionKind:
    """One thing that a person may ask of a run."""

    label: str
    told: frozenset[str]  # in these states the worker is told, and the state follows when it answers
    moves: dict[str, str]  # in these states there is no worker: the store moves the run itself
    fulfilled: frozenset[str]  # in these states there is nothing to do


ACTIONS: dict[str, ActionKind] = {
    "pause": ActionKind("pause", frozenset({"running"}), {}, frozenset({"paused"})),
    "resume": ActionKind(
        "resume",
        frozenset({"paused"}),
        {"interrupted": "queued", "failed": "queued"},
        frozenset({"running", "queued"}),
    ),
    "stop": ActionKind(
        "stop", ACTIVE, {"queued": "stopped", "interrupted": "stopped"}, frozenset({"stopped"})
    ),
    "step": ActionKind("take one step of", ACTIVE, {}, frozenset()),
    "epoch": ActionKind("train one epoch of", ACTIVE, {}, frozenset()),
    "learning_rate": ActionKind("change the learning rate of", ACTIVE, {}, frozenset()),
    "weight_decay": ActionKind("change the weight decay of", ACTIVE, {}, frozenset()),
    "batch_size": ActionKind("change the batch size of", ACTIVE, {}, frozenset()),
}


class NotPossible(ValueError):
    """A command or a change of state that this run's state does not allow; the text says so in a sentence."""
