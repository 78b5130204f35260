"""A student looks at a design's backward graph: opens a layer, walks along it, saves it, and asks torchviz."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.server import Server
from tests.browser.visits import settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that needs no data: nothing is trained."""
    server = Server(tmp_path_factory.mktemp("graph"))
    yield server
    server.close()


def part(page: Page, key: str) -> Locator:
    """The box of a layer, or the name of its frame once it is open."""
    return page.locator(f'.lab.backward [data-key="{key}"]')


def open_graph(page: Page, design: str) -> Page:
    page.goto(f"/design?design={design}&view=Backward+graph")
    settle(page)
    expect(page.locator(".lab.backward .box").first).to_be_visible()
    return page


def middle(found: Locator) -> tuple[float, float]:
    """Where it is on the screen: the middle of its upper edge."""
    box = found.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"]


def test_a_layer_opens_and_closes_in_place(page: Page) -> None:
    open_graph(page, "LeNet")
    picture, card = page.locator(".lab.backward .picture"), page.locator(".lab.backward .card")
    expect(picture).not_to_contain_text("ConvolutionBackward0")
    part(page, "conv2").click()
    expect(picture).to_contain_text("ConvolutionBackward0")
    expect(picture).to_contain_text("conv2.weight")
    expect(card).to_contain_text("Nodes, in the order in which they run")
    page.wait_for_timeout(500)  # the view glides, if it has to
    node = page.get_by_role("button", name="ConvolutionBackward0")
    node.click()
    expect(card).to_contain_text("the kernels turned by 180°")
    expect(card).to_contain_text("50 × 20 × 5 × 5 · 97.7 KiB · conv2.weight")

    # its name closes it, and what stands above it is where it was, seen from it
    before = middle(part(page, "relu2"))[1] - middle(part(page, "conv2"))[1]
    part(page, "conv2").click()
    expect(picture).not_to_contain_text("ConvolutionBackward0")
    page.wait_for_timeout(500)
    assert middle(part(page, "relu2"))[1] - middle(part(page, "conv2"))[1] == pytest.approx(before, abs=3)


def test_the_keyboard_walks_and_opens(page: Page) -> None:
    open_graph(page, "LeNet")
    card = page.locator(".lab.backward .card")
    page.locator(".lab.backward").focus()
    for name in ("scores", "linear2", "relu3"):
        page.keyboard.press("ArrowDown")
        expect(card.get_by_role("heading")).to_have_text(name)
    page.keyboard.press("Enter")
    expect(page.locator(".lab.backward .picture")).to_contain_text("ReluBackward0")
    page.keyboard.press("ArrowDown")  # the frame kept the focus: the next stop is in it
    expect(card.get_by_role("heading")).to_have_text("ReluBackward0")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".lab.backward .picture")).not_to_contain_text("ReluBackward0")
    page.keyboard.press("Escape")
    expect(card.get_by_role("heading")).to_have_text("LeNet")


def test_a_residual_block_shows_its_two_ways(page: Page, tmp_path: Path) -> None:
    open_graph(page, "Small+ResNet")
    lab = page.locator(".lab.backward")
    expect(lab.locator(".sum")).to_have_count(3)  # one for each block
    expect(lab.get_by_role("button", name="AddBackward0")).to_have_count(3)
    lab.get_by_role("button", name="Blocks", exact=True).click()
    expect(lab.locator(".sum")).to_have_count(0)
    expect(lab.locator(".box.block")).to_have_count(3)
    lab.get_by_role("button", name="All nodes", exact=True).click()
    expect(lab.locator(".box.node, .box.leaf")).to_have_count(61)

    lab.locator(".menu summary").click()
    with page.expect_download() as download:
        lab.locator('[data-act="svg"]').click()
    file = tmp_path / "graph.svg"
    download.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    assert "AddBackward0" in text and "residual1" in text and "var(" not in text


def test_torchviz_draws_it_again_and_again(page: Page) -> None:
    pytest.importorskip("torchviz")
    open_graph(page, "LeNet")
    page.get_by_role("radio", name="torchviz").click()
    boxes = page.get_by_test_id("stGraphVizChart").locator("g.node")
    expect(boxes).to_have_count(29)  # 20 nodes, 8 parameters, the scores
    for _ in range(3):
        page.get_by_test_id("stCheckbox").click()
        expect(boxes).to_have_count(42)  # 15 saved tensors, two of which are parameters
        page.get_by_test_id("stCheckbox").click()
        expect(boxes).to_have_count(29)


def test_opening_takes_no_longer_than_a_blink(page: Page) -> None:
    open_graph(page, "ResNet-18")
    part(page, "residual4").click()
    begun = time.monotonic()
    expect(page.locator(".lab.backward .frame")).to_have_count(1)
    assert time.monotonic() - begun < 5
