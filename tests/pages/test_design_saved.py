"""Saved designs, files, links and drafts: a visitor finds again what is theirs, and nobody changes what is not."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.networks.edit import append, rename, replace_setting
from core.networks.gallery import NAMED_NETWORKS
from core.networks.json_form import from_json, to_json
from core.networks.kinds import layer
from core.networks.link import decode, encode
from core.networks.spec import NetworkSpec, SpecError
from core.training.runs.database import StoreUnavailable
from core.training.runs.designs import DesignStore
from core.training.runs.drafts import Drafts
from pages.design.exchange import MOST_BYTES, link, read
from pages.design.saved import ago
from pages.shared.server import run_store
from pages.shared.visitor import COOKIE

PAGE = Path(__file__).parents[2] / "pages" / "design" / "page.py"
LENET, TINY = NAMED_NETWORKS["LeNet"], NAMED_NETWORKS["LeNet_tiny"]
MINE = rename(replace_setting(LENET, (0,), "out_channels", 7), "my net")
ADA, BOB = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada visits, unless the test says otherwise."""
    visitor(monkeypatch, ADA)


def visitor(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    cookies: Mapping[str, str] = {COOKIE: number}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))


@pytest.fixture
def store(data_folder: Path) -> DesignStore:
    return DesignStore(run_store().database)


def open_page(design: NetworkSpec | None = None) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    if design:
        app.query_params["design"] = encode(design)
    app.run()
    assert not app.exception
    return app


def with_menu(design: NetworkSpec | None = None) -> AppTest:
    """The page with the menu of designs open."""
    app = open_page(design)
    app.session_state["designs"] = True
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def network(app: AppTest) -> NetworkSpec:
    spec: NetworkSpec = app.session_state["network"]
    return spec


def linked(app: AppTest) -> NetworkSpec:
    """The design in the address."""
    word = app.query_params["design"]
    return decode(word if isinstance(word, str) else word[0])


def said(app: AppTest) -> str:
    return str(app.toast[0].value)


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def names(store: DesignStore, owner: str = ADA) -> list[str]:
    return [design.name for design in store.designs(owner)]


# saving and opening


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
    assert network(app) == linked(app) == MINE
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


def refuse(*_: object) -> Any:
    raise StoreUnavailable("The run store can't be used just now (disk is full).")


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


# links and files


def test_a_link_leads_to_the_design() -> None:
    word = parse_qs(urlsplit(link(MINE)).query)["design"][0]
    assert decode(word) == MINE


def upload(app: AppTest, content: bytes, name: str = "design.json") -> None:
    app.file_uploader[0].upload(name, content, "application/json").run()
    assert not app.exception


def test_a_downloaded_design_can_be_uploaded_again() -> None:
    text = to_json(MINE, indent=2)
    assert from_json(text) == MINE
    app = with_menu(TINY)
    upload(app, text.encode())
    assert network(app) == linked(app) == MINE
    assert said(app) == "Opened my net."
    press(app, "undo")
    assert network(app) == TINY


def test_a_file_of_version_1_is_migrated() -> None:
    kinds = [{"kind": "Conv2d", "kernel": 5, "out_channels": 4}, {"kind": "Flatten"}, {"kind": "Linear"}]
    app = with_menu()
    upload(app, json.dumps({"version": 1, "name": "old", "layers": kinds}).encode())
    expected = (layer("Conv2d", kernel=5, out_channels=4), layer("Flatten"), layer("Linear"))
    assert network(app) == NetworkSpec("old", expected)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (to_json(MINE).replace('"kernel":5', '"kernel":99', 1).encode(), "layers[0].kernel: 99, allowed"),
        (to_json(MINE).replace('"ReLU"', '"Relu"', 1).encode(), "layers[1].kind: unknown layer kind 'Relu'"),
        (b'{"version": 2,\n "name": "x",,}', "line 2, column"),
        (b'{"version": 99, "name": "x", "layers": []}', "version: 99, allowed 1 to 2"),
        (b"\xff\xfe\x00", "byte 0"),
        (b"[]", "A network is an object"),
    ],
    ids=["setting", "kind", "syntax", "version", "encoding", "list"],
)
def test_a_wrong_file_is_refused_with_the_place_that_is_wrong(content: bytes, place: str) -> None:
    app = with_menu(TINY)
    upload(app, content, "wrong.json")
    assert app.error[0].value.startswith("wrong.json was not opened. ")
    assert place in app.error[0].value
    assert network(app) == TINY
    upload(app, to_json(MINE).encode())  # the next one makes it forgotten
    assert not app.error and network(app) == MINE


def test_a_file_that_is_far_too_large_is_not_read() -> None:
    with pytest.raises(SpecError, match="400,001 bytes; a network has at most"):
        read(b" " * (MOST_BYTES + 1))
    assert read(b"\xef\xbb\xbf" + to_json(MINE).encode()) == MINE  # as Windows' editors write it


# drafts


def test_the_design_is_there_again_without_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_page(MINE)
    app.text_input(key="design_name").set_value("mine again").run()
    assert network(open_page()) == network(app) == rename(MINE, "mine again")
    visitor(monkeypatch, BOB)
    assert network(open_page()) == LENET


def test_a_link_wins_over_the_draft_and_does_not_replace_it() -> None:
    app = open_page(MINE)
    app.text_input(key="design_name").set_value("mine again").run()
    sent = rename(append(TINY, layer("ReLU")), "sent")
    visit = open_page(sent)
    assert network(visit) == sent
    assert network(open_page()) == rename(MINE, "mine again")
    press(visit, "undo")  # back to what one was working on
    assert network(visit) == rename(MINE, "mine again")


def test_without_cookies_no_draft_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor(monkeypatch, "")
    app = open_page(MINE)
    app.text_input(key="design_name").set_value("mine again").run()
    assert network(open_page()) == LENET


def test_a_draft_is_written_only_when_the_design_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[NetworkSpec] = []
    monkeypatch.setattr(Drafts, "keep", lambda _self, _owner, _slot, spec: written.append(spec))
    app = open_page(MINE)
    app.run()
    assert written == []
    app.text_input(key="design_name").set_value("mine again").run()
    app.run()
    press(app, "save_design")
    assert written == [rename(MINE, "mine again")]


def test_a_draft_that_can_not_be_kept_or_read_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("keep", "of"):
        monkeypatch.setattr(Drafts, name, refuse)
    app = open_page()
    assert network(app) == LENET
    app.text_input(key="design_name").set_value("mine").run()
    assert not app.exception and network(app).name == "mine"
