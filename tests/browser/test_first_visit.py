"""A server that nobody has visited yet answers for every room."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.server import Server

pytestmark = pytest.mark.browser


def test_the_first_visit_may_be_to_any_room(browser: Browser, tmp_path: Path) -> None:
    server = Server(tmp_path)
    page = browser.new_page()
    page.goto(f"{server.url}/train")
    expect(page.get_by_role("button", name="Start training")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("dialog")).to_have_count(0)  # Streamlit's "Page not found"
    page.close()
    server.close()
