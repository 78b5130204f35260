"""Maps side by side, and long ones that can be stopped, as a visitor uses them."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import Server
from tests.browser.visits import settle
from tests.pages.inspect_visit import run_named, trained  # noqa: F401 (a fixture)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def inspected(browser: Browser, trained: Path) -> Iterator[Server]:  # noqa: F811
    """A server on a data folder with short runs on Silhouettes."""
    server = Server(trained)
    yield server
    server.close()


@pytest.fixture(scope="module")
def run(trained: Path) -> str:  # noqa: F811
    """The id of the run that has feature maps."""
    return run_named(trained, "LeNet-6-12").id


@pytest.fixture(scope="module")
def linear(trained: Path) -> str:  # noqa: F811
    """The id of the run without ReLU and feature maps."""
    return run_named(trained, "Net_Linear").id


@pytest.fixture
def page(browser: Browser, inspected: Server) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=inspected.url)
    page = context.new_page()
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    yield page
    context.close()
    assert not uncaught, uncaught


def test_a_pixel_is_read_in_all_maps_and_they_can_be_taken_away(page: Page, run: str) -> None:
    page.goto(f"/inspect?run={run}&view=Attribution&image=3")
    settle(page)
    tiles = page.locator(".maps .tile")
    expect(tiles).to_have_count(8)  # the image and seven methods
    tiles.nth(2).locator(".picture").hover()
    for tile in range(1, 8):
        expect(tiles.nth(tile).locator(".note")).to_have_text(re.compile(r"^score -?[\d.e+-]+$"))
    expect(page.locator(".maps .told")).to_have_text(re.compile(r"Row \d+, column \d+: grey \d+"))
    page.get_by_role("slider", name="Opacity").fill("40")
    expect(tiles.nth(2).locator(".map")).to_have_css("opacity", "0.4")

    with page.expect_download() as picture:
        page.get_by_role("button", name="PNG").click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as table:
        page.get_by_role("button", name="Numbers (CSV)").click()
    lines = Path(table.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "map,row,column,score" and len(lines) == 1 + 7 * 28 * 28
    with page.expect_download() as numbers:
        page.get_by_role("button", name="Numbers (NPZ)").click()
    with np.load(io.BytesIO(Path(numbers.value.path()).read_bytes())) as found:
        assert found["maps"].shape == (7, 1, 28, 28)
        assert found["titles"][0] == "Saliency"


def test_another_image_is_shown_without_the_matrix_and_another_list_unmarks_its_cell(
    page: Page, run: str
) -> None:
    told = bytearray()
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: told.extend(_bytes(frame))))
    page.goto(f"/inspect?run={run}&cell=0-0")
    settle(page)
    cells = page.get_by_role("group", name="Confusion matrix").get_by_role("button", pressed=True)
    thumbs = page.get_by_role("group", name="Images", exact=True).get_by_role("button")
    expect(cells).to_have_count(1)
    expect(thumbs.nth(1)).to_be_visible()
    assert b"Most confused" in told  # stands below the matrix
    told.clear()

    before = page.locator(".evidence img.map").get_attribute("src")
    thumbs.nth(1).click()
    expect(page.locator(".evidence img.map")).not_to_have_attribute("src", before or "")
    settle(page)
    assert b"inspect_evidence" in told and b"Most confused" not in told

    page.get_by_role("radio", name="Least sure").click()
    expect(cells).to_have_count(0)
    expect(page).to_have_url(re.compile("list=least-sure"))


def test_a_map_that_takes_long_says_how_far_it_is_and_stops(page: Page, run: str) -> None:
    page.goto(f"/inspect?run={run}&method=shapley-sampling&image=3")
    settle(page)
    page.get_by_role("button", name="Settings").click()
    for name in ("Samples", "Regions across"):
        page.get_by_role("slider", name=name).press("End")
    expect(page.get_by_text(re.compile(r"of 156,803 images through the network"))).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("It was stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Make the map")).to_be_visible()


def test_means_grow_until_they_are_stopped(page: Page, run: str) -> None:
    page.goto(f"/inspect?run={run}&view=Averages&of=classes&most=all&method=lime")
    expect(page.locator(".maps .tile").first).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text(re.compile(r"Stopped: [\d,]+ of [\d,]+ maps"))).to_be_visible()
    settle(page)
    expect(page.get_by_role("button", name="Begin again")).to_be_visible()


def test_what_a_network_lacks_is_greyed_and_another_choice_survives_a_reload(page: Page, linear: str) -> None:
    page.goto(f"/inspect?run={linear}&image=3&method=grad-cam")
    settle(page)
    choice = page.get_by_role("combobox", name="Attribution")
    expect(choice).to_have_value("grad-cam")  # the link wins
    expect(page.get_by_text("Grad-CAM can't serve this network")).to_be_visible()
    greyed = choice.locator("option:disabled")
    expect(greyed.first).to_have_text("Guided Backprop (no ReLU)")
    expect(greyed.first).to_have_attribute("title", re.compile("this network has no ReLU"))
    expect(choice.locator("option:enabled").first).to_have_text("Saliency")

    choice.select_option("Occlusion")
    expect(page.get_by_text("How to read Occlusion")).to_be_visible()
    page.reload()
    expect(page.get_by_text("How to read Occlusion")).to_be_visible()
    expect(choice).to_have_value("occlusion")
    page.go_back()
    expect(choice).to_have_value("grad-cam")
    expect(page.get_by_text("How to read Grad-CAM")).to_be_visible()

    choice.select_option("Saliency")
    expect(page.get_by_text("How to read Saliency")).to_be_visible()
    assert "method" not in page.url  # the default needs no place there


def test_arrow_keys_that_run_ahead_end_at_the_last_method(page: Page, run: str) -> None:
    page.goto(f"/inspect?run={run}&image=3&method=occlusion")
    settle(page)
    choice = page.get_by_role("combobox", name="Attribution")
    choice.focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(page.get_by_text("How to read LIME")).to_be_visible()
    expect(choice).to_have_value("lime")
    expect(page).to_have_url(re.compile("method=lime"))


def test_methods_are_ticked_and_stay_ticked(page: Page, run: str) -> None:
    page.goto(f"/inspect?run={run}&view=Attribution&image=3")
    settle(page)
    titles = page.locator(".maps .title")
    page.get_by_role("button", name="Methods (7)").click()
    page.get_by_role("button", name="None", exact=True).click()
    for name in ("Grad-CAM", "Saliency", "Layer activation"):  # faster than the maps are made
        page.get_by_role("checkbox", name=name, exact=True).check()
    expect(titles).to_have_text(["The image", "Saliency", "Grad-CAM", "Layer activation"])
    page.keyboard.press("Escape")

    page.get_by_role("combobox", name=re.compile("^Run")).click()
    page.get_by_role("option", name=re.compile("Net_Linear")).click()
    expect(titles).to_have_text(["The image", "Saliency"])
    page.get_by_role("button", name="Methods (1)").click()
    lacking = page.get_by_role("checkbox", name="Grad-CAM (no feature maps)", exact=True)
    expect(lacking).to_be_disabled()
    expect(lacking).not_to_be_checked()
    page.get_by_role("checkbox", name="LIME").check()
    expect(titles).to_have_text(["The image", "Saliency", "LIME"])
    page.keyboard.press("Escape")

    for view in ("Trust", "Attribution"):
        page.get_by_role("radio", name=view, exact=True).click(force=True)
        settle(page)
    expect(titles).to_have_text(["The image", "Saliency", "LIME"])
    page.get_by_role("combobox", name=re.compile("^Run")).click()
    page.get_by_role("option", name=re.compile("LeNet-6-12")).click()
    expect(titles).to_have_text(["The image", "Saliency", "Grad-CAM", "Layer activation", "LIME"])


def _bytes(frame: str | bytes) -> bytes:
    return frame.encode() if isinstance(frame, str) else frame
