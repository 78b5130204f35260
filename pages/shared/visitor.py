"""Who visits: each browser has a lasting random number, so that a visitor finds what is theirs again.

The number is no login: it says that two visits come from the same browser, and nothing about the person. It
is a cookie that scripts can't read; the server hands it out with the first page.
"""

import re
import secrets
from http.cookies import CookieError, SimpleCookie

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "autograd_lab_visitor"
KEPT = 400 * 24 * 3600  # seconds from the last visit: the longest that browsers keep a cookie


def visitor_id() -> str:
    """The number of this visitor's browser; "" where it keeps no cookies, or where there is no browser."""
    return _checked(st.context.cookies.get(COOKIE, ""))


class VisitorCookie:
    """Middleware that gives a browser its number with the first page, and keeps it with every later one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and add the cookie where a browser opens a page (not its parts)."""
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        number = _number_in(Headers(scope=scope).get("cookie", "")) or secrets.token_hex(16)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append(
                    "set-cookie", f"{COOKIE}={number}; Max-Age={KEPT}; Path=/; HttpOnly; SameSite=Lax"
                )
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _number_in(header: str) -> str:
    try:
        cookie = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return ""
    return _checked(cookie.value) if cookie else ""


def _checked(number: object) -> str:
    """`number`, or "" for what this server can't have given."""
    return number if isinstance(number, str) and re.fullmatch(r"[0-9a-f]{32}", number) else ""
