import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from core.networks.edit import append, rename
from core.networks.gallery import EMPTY, NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import SpecError
from core.training.runs import designs as module
from core.training.runs.database import Database, StoreUnavailable
from core.training.runs.designs import DesignMissing, DesignRefused, DesignStore

ROOT = Path(__file__).parents[4]
LENET, TINY = NAMED_NETWORKS["LeNet"], NAMED_NETWORKS["LeNet_tiny"]
MINE = rename(append(LENET, layer("Dropout", p=0.25)), "my net")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "runs")


@pytest.fixture
def store(database: Database) -> DesignStore:
    return DesignStore(database)


class Clock:
    """A time that only this test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(module.time, "time", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def names(store: DesignStore, owner: str = "") -> list[str]:
    return [design.name for design in store.designs(owner)]


def test_a_saved_design_comes_back_as_it_was(store: DesignStore, clock: Clock, tmp_path: Path) -> None:
    saved = store.save(MINE, "ada")
    assert (saved.name, saved.owner, saved.spec) == ("my net", "ada", MINE)
    assert (saved.created, saved.changed, saved.deleted) == (1000.0, 1000.0, None)
    assert store.get(saved.id) == saved
    assert DesignStore(Database(tmp_path / "runs")).designs() == [saved]


@pytest.mark.parametrize("network", [*NAMED_NETWORKS.values(), EMPTY], ids=lambda network: network.name)
def test_each_gallery_network_can_be_saved(store: DesignStore, network: module.NetworkSpec) -> None:
    assert store.get(store.save(network).id).spec == network


def test_ones_own_come_first_and_of_these_the_last_changed(store: DesignStore, clock: Clock) -> None:
    saved = {}
    for name, owner in (("a", "ada"), ("b", "bob"), ("c", "ada"), ("d", "bob")):
        clock.now += 1
        saved[name] = store.save(rename(LENET, name), owner)
    assert names(store, "ada") == ["c", "a", "d", "b"]
    assert names(store, "bob") == ["d", "b", "c", "a"]
    assert names(store, "cyd") == names(store) == ["d", "c", "b", "a"]
    clock.now += 1
    store.replace(saved["a"].id, rename(TINY, "a"), "ada")
    assert names(store, "ada") == ["a", "c", "d", "b"]


def test_rename_and_replace(store: DesignStore, clock: Clock) -> None:
    saved = store.save(MINE, "ada")
    clock.now = 2000.0
    store.rename(saved.id, "  another ", "ada")
    renamed = store.get(saved.id)
    assert renamed == replace(saved, name="another", spec=rename(MINE, "another"), changed=2000.0)
    clock.now = 3000.0
    replaced = store.replace(saved.id, TINY, "ada")
    assert replaced == replace(saved, name="LeNet_tiny", spec=TINY, changed=3000.0)
    assert store.designs() == [replaced]
    with pytest.raises(SpecError, match="1 to 60 characters"):
        store.rename(saved.id, "  ", "ada")
    assert store.get(saved.id).name == "LeNet_tiny"


def test_what_is_deleted_can_be_brought_back_for_a_day(store: DesignStore, clock: Clock) -> None:
    first, second = store.save(MINE, "ada"), store.save(LENET, "ada")
    store.delete(first.id, "ada")
    assert store.designs("ada") == [second]
    assert [design.id for design in store.deleted("ada")] == [first.id]
    assert store.deleted("bob") == []
    with pytest.raises(DesignMissing, match=first.id):
        store.get(first.id)
    with pytest.raises(DesignMissing, match="may have been deleted"):
        store.delete(first.id, "ada")
    clock.now += module.KEPT_DELETED - 1
    assert store.bring_back(first.id, "ada") == first
    assert store.deleted("ada") == []
    with pytest.raises(DesignMissing):  # it is back already
        store.bring_back(first.id, "ada")

    store.delete(first.id, "ada")
    clock.now += module.KEPT_DELETED
    assert store.deleted("ada") == []
    with pytest.raises(DesignMissing):
        store.bring_back(first.id, "ada")
    store.delete(second.id, "ada")  # the first is then gone for good
    clock.now -= module.KEPT_DELETED
    assert [design.id for design in store.deleted("ada")] == [second.id]


def test_what_was_saved_over_can_be_brought_back(store: DesignStore, clock: Clock) -> None:
    first = store.save(MINE, "ada")
    clock.now += 60
    second = store.replace(first.id, rename(TINY, "my net"), "ada")
    (before,) = store.deleted("ada")
    assert (before.name, before.spec, before.changed, before.deleted) == ("my net", MINE, 1000.0, 1060.0)
    store.replace(first.id, rename(TINY, "my net"), "ada")  # the same once more
    assert store.deleted("ada") == [before]
    assert store.bring_back(before.id, "ada").spec == MINE
    assert [design.id for design in store.designs("ada")] == [first.id, before.id]
    assert store.get(first.id).spec == second.spec


def test_only_the_owner_changes_a_design(store: DesignStore) -> None:
    saved = store.save(MINE, "ada")
    nobodys = store.save(LENET)
    for stranger in ("bob", ""):
        for change in (
            lambda: store.rename(saved.id, "stolen", stranger),  # noqa: B023
            lambda: store.replace(saved.id, LENET, stranger),  # noqa: B023
            lambda: store.delete(saved.id, stranger),  # noqa: B023
        ):
            with pytest.raises(DesignRefused, match=r"'my net' was saved by someone else.*save it as one of"):
                change()
    assert store.get(saved.id) == saved
    store.delete(saved.id, "ada")
    with pytest.raises(DesignRefused, match="someone else"):
        store.bring_back(saved.id, "bob")
    with pytest.raises(DesignRefused, match="someone else"):
        store.delete(nobodys.id, "ada")
    store.delete(nobodys.id)


def test_a_missing_design_is_named(store: DesignStore) -> None:
    for ask in (
        store.get,
        store.delete,
        store.bring_back,
        lambda design: store.rename(design, "x"),
        lambda design: store.replace(design, LENET),
    ):
        with pytest.raises(DesignMissing, match="'beef'; it may have been deleted"):
            ask("beef")


def test_one_owner_can_not_fill_the_store(store: DesignStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    kept = [store.save(MINE, "ada") for _ in range(3)]
    with pytest.raises(DesignRefused, match=r"You have 3 saved designs.*delete one"):
        store.save(MINE, "ada")
    store.save(MINE, "bob")
    store.delete(kept[0].id, "ada")
    store.save(MINE, "ada")
    assert len(store.designs()) == 4


def test_what_could_not_be_read_again_is_not_saved(store: DesignStore) -> None:
    with pytest.raises(SpecError, match="layers"):
        store.save(append(EMPTY, *[layer("ReLU")] * 5000))
    with pytest.raises(SpecError, match="allowed"):
        store.save(append(EMPTY, replace(layer("ReLU"), kind="Magic")))
    assert store.designs() == []


@pytest.mark.parametrize("text", ["", "{}", '{"version": 99, "name": "later", "layers": []}'])
def test_a_design_that_this_version_can_not_read_does_not_hide_the_others(
    store: DesignStore, database: Database, text: str
) -> None:
    odd, whole = store.save(MINE), store.save(LENET)
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE designs SET spec = ? WHERE id = ?", (text, odd.id))
    assert store.designs() == [whole]
    with pytest.raises(DesignMissing, match="'my net' can't be read by this version: "):
        store.get(odd.id)
    store.delete(odd.id)
    assert store.deleted() == [] and store.designs() == [whole]


def test_designs_saved_by_version_1_of_the_json_are_read(store: DesignStore, database: Database) -> None:
    saved = store.save(EMPTY)
    text = '{"version":1,"name":"My network","layers":[{"kind":"Conv2d","out_channels":4,"kernel":3}]}'
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE designs SET spec = ? WHERE id = ?", (text, saved.id))
    assert store.get(saved.id).spec == append(EMPTY, layer("Conv2d", out_channels=4, kernel=3))


def test_many_threads_save_at_once(store: DesignStore) -> None:
    faults: list[Exception] = []

    def work(owner: str) -> None:
        try:
            for number in range(10):
                saved = store.save(rename(LENET, f"{owner} {number}"), owner)
                store.replace(saved.id, rename(TINY, f"{owner} {number}"), owner)
                if number % 2:
                    store.delete(saved.id, owner)
                store.designs(owner)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(f"owner{i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert len(store.designs()) == 30 and {design.spec.layers for design in store.designs()} == {TINY.layers}


def test_two_processes_share_the_designs(store: DesignStore, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from core.training.runs.database import Database\n"
        "from core.training.runs.designs import DesignStore; from core.networks.gallery import EMPTY\n"
        "store = DesignStore(Database(Path(sys.argv[1])))\n"
        "print(*[store.save(EMPTY, 'other').id for _ in range(20)])"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "runs")]
    other = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    mine = [store.save(LENET, "mine").id for _ in range(20)]
    theirs, _ = other.communicate(timeout=120)
    assert {design.id for design in store.designs()} == {*mine, *theirs.split()}
    assert len(store.designs()) == 40


def test_a_full_disk_is_said_in_a_sentence_and_changes_nothing(
    store: DesignStore, database: Database
) -> None:
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # no more than it has
    with pytest.raises(StoreUnavailable, match="disk is full"):
        for _ in range(module.MOST):
            store.save(LENET)
    stored = len(store.designs())
    with database.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    store.save(LENET)
    assert len(store.designs()) == stored + 1
