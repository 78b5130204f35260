"""Saved designs: a visitor finds again what is theirs, and nobody changes what is not."""

import time
from pathlib import Path

import pytest

from core.networks.edit import rename
from core.networks.link import decode, encode
from core.training.runs.designs import DesignStore
from pages.design.saved import ago
from pages.shared.server import run_store
from tests.pages.design_visit import (
    ADA,
    BOB,
    LENET,
    MINE,
    TINY,
    keys,
    linked,
    network,
    open_page,
    press,
    refuse,
    said,
    visitor,
    with_menu,
)


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada visits, unless the test says otherwise."""
    visitor(monkeypatch, ADA)


@pytest.fixture
def store(data_folder: Path) -> DesignStore:
    return DesignStore(run_store().database)


def names(store: DesignStore, owner: str = ADA) -> list[str]:
    return [design.name for design in store.designs(owner)]


def test_a_design_is_saved_under_its_name(store: DesignStore) -> None:
    app = open_page(MINE)
    press(app, "save_design")
    assert said(app) == "Saved my net."
    (design,) = store.designs()
    assert (design.name, design.spec, design.owner) == ("my net", MINE, ADA)


def test_saving_again_takes_its_place_and_the_old_one_can_be_brought_back(store: DesignStore) -> None:
    app = open_page(MINE)
    press(app, "save_design")
    (first,) = store.designs()
    app.query_params["design"] = encode(rename(TINY, "my net"))
    app.run()
    press(app, "save_design")
    assert "in place of" in said(app)
    (second,) = store.designs()
    assert (second.id, second.spec.layers) == (first.id, TINY.layers)

    app.session_state["designs"] = True
    app.run()
    (old,) = store.deleted(ADA)
    press(app, f"restore_{old.id}")
    assert {design.spec.layers for design in store.designs()} == {MINE.layers, TINY.layers}


def test_another_name_makes_another_design(store: DesignStore) -> None:
    app = open_page(MINE)
    press(app, "save_design")
    app.text_input(key="design_name").set_value("second").run()
    press(app, "save_design")
    assert sorted(names(store)) == ["my net", "second"]


def test_a_saved_design_is_opened_and_that_can_be_undone(store: DesignStore) -> None:
    saved = store.save(MINE, ADA)
    app = with_menu(TINY)
    press(app, f"open_{saved.id}")
    assert network(app) == decode(linked(app)) == MINE
    assert said(app) == "Opened my net."
    press(app, "undo")
    assert network(app) == TINY


def test_one_line_says_what_a_saved_design_is(store: DesignStore) -> None:
    store.save(TINY, ADA)
    # 5·5·5 + 5, 5·5·5·12 + 12, 192·125 + 125, 125·10 + 10
    captions = [caption.value for caption in with_menu().caption]
    assert "10 layers · 27,027 parameters · just now · yours" in captions


def test_renaming(store: DesignStore) -> None:
    saved = store.save(MINE, ADA)
    app = with_menu()
    press(app, f"rename_{saved.id}")
    app.text_input(key=f"name_{saved.id}").set_value("better").run()
    assert names(store) == ["better"]
    assert f"name_{saved.id}" not in {field.key for field in app.text_input}
    press(app, f"rename_{saved.id}")
    app.text_input(key=f"name_{saved.id}").set_value("   ").run()
    assert "1 to 60 characters" in said(app)
    assert names(store) == ["better"]


def test_deleting_and_bringing_back(store: DesignStore) -> None:
    saved = store.save(MINE, ADA)
    app = with_menu()
    press(app, f"delete_{saved.id}")
    assert store.designs() == [] and f"open_{saved.id}" not in keys(app)
    press(app, f"restore_{saved.id}")
    assert store.designs() == [saved]
    assert f"open_{saved.id}" in keys(app)


def test_what_others_saved_can_be_opened_but_not_changed(store: DesignStore) -> None:
    mine, theirs = store.save(rename(TINY, "mine"), ADA), store.save(rename(MINE, "theirs"), BOB)
    app = with_menu()
    listed = [text.value for text in app.text if text.value in ("mine", "theirs")]
    assert listed == ["mine", "theirs"]  # one's own first, though it is older
    assert any("saved by someone else" in caption.value for caption in app.caption)
    assert {f"open_{theirs.id}", f"open_{mine.id}", f"rename_{mine.id}", f"delete_{mine.id}"} <= keys(app)
    assert not {f"rename_{theirs.id}", f"delete_{theirs.id}"} & keys(app)
    press(app, f"open_{theirs.id}")
    assert network(app) == theirs.spec
    press(app, "save_design")  # a copy of one's own
    assert [design.owner for design in store.designs(ADA)] == [ADA, ADA, BOB]


def test_without_cookies_everything_works_too(store: DesignStore, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor(monkeypatch, "")
    app = open_page(MINE)
    press(app, "save_design")
    (saved,) = store.designs()
    assert saved.owner == ""
    app.session_state["designs"] = True
    app.run()
    press(app, f"delete_{saved.id}")
    assert store.designs() == []


def test_many_designs_are_found_by_name(store: DesignStore) -> None:
    for number in range(40):
        store.save(rename(LENET, f"net {number}"), BOB)
    app = with_menu()
    assert sum(key.startswith("open_") for key in keys(app)) == 30
    assert any("and 10 more" in caption.value for caption in app.caption)
    app.text_input(key="find_design").set_value("NET 39").run()
    assert sum(key.startswith("open_") for key in keys(app)) == 1


def test_what_was_deleted_meanwhile_is_said(store: DesignStore) -> None:
    saved = store.save(MINE, ADA)
    app = with_menu(TINY)
    store.delete(saved.id, ADA)
    press(app, f"open_{saved.id}")
    assert "may have been deleted" in said(app)
    assert network(app) == TINY


def test_a_store_that_can_not_be_used_is_said_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("save", "designs", "deleted"):
        monkeypatch.setattr(DesignStore, name, refuse)
    app = with_menu(MINE)
    assert "disk is full" in app.warning[0].value
    press(app, "save_design")
    assert "disk is full" in said(app)
    assert network(app) == MINE


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (7300, "2 hours ago"),
        (90_000, "1 day ago"),
    ],
)
def test_how_long_ago(seconds: float, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e9)
    assert ago(1e9 - seconds) == words
