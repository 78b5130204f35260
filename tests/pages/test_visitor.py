"""Each browser gets a number of its own with the first page, and keeps it."""

import asyncio
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from http.cookies import SimpleCookie
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared.visitor import COOKIE, KEPT, VisitorCookie, visitor_id

NUMBER = "0123456789abcdef" * 2
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


def answer(accept: str = PAGE, cookie: str = "", kind: str = "http") -> list[dict[str, Any]]:
    """What reaches the browser of an app that says "hello"."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
        await send({"type": "http.response.body", "body": b"hello"})

    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"accept", accept.encode()), (b"cookie", cookie.encode())]
    scope = {"type": kind, "path": "/design", "headers": headers}
    with ThreadPoolExecutor(1) as thread:  # where no browser test has an event loop of its own
        thread.submit(lambda: asyncio.run(VisitorCookie(app)(scope, None, send))).result()  # type: ignore[arg-type]
    return sent


def given(sent: list[dict[str, Any]]) -> str | None:
    """The Set-Cookie header of an answer."""
    values = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
    assert len(values) <= 1
    return values[0] if values else None


def number_in(header: str | None) -> str:
    assert header
    return SimpleCookie(header)[COOKIE].value


def test_a_new_browser_gets_a_number_with_its_first_page() -> None:
    sent = answer()
    header = given(sent)
    assert header and re.fullmatch(
        rf"{COOKIE}=[0-9a-f]{{32}}; Max-Age={KEPT}; Path=/; HttpOnly; SameSite=Lax", header
    )
    assert (b"x-own", b"1") in sent[0]["headers"] and sent[1]["body"] == b"hello"
    assert number_in(header) != number_in(given(answer()))


def test_a_browser_that_comes_back_keeps_it() -> None:
    assert number_in(given(answer(cookie=f"_xsrf=1; {COOKIE}={NUMBER}; other=2"))) == NUMBER


@pytest.mark.parametrize("wrong", ["", "ada", NUMBER + "0", NUMBER.upper(), '"<script>"', "\xff;;=,"])
def test_a_number_that_was_not_given_here_is_replaced(wrong: str) -> None:
    number = number_in(given(answer(cookie=f"{COOKIE}={wrong}")))
    assert re.fullmatch(r"[0-9a-f]{32}", number) and number != wrong


@pytest.mark.parametrize("accept", ["*/*", "image/png", "application/json", ""])
def test_what_is_no_page_brings_no_cookie(accept: str) -> None:
    assert given(answer(accept)) is None


def test_a_web_socket_is_left_alone() -> None:
    assert given(answer(kind="websocket")) is None


def script() -> None:
    import streamlit as st

    from pages.shared.visitor import visitor_id

    st.text(f"visitor {visitor_id()!r}")


def visit(monkeypatch: pytest.MonkeyPatch, cookies: Mapping[str, str]) -> str:
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: cookies))
    app = AppTest.from_function(script).run()
    assert not app.exception
    return str(app.text[0].value)


def test_the_page_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert visit(monkeypatch, {COOKIE: NUMBER}) == f"visitor {NUMBER!r}"


@pytest.mark.parametrize("cookies", [{}, {COOKIE: ""}, {COOKIE: "root"}, {"other": NUMBER}])
def test_without_a_cookie_the_visitor_is_nobody(
    monkeypatch: pytest.MonkeyPatch, cookies: dict[str, str]
) -> None:
    assert visit(monkeypatch, cookies) == "visitor ''"


def test_without_a_browser_the_visitor_is_nobody() -> None:
    assert AppTest.from_function(script).run().text[0].value == "visitor ''"
    assert visitor_id() == ""  # not even a session


def test_the_app_hands_it_out() -> None:
    from app import app

    assert VisitorCookie in [middleware.cls for middleware in app._user_middleware]
