"""A server of our own and a real headless Chromium."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, chromium
from tests.browser.server import Server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium()
    if program is None:
        message = "no Chromium found for the browser tests: on Debian or Ubuntu, apt-get install chromium"
        if "CI" in os.environ:
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser: Browser, real_data_folder: Path) -> Iterator[Server]:  # no browser: no need for a server
    server = Server(real_data_folder)
    yield server
    server.close()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A fresh visitor; nothing may go wrong in the browser, and nothing may be fetched from elsewhere."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=server.url)
    page = context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    uncaught: list[str] = []
    elsewhere: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    page.on(
        "request", lambda request: elsewhere.append(request.url) if foreign(request.url, server) else None
    )
    yield page
    context.close()
    assert not uncaught, uncaught
    assert not elsewhere, elsewhere


def foreign(url: str, server: Server) -> list[str]:
    """`url`, if it leads anywhere but to our server."""
    own = (server.url, server.url.replace("http", "ws"), "data:", "blob:")
    return [] if url.startswith(own) else [url]
