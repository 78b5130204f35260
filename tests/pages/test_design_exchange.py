"""Designs as links and as files."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.json_form import from_json, to_json
from core.networks.kinds import layer
from core.networks.link import decode
from core.networks.spec import NetworkSpec, SpecError
from pages.design.exchange import MOST_BYTES, link, read
from tests.pages.design_visit import MINE, TINY, linked, network, press, said, with_menu


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
    assert network(app) == decode(linked(app)) == MINE
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
