"""One person asks a network of their own what it confuses, why, and whether to believe it, and hands in a report."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Download, Page, expect

from tests.browser.visits import metric, open_room, settle, start_training, state, train_on_a_tenth
from tests.core.figures.report.looking import Parsed

pytestmark = [pytest.mark.browser, pytest.mark.real_data]

METHODS = ("Saliency", "Guided Backprop", "Grad-CAM")
WORDS = "A collar would tell them apart.\n\n<script>document.title = 'mine'</script>"


def test_from_a_confused_cell_to_a_report(page: Page, tmp_path: Path) -> None:
    train(page)
    accuracy = metric(page, "Test accuracy").inner_text()
    image = choose_an_image(page)
    compare_methods(page)
    check_with_random_weights(page)
    draw_a_garment(page)
    report = take_the_report(page, image, tmp_path)
    read(report, accuracy, image)
    open_without_network(page, report)


def view(page: Page, group: str, name: str = "") -> None:
    """Choose a group of views, and a view in it."""
    for choice in filter(None, (group, name)):
        page.get_by_role("radio", name=choice, exact=True).click(force=True)
        settle(page)


def train(page: Page) -> None:
    """A tenth of Fashion-MNIST, twice; then to the Inspect page."""
    page.goto("/train")
    settle(page)
    train_on_a_tenth(page, 2)
    start_training(page)
    expect(state(page, "completed")).to_be_visible(timeout=60_000)
    open_room(page, "Inspect")
    expect(page.get_by_role("group", name="Confusion matrix").get_by_role("button")).to_have_count(100)


def choose_an_image(page: Page) -> int:
    """The shirts that are taken for T-shirts, and one of them; its place in the test split."""
    page.get_by_role("button", name=re.compile("^Shirt taken for T-shirt.top: [1-9]")).first.click()
    thumbs = page.get_by_role("group", name="Images").get_by_role("button")
    expect(thumbs.first).to_have_attribute("aria-label", re.compile("Shirt, taken for T-shirt.top"))
    label = thumbs.nth(1).get_attribute("aria-label") or ""
    thumbs.nth(1).click()
    image = int(re.findall(r"Image (\d+):", label)[0])
    expect(page).to_have_url(re.compile(f"image={image}(&|$)"))
    expect(page.get_by_text(re.compile("Shirt, taken for T-shirt"))).to_be_visible()
    expect(page.get_by_alt_text("The attribution map over the image")).to_be_visible()
    return image


def compare_methods(page: Page) -> None:
    """Three maps side by side, each of which is another one."""
    view(page, "Evidence", "Attribution")
    page.get_by_role("button", name=re.compile("^Methods")).click()
    page.get_by_role("button", name="None", exact=True).click()
    for method in METHODS:
        page.get_by_role("checkbox", name=method, exact=True).check()
    page.keyboard.press("Escape")
    settle(page)
    maps = page.get_by_role("group", name="Attribution maps")
    drawn = [maps.get_by_alt_text(f"Attribution map: {method}", exact=True) for method in METHODS]
    for each in drawn:
        expect(each).to_have_attribute("src", re.compile("^data:image/png"))
    assert len({each.get_attribute("src") for each in drawn}) == len(METHODS)


def check_with_random_weights(page: Page) -> None:
    """For each of them what is left of the map when the weights are random."""
    view(page, "Evidence", "Trust")
    for method in METHODS:
        page.get_by_role("combobox", name="Attribution").select_option(method)
        shown = page.locator(".st-key-inspect_trust_original")
        expect(shown.get_by_alt_text(re.compile(f"^Attribution map: {method}: "))).to_be_visible()
        expect(page.get_by_text(re.compile("^In this case .* the map"))).to_be_visible(timeout=30_000)
        expect(page.get_by_text(re.compile("With all layers random"))).to_be_visible()


def draw_a_garment(page: Page) -> None:
    """A dress, by mouse; the network says something of it."""
    view(page, "Images", "Own image")
    canvas = page.get_by_role("img", name=re.compile("^Canvas to draw on"))
    box = canvas.bounding_box()
    assert box is not None

    def line(*points: tuple[float, float]) -> None:
        places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=8)
        page.mouse.up()

    line((0.4, 0.15), (0.4, 0.4), (0.25, 0.85), (0.75, 0.85), (0.6, 0.4), (0.6, 0.15), (0.4, 0.15))
    expect(page.get_by_text(re.compile(r"It says .* \(\d+ %\)"))).to_be_visible()
    expect(page.get_by_role("img", name="Probabilities of the classes")).to_be_visible()
    settle(page)  # the canvas says what was drawn a moment later, too


def take_the_report(page: Page, image: int, folder: Path) -> Path:
    """With words of one's own, and the image from before."""
    view(page, "Report")
    button = page.get_by_role("button", name="Report (HTML)")
    expect(button).to_be_enabled(timeout=60_000)
    images = page.get_by_role("combobox", name="Images with maps")
    images.fill(f"Image {image}:")
    page.get_by_role("option", name=re.compile(f"^Image {image}: ")).click()
    page.keyboard.press("Escape")  # the list stays open for more
    page.get_by_role("textbox", name="Mistakes").fill(WORDS)
    page.get_by_role("textbox", name="Mistakes").press("Control+Enter")
    settle(page)
    expect(button).to_be_enabled(timeout=60_000)
    settle(page)
    with page.expect_download() as waiting:
        button.click()
    return saved(waiting.value, folder)


def saved(download: Download, folder: Path) -> Path:
    assert re.fullmatch(r"report_run_\d+_\w+\.html", download.suggested_filename)
    file = folder / download.suggested_filename
    download.save_as(file)
    return file


def read(report: Path, accuracy: str, image: int) -> None:
    """What was seen on the page stands in it, and what was written is only text."""
    text = report.read_text(encoding="utf-8")
    parsed = Parsed(text)
    facts = dict(row for row in parsed.table("") if len(row) == 2)
    assert facts["Test accuracy"].startswith(accuracy.replace("\N{NO-BREAK SPACE}", " "))
    assert f"Test image {image}: Shirt, taken for T-shirt/top" in parsed.text
    assert WORDS.split("\n\n")[1] in parsed.text and "<script" not in text
    assert len([said for said in parsed.pictures() if "attribution maps" in said]) == 4


def open_without_network(page: Page, report: Path) -> None:
    """Every picture is there, nothing is asked for, and nothing that was written runs."""
    other = page.context.new_page()
    asked: list[str] = []
    other.on("request", lambda request: asked.append(request.url))
    other.goto(report.as_uri())
    other.wait_for_function("[...document.images].every(image => image.complete)")
    assert other.evaluate("[...document.images].filter(image => !image.naturalWidth).length") == 0
    assert other.title().endswith(" on Fashion-MNIST")
    assert [url for url in asked if not url.startswith("data:")] == [report.as_uri()]
    other.close()
