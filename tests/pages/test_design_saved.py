"""Saving a design, opening, renaming, deleting and bringing it back; files, links and the draft."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.edit import rename, replace_setting
from core.networks.gallery import NAMED_NETWORKS
from core.networks.json_form import to_json
from core.networks.link import decode
from core.networks.spec import NetworkSpec, SpecError
from core.training.runs.designs import Design
from pages.design import saved
from pages.design.exchange import MOST_BYTES, link, read

PAGE = Path(__file__).parents[2] / "pages" / "design" / "page.py"
LENET = NAMED_NETWORKS["LeNet"]
MINE = rename(replace_setting(LENET, (0,), "out_channels", 7), "Mine")
ADA, BOB = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, ADA)


def be(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.setattr("pages.design.saved.visitor_id", lambda: number)
    monkeypatch.setattr("pages.shared.draft.visitor_id", lambda: number)


def open_page(network: NetworkSpec | None = None) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    app.session_state["designs"] = True
    if network:
        app.session_state["network"] = network
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def designs() -> list[Design]:
    return saved.store().designs(ADA)


def test_a_saved_design_is_opened_and_that_can_be_undone() -> None:
    app = open_page(MINE)
    click(app, "save_design")
    (one,) = designs()
    assert (one.spec, one.owner) == (MINE, ADA)
    other = open_page(LENET)
    click(other, f"open_{one.id}")
    assert other.session_state["network"] == MINE
    click(other, "undo")
    assert other.session_state["network"] == LENET


def test_saving_again_under_the_same_name_replaces_and_says_so() -> None:
    app = open_page(MINE)
    click(app, "save_design")
    changed = replace_setting(MINE, (0,), "kernel", 3)
    app = open_page(changed)
    click(app, "save_design")
    assert "in place of" in app.toast[0].value
    (one,) = designs()
    assert one.spec == changed != MINE


def test_rename_delete_and_bring_back() -> None:
    one = saved.store().save(MINE, ADA)
    app = open_page()
    click(app, f"rename_{one.id}")
    app.text_input(key=f"name_{one.id}").set_value("Better").run()
    assert [d.name for d in designs()] == ["Better"]
    click(app, f"delete_{one.id}")
    assert designs() == []
    click(app, f"restore_{one.id}")
    assert [d.name for d in designs()] == ["Better"]


def test_what_someone_else_saved_can_only_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    one = saved.store().save(MINE, BOB)
    keys = {button.key for button in open_page().button}
    assert f"open_{one.id}" in keys
    assert not {f"rename_{one.id}", f"delete_{one.id}"} & keys


def test_a_link_leads_to_the_design() -> None:
    word = parse_qs(urlsplit(link(MINE)).query)["design"][0]
    assert decode(word) == MINE


def test_a_file_comes_back_as_it_left() -> None:
    assert read(to_json(MINE, indent=2).encode()) == MINE
    assert read(b"\xef\xbb\xbf" + to_json(MINE).encode()) == MINE


def test_a_file_of_version_1_is_migrated() -> None:
    old = {"version": 1, "name": "Old", "layers": [{"kind": "Flatten"}]}
    assert [layer.kind for layer in read(json.dumps(old).encode()).layers] == ["Flatten"]


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\xff", "byte 0"),
        (b" " * (MOST_BYTES + 1), "400,001 bytes"),
        (b'{"version": 2,', "line 1"),
        (
            b'{"version": 2, "name": "x", "layers": [{"kind": "Conv2d", "kernel": 0}]}',
            "layers[0].kernel",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(data: bytes, place: str) -> None:
    with pytest.raises(SpecError) as refusal:
        read(data)
    assert place in str(refusal.value)


def test_a_visitor_finds_their_last_design_again_unless_a_link_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_page()
    app.text_input(key="design_name").set_value("Left here").run()
    assert open_page().session_state["network"].name == "Left here"
    linked = AppTest.from_file(str(PAGE), default_timeout=30)
    linked.query_params["design"] = "LeNet_tiny"
    linked.run()
    assert linked.session_state["network"] == NAMED_NETWORKS["LeNet_tiny"]
    be(monkeypatch, BOB)
    assert open_page().session_state["network"] == LENET
