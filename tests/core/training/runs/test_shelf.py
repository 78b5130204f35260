"""What a person does with runs that are there: names, notes, archive, deletion and the way back."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from core.training.config import RunRequest
from core.training.runs import shelf
from core.training.runs.shelf import KEPT_DELETED, LONGEST_NAME, LONGEST_NOTE, NotYours
from core.training.runs.states import NotPossible
from core.training.runs.store import RunMissing, RunStore
from core.training.runs.tables import RUNS
from core.training.workers.dispatch import Dispatch


def test_the_owner_names_notes_and_archives(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small, owner="ada")
    store.command(run.id, "stop")
    store.rename(run.id, "  with \n Adam ", owner="ada")
    store.write_note(run.id, " better than run 3\n", owner="ada")
    store.archive(run.id, owner="ada")
    found = store.get(run.id)
    assert (found.name, found.note) == ("with Adam", "better than run 3")
    assert found.archived is not None
    store.archive(run.id, away=False, owner="ada")
    assert store.get(run.id).archived is None


@pytest.mark.parametrize(
    "change",
    [
        lambda store, run: store.rename(run, "mine", owner="bob"),
        lambda store, run: store.write_note(run, "mine", owner="bob"),
        lambda store, run: store.archive(run, owner="bob"),
        lambda store, run: store.delete(run, owner="bob"),
        lambda store, run: store.delete(run),  # nor may those without cookies
    ],
)
def test_someone_else_changes_nothing(
    store: RunStore, request_small: RunRequest, change: Callable[[RunStore, str], None]
) -> None:
    run = store.add(request_small, owner="ada")
    store.command(run.id, "stop")
    before = store.get(run.id)
    with pytest.raises(NotYours, match="Run 1 was started by someone else"):
        change(store, run.id)
    assert store.get(run.id) == before


def test_only_the_owner_brings_back_what_they_deleted(store: RunStore, request_small: RunRequest) -> None:
    first, second = (store.add(request_small, owner="ada") for _ in range(2))
    store.delete(first.id, owner="ada")
    store.delete(second.id, owner="ada")
    assert store.runs() == []
    assert [run.id for run in store.deleted("ada")] == [second.id, first.id]
    assert store.deleted("bob") == []
    with pytest.raises(NotYours):
        store.bring_back(first.id, owner="bob")
    store.bring_back(first.id, owner="ada")
    assert [run.id for run in store.runs()] == [first.id]
    assert [run.id for run in store.deleted("ada")] == [second.id]


def test_after_a_day_it_is_gone_with_its_weights(store: RunStore, request_small: RunRequest) -> None:
    old, other = store.add(request_small), store.add(request_small)
    weights = store.weights_folder(old.id)
    weights.mkdir(parents=True)
    store.delete(old.id)
    assert weights.exists()
    with store.database.writing() as connection:
        long_ago = time.time() - KEPT_DELETED - 1
        connection.execute(update(RUNS).where(RUNS.c.id == old.id).values(deleted=long_ago))
    assert store.deleted() == []
    with pytest.raises(RunMissing, match="brought back"):
        store.bring_back(old.id)
    store.delete(other.id)  # whoever deletes next clears away
    assert not weights.exists()


def test_what_is_under_way_is_neither_archived_nor_deleted(
    store: RunStore, request_small: RunRequest
) -> None:
    run = store.add(request_small)
    with pytest.raises(NotPossible, match="Run 1 is queued"):
        store.archive(run.id)
    assert Dispatch(store).claim() is not None
    with pytest.raises(NotPossible, match="Run 1 is running: stop it"):
        store.delete(run.id)


def test_names_and_notes_have_a_length(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small)
    store.rename(run.id, "n" * LONGEST_NAME)
    store.write_note(run.id, "n" * LONGEST_NOTE)
    with pytest.raises(ValueError, match=f"{LONGEST_NAME + 1} characters"):
        store.rename(run.id, "n" * (LONGEST_NAME + 1))
    with pytest.raises(ValueError, match=f"{LONGEST_NOTE + 1} characters"):
        store.write_note(run.id, "n" * (LONGEST_NOTE + 1))


def test_rename_and_delete(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small)
    store.rename(run.id, "  my run ")
    assert store.get(run.id).name == "my run"
    with pytest.raises(ValueError, match="name"):
        store.rename(run.id, " ")
    with pytest.raises(ValueError, match="81 characters"):
        store.rename(run.id, "x" * 81)
    weights = store.weights_folder(run.id)
    weights.mkdir(parents=True)
    store.delete(run.id)
    assert store.runs() == [] and store.queue() == []
    with pytest.raises(RunMissing):
        store.get(run.id)
    store.bring_back(run.id)
    assert store.get(run.id).name == "my run" and store.queue() == store.runs()
    assert weights.exists()


def test_a_deleted_run_goes_for_good_after_a_day(
    store: RunStore, request_small: RunRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, other = store.add(request_small), store.add(request_small)
    weights = store.weights_folder(run.id)
    weights.mkdir(parents=True)
    store.delete(run.id)
    monkeypatch.setattr(shelf, "KEPT_DELETED", 0.0)
    with pytest.raises(RunMissing, match="can't be brought back"):
        store.bring_back(run.id)
    store.delete(other.id)  # whoever deletes next clears up
    assert not weights.exists()
    with store.database.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(RUNS)) == 0


def test_notes_and_the_archive(store: RunStore, request_small: RunRequest) -> None:
    run = store.add(request_small)
    store.write_note(run.id, " for the report ")
    assert store.get(run.id).note == "for the report"
    with pytest.raises(ValueError, match="2001 characters"):
        store.write_note(run.id, "x" * 2001)
    with pytest.raises(NotPossible, match="queued"):
        store.archive(run.id)
    store.command(run.id, "stop")
    store.archive(run.id)
    assert store.get(run.id).archived
    store.archive(run.id, away=False)
    assert store.get(run.id).archived is None
