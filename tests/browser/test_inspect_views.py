"""The views of the Inspect page in a real browser, on networks that were trained for a moment."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import Server
from tests.browser.visits import settle
from tests.pages.inspect_visit import run_named, train

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def silhouettes(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose data folder has two short runs on Silhouettes."""
    folder = tmp_path_factory.mktemp("silhouettes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_LAB_DATA", str(folder))
        train(folder)
    server = Server(folder)
    yield server
    server.close()


@pytest.fixture
def visitor(browser: Browser, silhouettes: Server) -> Iterator[Page]:
    """Somebody with a projector; nothing may go wrong in their browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 720}, base_url=silhouettes.url)
    page = context.new_page()
    expect.set_options(timeout=20_000)
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    yield page
    context.close()
    assert not uncaught, uncaught


def run_id(server: Server, name: str) -> str:
    return run_named(server.log.parent, name).id


def test_a_sheet_travels_once_while_its_images_are_chosen(visitor: Page, silhouettes: Server) -> None:
    frames: list[str | bytes] = []
    visitor.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(frame)))
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}")
    thumbs = visitor.locator(".sheet .thumb")
    expect(thumbs.first).to_have_attribute("aria-pressed", "true")
    settle(visitor)
    frames.clear()
    thumbs.nth(2).click()
    settle(visitor)
    visitor.locator(".st-key-inspect_next button").first.click()
    expect(thumbs.nth(3)).to_have_attribute("aria-pressed", "true")
    expect(visitor.locator('.thumb[aria-pressed="true"]')).to_have_count(1)
    settle(visitor)
    sheets = [frame for frame in frames if b"filling" in bytes(frame)]
    assert len(sheets) >= 2 and all(b'"filling": null' in bytes(frame) for frame in sheets)


def test_the_parts_of_a_long_list_are_turned_like_pages(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&list=least-sure")
    first = visitor.locator(".sheet .thumb").first
    expect(first).to_have_attribute("aria-pressed", "true")
    before = first.get_attribute("data-index")
    for turn in (re.compile("more$"), re.compile("before$")):
        visitor.locator(".sheet .turn", has_text=turn).click()
        if "more" in turn.pattern:
            expect(first).not_to_have_attribute("data-index", before or "")
    expect(first).to_have_attribute("data-index", before or "")


def test_a_browser_that_lost_a_sheet_gets_it_again(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}")
    thumbs = visitor.locator(".sheet .thumb")
    expect(thumbs.first).to_have_attribute("aria-pressed", "true")
    settle(visitor)
    count = thumbs.count()
    visitor.locator(".sheet").evaluate("sheet => { sheet.replaceChildren(); delete sheet.dataset.name }")
    expect(thumbs).to_have_count(0)
    visitor.locator(".st-key-inspect_next button").first.click()
    expect(thumbs).to_have_count(count)
    expect(thumbs.nth(1)).to_have_attribute("aria-pressed", "true")


def test_a_second_cell_is_chosen_by_a_click(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&view=Contrast&cell=0-0")
    second = visitor.locator(".cell:not(.empty)").nth(11)
    sentence = second.get_attribute("aria-label")
    second.click()
    expect(visitor).to_have_url(re.compile(r"second=\d-\d"))
    expect(visitor.locator(".cell.second")).to_have_attribute("aria-label", sentence or "")
    expect(visitor.locator('.cell[aria-pressed="true"]')).to_have_count(1)


def test_an_image_that_only_one_run_recognises_opens_with_its_evidence(
    visitor: Page, silhouettes: Server
) -> None:
    # named, as the run that waits ends some time, and it is the same network with the same seed
    both = (run_id(silhouettes, name) for name in ("Net_Linear", "LeNet-6-12"))
    visitor.goto("/inspect?run={}&with={}&view=Compare".format(*both))
    expect(visitor.get_by_text("Is one better?")).to_be_visible()
    visitor.locator(".sheet").nth(1).locator(".thumb").first.click()
    expect(visitor).to_have_url(re.compile(r"image=\d+"))
    expect(visitor.get_by_text("How to read")).to_be_visible()


def test_the_slider_of_epochs_changes_the_matrix(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&view=Epochs")
    cells = visitor.locator(".cell")
    expect(cells).to_have_count(100)
    before = cells.all_inner_texts()
    visitor.locator("[data-testid=stSlider] input").focus()
    visitor.keyboard.press("ArrowLeft")
    expect(visitor).to_have_url(re.compile(r"step=\d+"))
    expect(visitor.get_by_text("Since the start it learned")).to_be_visible()
    assert cells.all_inner_texts() != before


def test_images_are_chosen_on_the_map(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&view=Projection")
    chart = visitor.locator("[data-testid=stVegaLiteChart]").first
    expect(chart).to_be_visible()
    expect(visitor.get_by_text("Each point is a test image")).to_be_visible()
    expect(visitor.get_by_text("Draw a rectangle on the map")).to_be_visible()
    chosen = visitor.get_by_text("of them misclassified; the highest loss first")
    for _ in range(10):  # the chart is there before it listens
        place = chart.bounding_box()
        assert place
        visitor.mouse.move(place["x"] + 0.05 * place["width"], place["y"] + 0.05 * place["height"])
        visitor.mouse.down()
        visitor.mouse.move(place["x"] + 0.45 * place["width"], place["y"] + 0.95 * place["height"], steps=5)
        visitor.mouse.up()
        visitor.wait_for_timeout(1000)
        if chosen.is_visible():
            break
    expect(chosen).to_be_visible()
    assert visitor.locator(".thumb").count() > 100
    dots = chart.locator("svg path[aria-roledescription=circle]")
    lefts = dots.evaluate_all("paths => paths.map((path) => path.getBoundingClientRect().left)")
    dots.nth(lefts.index(max(lefts))).dblclick(force=True)  # one beside the rectangle
    expect(visitor.get_by_text(re.compile(r"Image [\d,]+, and its 10 nearest neighbours"))).to_be_visible()
    expect(visitor.locator(".thumb")).to_have_count(11)


def test_a_map_of_neighbours_is_made_beside_the_page(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&view=Projection&map=tsne")
    visitor.get_by_role("button", name="Make the map").first.click()
    expect(visitor.get_by_text("What it does not preserve")).to_be_visible(timeout=60_000)


def test_the_bins_of_the_calibration(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&view=Calibration")
    expect(visitor.locator("[data-testid=stVegaLiteChart]")).to_have_count(4)
    expect(visitor.get_by_text(re.compile("With T = .* the calibration error goes from"))).to_be_visible()


def test_a_report_has_so_many_methods_and_no_more(visitor: Page, silhouettes: Server) -> None:
    visitor.goto(f"/inspect?run={run_id(silhouettes, 'LeNet-6-12')}&view=Report")
    visitor.get_by_role("button", name="Methods (3)").click()
    box = visitor.get_by_role("checkbox", name="LIME", exact=True)
    expect(visitor.get_by_role("button", name="All", exact=True)).to_be_hidden()
    visitor.get_by_role("checkbox", name="Saliency", exact=True).check()
    expect(box).to_be_disabled()
    visitor.get_by_role("checkbox", name="Occlusion", exact=True).uncheck()
    box.check()
    expect(visitor.get_by_role("button", name="Methods (4)")).to_be_visible()
    visitor.keyboard.press("Escape")
    stop = visitor.get_by_role("button", name="Stop")
    if stop.is_visible():
        stop.click()  # the maps are nothing to this test
