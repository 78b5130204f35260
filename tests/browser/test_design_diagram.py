"""A person reads a design's diagram: zooms in and out, sees the whole of it, and saves it for a report."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.server import Server
from tests.browser.visits import settle

pytestmark = pytest.mark.browser

SCALE = "frame => frame.querySelector('svg').getScreenCTM().a"
SMALLEST = """frame => Math.min(...[...frame.querySelectorAll('text')].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that needs no data: nothing is trained."""
    server = Server(tmp_path_factory.mktemp("diagram"))
    yield server
    server.close()


def open_diagram(page: Page, design: str) -> Locator:
    page.goto(f"/design?design={design}")
    settle(page)
    frame = page.locator(".frame-of-drawing")
    expect(frame.locator("svg")).to_be_visible()
    return frame


@pytest.mark.parametrize("design", ["LeNet", "Small ResNet", "ResNet-18"])
def test_a_network_in_one_lane_is_readable_however_long(page: Page, design: str) -> None:
    frame = open_diagram(page, design)
    assert frame.evaluate(SMALLEST) >= 11
    page.get_by_text("Blocks", exact=True).click()
    expect(frame.locator("[data-layer=input]")).to_be_visible()
    assert frame.evaluate(SMALLEST) >= 11


@pytest.mark.parametrize("drawn", ["Volumes", "Blocks"])
def test_an_enlarged_drawing_can_be_read_from_afar(page: Page, drawn: str) -> None:
    frame = open_diagram(page, "Small ResNet")
    page.get_by_text(drawn, exact=True).click()
    small = frame.evaluate(SMALLEST)
    page.locator(".st-key-enlarge_diagram button").locator("visible=true").first.click()
    enlarged = page.locator(".drawing.tall .frame-of-drawing")
    expect(enlarged.locator("svg")).to_be_visible()
    page.wait_for_timeout(500)  # the dialog comes in with a movement
    assert enlarged.evaluate(SMALLEST) >= max(16, 1.3 * small)
    assert enlarged.evaluate("frame => frame.scrollHeight <= frame.clientHeight + 1")


def test_zooming_keeps_the_point_under_the_pointer_and_fitting_shows_all(page: Page) -> None:
    frame = open_diagram(page, "ResNet-18")
    conv4 = frame.locator("text", has_text="conv4")
    conv4.scroll_into_view_if_needed()
    before, at = frame.evaluate(SCALE), conv4.bounding_box()
    assert at is not None
    page.mouse.move(at["x"], at["y"])
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    page.keyboard.up("Control")
    page.wait_for_timeout(200)
    now = conv4.bounding_box()
    assert now is not None
    assert frame.evaluate(SCALE) > 1.2 * before
    assert now["x"] == pytest.approx(at["x"], abs=3)

    page.locator("[data-act=fit]").click()
    assert frame.evaluate("frame => frame.scrollWidth <= frame.clientWidth + 1")
    assert frame.evaluate("frame => frame.scrollHeight <= frame.clientHeight + 1")
    page.locator("[data-act=read]").click()
    assert frame.evaluate(SCALE) == pytest.approx(1, abs=0.01)
    frame.press("+")
    assert frame.evaluate(SCALE) == pytest.approx(1.25, abs=0.01)


def test_an_edit_keeps_the_zoom(page: Page) -> None:
    frame = open_diagram(page, "LeNet")
    page.locator("[data-act=in]").click()
    zoomed = frame.evaluate(SCALE)
    page.get_by_label("Use conv1").click()
    expect(frame.locator("text", has_text="conv1")).to_have_count(0)  # it is drawn no more
    assert frame.evaluate(SCALE) == pytest.approx(zoomed, rel=0.01)


def test_a_saved_volume_keeps_its_shades_and_colours(page: Page, tmp_path: Path) -> None:
    open_diagram(page, "Small ResNet")
    with page.expect_download() as download:
        page.locator("[data-save=svg]").click()
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    assert path.name == "Small-ResNet-volumes.svg"
    marks = list(ElementTree.parse(path).getroot().iter())
    faces = {mark.get("style", "").split(";")[0] for mark in marks if mark.tag.endswith("polygon")}
    assert len(faces) >= 3 * 5  # a front, a top and a side of each group of layers
    text = path.read_text(encoding="utf-8")
    assert "var(" not in text  # nothing that only the page could resolve
    assert "color(srgb" not in text
