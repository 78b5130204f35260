"""The layer list of the Design room: menu, drag, keyboard, editing inside of blocks, mends; and nothing jumps."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.networks.link import decode
from core.networks.spec import LayerSpec
from tests.browser.server import Server
from tests.browser.visits import settle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One without data: designing needs none."""
    server = Server(tmp_path_factory.mktemp("list"))
    yield server
    server.close()


def open_design(page: Page, name: str) -> None:
    page.goto(f"/design?design={name}")
    settle(page)
    expect(page.locator(".layer").first).to_be_visible()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


def kinds(layers: tuple[LayerSpec, ...]) -> list[object]:
    """The kinds as a tree: a block is [its kind, branch, branch, …]."""
    return [[one.kind, *map(kinds, one.branches)] if one.branches else one.kind for one in layers]


def design(page: Page) -> list[object]:
    """What Python holds, read from the address."""
    expect(page.locator(".list")).to_have_attribute("aria-busy", "false")  # all edits are in
    settle(page)
    before, word = "", None
    while word != before:  # until it stays: on a busy machine the address comes some time after the list
        page.wait_for_timeout(300 if word is None else 150)
        before, word = word, page.evaluate("new URL(location.href).searchParams.get('design')")
    return kinds(decode(word).layers)


def drag(page: Page, name: str, onto: str) -> None:
    """By the grip of one row to the upper edge of another."""
    grip = row(page, name).get_by_role("button", name="Drag to move").bounding_box()
    target = row(page, onto).bounding_box()
    assert grip and target
    page.mouse.move(grip["x"] + 5, grip["y"] + 10)
    page.mouse.down()
    page.mouse.move(grip["x"] + 8, grip["y"] + 20, steps=3)
    page.mouse.move(target["x"] + 60, target["y"] + 2, steps=8)
    expect(page.locator(".drop")).to_be_visible()
    page.mouse.up()
    expect(page.locator(".drop")).to_be_hidden()


BODY = ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d"]


def test_menu_keyboard_and_blocks(page: Page) -> None:
    open_design(page, "LeNet")
    first = ["Conv2d", "ReLU", "MaxPool2d"]
    page.locator(".list").evaluate("list => (list.dataset.mine = 'yes')")

    # the menu is searched by typing, and stays open when the pointer is let go
    row(page, "conv1, Conv2d").get_by_label("Insert a layer after conv1", exact=True).click()
    page.get_by_label("Search what to insert").fill("residual block")
    page.keyboard.press("Enter")
    residual = row(page, "residual1, Residual")
    expect(residual).to_be_focused()
    assert design(page)[:3] == ["Conv2d", ["Residual", BODY], "ReLU"]

    # into the branch without a pointer, then out of the block and in again
    page.get_by_label("Add a layer in residual1", exact=True).select_option(label="Dropout")
    dropout = row(page, "dropout1, Dropout")
    expect(dropout).to_be_focused()
    assert design(page)[1] == ["Residual", [*BODY, "Dropout"]]
    page.keyboard.press("Alt+ArrowDown")
    assert design(page)[1:3] == [["Residual", BODY], "Dropout"]
    expect(dropout).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    page.keyboard.press("Alt+ArrowUp")
    assert design(page)[1] == ["Residual", [*BODY[:4], "Dropout", BODY[4]]]
    expect(dropout).to_be_focused()

    # each key does its own: duplicate, delete, leave out; undo takes back one at a time
    row(page, "bn1, BatchNorm2d").focus()
    page.keyboard.press("Control+d")
    assert design(page)[1] == ["Residual", ["Conv2d", "BatchNorm2d", *BODY[1:4], "Dropout", BODY[4]]]
    page.keyboard.press("Delete")
    assert design(page)[1] == ["Residual", [*BODY[:4], "Dropout", BODY[4]]]
    dropout.focus()
    page.keyboard.press("Delete")
    assert design(page)[1] == ["Residual", BODY]
    page.keyboard.press("Control+z")
    assert design(page)[1] == ["Residual", [*BODY[:4], "Dropout", BODY[4]]]
    page.keyboard.press("Control+Shift+z")
    assert design(page)[1] == ["Residual", BODY]
    residual.focus()
    page.keyboard.press(" ")
    expect(page.get_by_label("Use residual1", exact=True)).not_to_be_checked()
    page.keyboard.press(" ")

    # closed, a block is one row; its inner layers stay what they are
    page.keyboard.press("ArrowLeft")
    expect(row(page, "bn1, BatchNorm2d")).to_have_count(0)
    page.keyboard.press("Delete")
    assert design(page)[:4] == ["Conv2d", "ReLU", *first[1:]]
    expect(page.locator(".list")).to_have_attribute("data-mine", "yes")  # it was never made anew


def test_dragging_into_a_block_and_out(page: Page) -> None:
    open_design(page, "Small+ResNet")
    row(page, "residual1, Residual").scroll_into_view_if_needed()
    page.mouse.move(400, 500)
    page.mouse.wheel(0, 400)
    page.wait_for_timeout(200)
    drag(page, "relu1, ReLU", "bn3, BatchNorm2d")
    assert design(page)[2:4] == [["Residual", [*BODY[:4], "ReLU", BODY[4]]], "ReLU"]
    drag(page, "bn3, BatchNorm2d", "residual1, Residual")
    assert design(page)[2:4] == ["BatchNorm2d", ["Residual", [*BODY[:4], "ReLU"]]]
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert design(page)[2:5] == ["ReLU", ["Residual", BODY], "ReLU"]


def test_branches_and_mends(page: Page) -> None:
    open_design(page, "Two+Inception+blocks")
    block = row(page, "parallel1, Parallel")
    page.get_by_role("button", name="Add a branch to parallel1", exact=True).click()
    page.get_by_label("Add a layer in branch 4 of parallel1", exact=True).select_option(label="Conv-ReLU")
    expect(block.get_by_role("status")).to_contain_text("branch 4 is 32 × 28 × 28")
    page.get_by_role("button", name="Remove branch 4 of parallel1", exact=True).click()
    expect(block.get_by_role("status")).to_have_count(0)

    # the join changes the equation; 4, 8 and 4 channels can't be added until the mend makes them equal
    expect(block.locator(".equation")).to_have_text("y = [F₁, F₂, F₃]")
    page.get_by_label("join of parallel1", exact=True).select_option("sum")
    expect(block.locator(".equation")).to_have_text("y = F₁ + F₂ + F₃")
    status = block.get_by_role("status")
    expect(status).to_contain_text("only equal shapes can be added")
    status.get_by_role("button").first.click()
    expect(status).to_have_count(0)
    block.locator(".equation").click()
    expect(block.locator(".points")).to_contain_text("A concatenation instead")
    expect(block.locator(".points")).to_contain_text("4 + 4 + 4 = 12 channels")


def test_each_warning_is_mended_by_its_button(page: Page) -> None:
    open_design(page, "FashionCNN")
    warnings = page.get_by_role("note")
    expect(warnings).to_have_count(5)
    for left in (4, 3, 2, 1, 0):
        first = warnings.first
        if not first.locator(".mend").count():
            first.get_by_role("button", name="Show the whole warning").click()
        first.locator(".mend").first.click()
        expect(warnings).to_have_count(left)
    expect(page.get_by_role("status")).to_have_count(0)


def test_nothing_jumps_while_a_number_is_typed(page: Page) -> None:
    open_design(page, "Small+ResNet")
    page.mouse.move(5, 5)
    names = ["conv1, Conv2d", "bn1, BatchNorm2d", "residual1, Residual", "conv3, Conv2d"]

    def tops() -> list[float]:
        return [(row(page, name).bounding_box() or {"y": -1.0})["y"] for name in names]

    page.get_by_label("kernel of conv3", exact=True).focus()
    before = tops()
    page.get_by_label("out_channels of conv1", exact=True).fill("12")
    expect(row(page, "bn1, BatchNorm2d")).to_contain_text("12 × 28 × 28")
    settle(page)
    assert tops() == pytest.approx(before, abs=1)

    # a sentence appears at the block above; the row at work stays where it is, and the field keeps its focus
    kernel = page.get_by_label("kernel of conv3", exact=True)
    kernel.focus()
    before = tops()
    kernel.fill("5")
    expect(row(page, "residual1, Residual").get_by_role("status")).to_be_visible()
    settle(page)
    assert tops()[3] == pytest.approx(before[3], abs=1)
    expect(kernel).to_be_focused()
    kernel.fill("3")
    expect(row(page, "residual1, Residual").get_by_role("status")).to_have_count(0)
    settle(page)
    assert tops()[3] == pytest.approx(before[3], abs=1)


def test_a_row_stays_under_the_pointer_when_a_warning_above_it_goes(page: Page) -> None:
    open_design(page, "FashionCNN")
    warnings = page.get_by_role("note")
    expect(warnings).to_have_count(5)
    use = page.get_by_label("Use bn1", exact=True)
    box = use.bounding_box()
    assert box
    for left in (4, 5, 4):  # without bn1 the bias of conv1 is not cancelled
        page.mouse.click(box["x"] + 7, box["y"] + 7)
        expect(warnings).to_have_count(left)
        settle(page)
        after = use.bounding_box()
        assert after and after["y"] == pytest.approx(box["y"], abs=1)


def test_a_number_tells_where_it_comes_from_and_is_kept_by_a_click(page: Page) -> None:
    open_design(page, "LeNet")
    told = page.locator(".told")
    cells = row(page, "conv1, Conv2d").locator(".number")
    cells.nth(2).click()
    expect(told).to_contain_text("= 288,000; FLOPs = 2 × 288,000 = 576,000")  # 5·5·1·20·24·24
    cells.nth(1).hover()
    expect(told).to_contain_text("5·5·1·20 + 20 = 520")
    page.mouse.move(5, 5)
    expect(told).to_contain_text("FLOPs = 2 × 288,000")


def test_a_dismissed_warning_stays_away_until_it_is_asked_for(page: Page) -> None:
    open_design(page, "FashionCNN")
    warnings = page.get_by_role("note")
    page.get_by_role("button", name="Dismiss this warning at linear2").click()
    expect(warnings).to_have_count(4)
    page.reload()
    expect(warnings).to_have_count(4)
    page.get_by_role("button", name="show 1 of 5 warnings again").click()
    expect(warnings).to_have_count(5)


def test_padding_is_a_number_or_same(page: Page) -> None:
    open_design(page, "LeNet")
    padding = page.get_by_label("padding of conv1", exact=True)
    page.get_by_label("same padding for conv1", exact=True).click()
    expect(padding).to_have_value("same")
    expect(row(page, "conv1, Conv2d")).to_contain_text("20 × 28 × 28")
    padding.press("ArrowUp")
    expect(padding).to_have_value("0")
    expect(row(page, "conv1, Conv2d")).to_contain_text("20 × 24 × 24")
    page.wait_for_function("location.search.includes('design=LeNet')")  # the network that it was


@pytest.mark.parametrize("name", ["LeNet", "Small+ResNet"])
def test_the_settings_of_a_convolution_stand_in_one_line(page: Page, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_design(page, name)
    for one in page.locator(".layer", has=page.get_by_text("Conv2d", exact=True)).all():
        box = one.locator(".settings").bounding_box()
        assert box and box["height"] < 45, one.get_attribute("aria-label")
