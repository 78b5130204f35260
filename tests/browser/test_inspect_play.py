"""In a browser: paint on an image, move a slider, see the probabilities follow; hundreds of thumbnails; the lens."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import foreign
from tests.browser.server import Server
from tests.browser.visits import settle
from tests.pages.inspect_visit import trained  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def inspected(browser: Browser, trained: Path) -> Iterator[Server]:  # noqa: F811
    """A server on a data folder with short runs on Silhouettes."""
    server = Server(trained)
    yield server
    server.close()


@pytest.fixture
def visitor(browser: Browser, inspected: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, base_url=inspected.url)
    page = context.new_page()
    page.set_default_timeout(20_000)
    uncaught: list[str] = []
    elsewhere: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    page.on("request", lambda request: elsewhere.extend(foreign(request.url, inspected)))
    yield page
    context.close()
    assert not uncaught, uncaught
    assert not elsewhere, elsewhere


def test_painting_and_sliders_move_the_bars(visitor: Page) -> None:
    visitor.goto("/inspect?view=Play&image=3")
    settle(visitor)
    bars = visitor.get_by_role("img", name="Probabilities of the classes")
    expect(bars.locator(".bar")).to_have_count(10)
    before = bars.inner_html()
    canvas = visitor.get_by_role("img", name=re.compile("^Canvas to draw on"))
    box = canvas.bounding_box()
    assert box is not None
    visitor.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    visitor.mouse.down()
    visitor.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.9 * box["height"], steps=8)
    visitor.mouse.up()
    expect(visitor.get_by_text(re.compile("it was .* %"))).to_be_visible()
    settle(visitor)
    painted = bars.inner_html()
    assert painted != before

    slider = visitor.get_by_role("slider", name=re.compile("^Rotate"))
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    settle(visitor)
    assert bars.inner_html() != painted
    visitor.get_by_role("button", name="All to 0").click()
    settle(visitor)
    assert bars.inner_html() == painted
    visitor.get_by_role("button", name="Unpainted again").click()
    settle(visitor)
    assert bars.inner_html() == before


def test_another_image_is_another_canvas(visitor: Page) -> None:
    visitor.goto("/inspect?view=Play&image=3")
    settle(visitor)
    canvas = visitor.get_by_role("img", name=re.compile("^Canvas to draw on"))
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    visitor.get_by_role("button", name="Any").click()
    settle(visitor)
    expect(canvas).to_have_count(1)
    assert canvas.evaluate("canvas => canvas.toDataURL()") != before


def test_a_picture_is_chosen_in_the_gallery_and_looked_into(visitor: Page) -> None:
    visitor.goto("/inspect?view=Gallery&list=all")
    settle(visitor)
    thumbs = visitor.get_by_role("button", name=re.compile(r"^Image \d+: "))
    expect(thumbs).to_have_count(400)
    thumbs.nth(30).click()
    settle(visitor)
    expect(thumbs.nth(30)).to_have_attribute("aria-pressed", "true")
    visitor.get_by_role("button", name="Look into it").click()
    settle(visitor)
    told = visitor.get_by_text(re.compile(r"^Row \d+, column \d+: "))
    expect(told).to_be_visible()
    lens = visitor.get_by_role("application", name=re.compile("^The image"))
    lens.click(position={"x": 3, "y": 3})
    expect(told).to_contain_text("Row 0, column 0: ")
    lens.press("ArrowDown")
    expect(told).to_contain_text("Row 1, column 0: ")


def test_a_long_attack_shows_its_progress_and_can_be_stopped(visitor: Page) -> None:
    visitor.goto("/inspect?view=Play&play=Accuracy+against+strength")
    settle(visitor)
    visitor.get_by_role("combobox", name=re.compile("Images")).click()
    visitor.get_by_role("option", name="1,000 images").click()
    settle(visitor)
    visitor.get_by_role("button", name="Attack them").click()
    progress = visitor.get_by_text(re.compile(r"^Attacking the images: \d+ %"))
    expect(progress).to_be_visible()
    first = progress.inner_text()
    expect(progress).not_to_have_text(first)  # it goes on
    visitor.get_by_role("button", name="Stop").click()
    expect(visitor.get_by_text("Nothing is computed yet")).to_be_visible()
