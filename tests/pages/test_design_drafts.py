"""Drafts: what a visitor was working on is there again."""

import pytest

from core.networks.edit import append, rename
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.runs.drafts import Drafts
from tests.pages.design_visit import ADA, BOB, LENET, MINE, TINY, network, open_page, press, refuse, visitor


@pytest.fixture(autouse=True)
def ada(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada visits, unless the test says otherwise."""
    visitor(monkeypatch, ADA)


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
