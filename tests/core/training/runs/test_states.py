"""Which states a run goes through, and what a person may ask of it in each."""

import pytest

from core.training.config import RunRequest
from core.training.runs import transitions
from core.training.runs.records import Run
from core.training.runs.states import ACTIONS, STATES, NotPossible
from core.training.runs.store import RunStore
from core.training.runs.transitions import move
from core.training.workers.dispatch import Dispatch


def in_state(store: RunStore, request: RunRequest, state: str) -> Run:
    """A run that was brought into a state by the shortest way."""
    way = {
        "queued": (),
        "running": ("running",),
        "paused": ("running", "paused"),
        "completed": ("running", "completed"),
        "stopped": ("stopped",),
        "diverged": ("running", "diverged"),
        "interrupted": ("running", "interrupted"),
        "failed": ("failed",),
    }[state]
    run = store.add(request)
    with store.database.writing() as connection:
        for step in way:
            move(connection, run.number, step)
    return store.get(run.id)


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_run_that_a_worker_has_can_not_be_deleted(
    state: str, store: RunStore, request_small: RunRequest
) -> None:
    run = in_state(store, request_small, state)
    with pytest.raises(NotPossible, match="stop it before you delete it"):
        store.delete(run.id)
    assert store.get(run.id).state == state


@pytest.mark.parametrize("before", STATES)
def test_only_the_changes_of_the_table_happen(
    before: str, store: RunStore, request_small: RunRequest
) -> None:
    for after in STATES:
        run = in_state(store, request_small, before)
        with store.database.writing() as connection:
            if after == before:
                assert not move(connection, run.number, after)
            elif after in STATES[before].following:
                assert move(connection, run.number, after)
            else:
                with pytest.raises(NotPossible, match=f"is {before}"):
                    move(connection, run.number, after)
        reached = after if after in STATES[before].following else before
        assert store.get(run.id).state == reached


SETTINGS = ("learning_rate", "weight_decay", "batch_size")  # those that a running worker can change

# what a person may ask: (state, action) → the state afterwards, "told" where a worker must answer
ASKED = {
    ("queued", "resume"): "queued",
    ("queued", "stop"): "stopped",
    ("running", "pause"): "told",
    ("running", "resume"): "running",
    ("running", "stop"): "told",
    **{("running", action): "told" for action in ("step", "epoch", *SETTINGS)},
    ("paused", "pause"): "paused",
    ("paused", "resume"): "told",
    ("paused", "stop"): "told",
    **{("paused", action): "told" for action in ("step", "epoch", *SETTINGS)},
    ("stopped", "stop"): "stopped",
    ("interrupted", "resume"): "queued",
    ("interrupted", "stop"): "stopped",
    ("failed", "resume"): "queued",
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_may_be_asked_in_which_state(
    state: str, action: str, store: RunStore, request_small: RunRequest
) -> None:
    dispatch = Dispatch(store)
    run = in_state(store, request_small, state)
    with store.database.writing() as connection:
        connection.exec_driver_sql(f"UPDATE runs SET keeper = '{dispatch.token}'")
    value = 2.0 if action in SETTINGS else None
    expected = ASKED.get((state, action))
    for _ in range(2):  # asking twice does no more than asking once
        if expected is None:
            with pytest.raises(NotPossible, match=f"Run 1 is {state}: you can't"):
                store.command(run.id, action, value)
            after = state
        else:
            after = store.command(run.id, action, value).state
        assert after == (state if expected in (None, "told") else expected)
    told = [(command.run, command.action, command.value) for command in dispatch.commands(after=0)]
    assert told == ([(run.id, action, value)] if expected == "told" else [])


@pytest.mark.parametrize("acknowledged", [False, True])
def test_a_run_that_was_asked_to_stop_is_stopped_when_its_worker_is_gone(
    acknowledged: bool, store: RunStore, request_small: RunRequest
) -> None:
    """A worker may die before it takes the command, or between that and the end of the last evaluation."""
    run = in_state(store, request_small, "running")
    store.command(run.id, "stop")
    with store.database.writing() as connection:
        if acknowledged:
            connection.exec_driver_sql("UPDATE commands SET acknowledged = 1.0")
        assert move(connection, run.number, "interrupted", message="killed")
        assert not move(connection, run.number, "interrupted")
    now = store.get(run.id)
    assert now.state == "stopped" and now.message == transitions.STOPPED


@pytest.mark.parametrize("value", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_no_rate_is_refused(
    value: float | None, store: RunStore, request_small: RunRequest
) -> None:
    run = in_state(store, request_small, "running")
    with pytest.raises(ValueError, match="learning rate"):
        store.command(run.id, "learning_rate", value)
    with pytest.raises(ValueError, match="pause, resume, stop, step, epoch, learning_rate, weight_decay"):
        store.command(run.id, "explode")
