"""A visit to the Design page, as several tests make it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.networks.edit import rename, replace_setting
from core.networks.gallery import NAMED_NETWORKS
from core.networks.link import encode
from core.networks.spec import NetworkSpec
from core.training.runs.database import StoreUnavailable
from pages.shared.visitor import COOKIE

PAGE = Path(__file__).parents[2] / "pages" / "design" / "page.py"
LENET, TINY = NAMED_NETWORKS["LeNet"], NAMED_NETWORKS["LeNet_tiny"]
MINE = rename(replace_setting(LENET, (0,), "out_channels", 7), "my net")
ADA, BOB = "a" * 32, "b" * 32


def visitor(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    """From now on it is the browser with this number that visits."""
    cookies: Mapping[str, str] = {COOKIE: number}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))


def open_page(design: NetworkSpec | str | None = None, view: str = "") -> AppTest:
    """The page as a new visitor sees it, whose address may hold a design, or a word that should be one."""
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    if design is not None:
        app.query_params["design"] = encode(design) if isinstance(design, NetworkSpec) else design
    if view:
        app.query_params["view"] = view
    app.run()
    assert not app.exception
    return app


def press(app: AppTest, key: str) -> None:
    """Press a button."""
    app.button(key=key).click().run()
    assert not app.exception


def network(app: AppTest) -> NetworkSpec:
    """The design on the page."""
    spec: NetworkSpec = app.session_state["network"]
    return spec


def linked(app: AppTest) -> str:
    """What stands for the design in the address."""
    word = app.query_params["design"]
    return word if isinstance(word, str) else word[0]


def keys(app: AppTest) -> set[str]:
    """All buttons that there are."""
    return {str(button.key) for button in app.button}


def with_menu(design: NetworkSpec | None = None) -> AppTest:
    """The page with the menu of designs open."""
    app = open_page(design)
    app.session_state["designs"] = True
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """What the page says for a moment."""
    return str(app.toast[0].value)


def refuse(*_: object) -> Any:
    """In the place of the store's methods: the disk is full."""
    raise StoreUnavailable("The run store can't be used just now (disk is full).")
