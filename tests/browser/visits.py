"""What a visitor does in every room: opening it, and waiting until it is drawn."""

import re

from playwright.sync_api import Locator, Page, expect


def settle(page: Page) -> None:
    """Wait until no script runs; the first moment after a click does not count, the run begins later."""
    page.wait_for_timeout(200)
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_attached()
    expect(page.locator('[data-testid="stSkeleton"]')).to_have_count(0)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)


def open_room(page: Page, title: str) -> None:
    page.locator('[data-testid="stTopNavLink"]', has_text=title).click()
    settle(page)


def type_program(page: Page, program: str) -> None:
    """Into the editor of the Autograd room, and run it."""
    editor = page.get_by_role("textbox", name="Program")
    editor.fill(program)
    editor.press("Control+Enter")
    settle(page)


def address(page: Page) -> str:
    """What stands in the address bar; `page.url` misses what a page writes there by itself."""
    return str(page.evaluate("location.href"))


def train_on_a_tenth(page: Page, epochs: int) -> None:
    """In the Train room: a tenth of the images, so many times."""
    page.get_by_role("radio", name="10 %").click()
    settle(page)
    field = page.get_by_role("spinbutton", name="Epochs")
    field.fill(str(epochs))
    field.press("Enter")
    settle(page)


def start_training(page: Page) -> str:
    """In the Train room: a run of one's own, shown; its number. Others' runs may be there already."""
    before = search(page)
    page.get_by_role("button", name="Start training").click()
    page.wait_for_function("before => /run=/.test(location.search) && location.search !== before", arg=before)
    settle(page)
    title = page.get_by_text(re.compile(r"^Run \d+ · ")).first
    expect(title).to_be_visible()
    return re.findall(r"Run (\d+)", title.inner_text())[0]


def search(page: Page) -> str:
    return str(page.evaluate("location.search"))


def state(page: Page, word: str | re.Pattern[str]) -> Locator:
    """The badge that says in which state the shown run is."""
    return page.locator(".stMarkdownBadge", has_text=word).first


def number_of_run(page: Page, label: str) -> Locator:
    """One of the five numbers of the shown run, in the Train room."""
    return page.locator(".st-key-train_live .tile", has_text=label).locator(".number")


def metric(page: Page, label: str) -> Locator:
    """The number of a tile."""
    return page.locator('[data-testid="stMetric"]', has_text=label).locator('[data-testid="stMetricValue"]')
