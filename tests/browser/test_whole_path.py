"""One person walks through all four rooms, on the real Fashion-MNIST."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visits import (
    address,
    metric,
    number_of_run,
    open_room,
    settle,
    start_training,
    state,
    train_on_a_tenth,
    type_program,
)

pytestmark = [pytest.mark.browser, pytest.mark.real_data]


def percentage(shown: Locator) -> float:
    expect(shown).to_contain_text("%")
    return float(shown.inner_text().split("%")[0])


PROGRAM = """x = torch.ones(2, 2, requires_grad=True)
y = x + 2
z = y * y * 3
out = z.mean()
out.backward()"""


def test_one_sitting_through_all_four_rooms(page: Page) -> None:
    page.goto("/")
    settle(page)
    differentiate(page)
    design(page)
    accuracy = train(page)
    inspect(page, accuracy)


def differentiate(page: Page) -> None:
    open_room(page, "Autograd")
    type_program(page, PROGRAM)
    x = page.get_by_role("button", name=re.compile("^x, "))
    card = page.locator(".lab .card")
    lab = page.get_by_role("group", name="Graph of the program")

    # d out / d x = 6 (x + 2) / 4 = 4.5; before the last step nothing has arrived at x, which is not 0
    expect(x).to_contain_text("4.5")
    lab.press("ArrowLeft")
    expect(x).to_contain_text("—")
    expect(x).not_to_contain_text("4.5")
    lab.press("ArrowRight")
    expect(card).to_contain_text("AccumulateGrad")
    expect(x).to_contain_text("4.5")

    # a wrong line: where, what, what to try; what ran before it stays
    type_program(page, PROGRAM.replace("z.mean()", "z.maen()"))
    mistake = page.get_by_test_id("stAlert")
    expect(mistake).to_contain_text("Line 4, column")
    expect(mistake).to_contain_text("mean")
    expect(x).to_be_visible()

    # the address alone brings it back
    page.goto(address(page))
    settle(page)
    expect(page.get_by_role("textbox", name="Program")).to_have_value(re.compile("maen"))
    expect(page.get_by_test_id("stAlert")).to_contain_text("Line 4, column")


def design(page: Page) -> None:
    open_room(page, "Design")

    # a kernel larger than the image is explained at its layer, and mended with a button
    kernel = page.get_by_label("kernel of conv1")
    kernel.fill("30")
    conv1 = page.get_by_role("group", name="conv1, Conv2d")
    expect(conv1.get_by_role("status")).to_contain_text("30")
    expect(page.get_by_role("button", name="Train this network")).to_be_disabled()
    conv1.get_by_role("status").get_by_role("button").first.click()
    expect(page.get_by_role("button", name="Train this network")).to_be_enabled()
    kernel.fill("5")
    expect(metric(page, "Parameters")).to_have_text("431,080")

    # a batch normalisation after the first convolution adds 2 · 20 parameters
    page.get_by_label("Insert a layer after conv1").select_option("BatchNorm2d")
    expect(metric(page, "Parameters")).to_have_text("431,120")
    expect(page.get_by_text("nn.BatchNorm2d(20)")).to_be_visible()
    page.get_by_role("textbox", name="Name of this design").fill("My LeNet")
    page.get_by_role("textbox", name="Name of this design").press("Enter")
    settle(page)
    assert "design=" in address(page)


def train(page: Page) -> float:
    page.get_by_role("button", name="Train this network").click()
    settle(page)
    train_on_a_tenth(page, 3)
    start_training(page)
    expect(page.get_by_text(re.compile(r"Run \d+ · My LeNet"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"images/s")).first).to_be_visible(timeout=60_000)

    # paused in the middle, it stands still; reloaded, it is found again, also in a second tab
    page.get_by_role("button", name="Pause").click()
    expect(state(page, "paused")).to_be_visible()
    assert "run=" in address(page)
    page.reload()
    expect(state(page, "paused")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url)
    expect(state(second, "paused")).to_be_visible()
    second.get_by_role("button", name="Resume").click()
    expect(state(second, "completed")).to_be_visible(timeout=120_000)
    second.close()
    expect(state(page, "completed")).to_be_visible()
    test_accuracy = percentage(number_of_run(page, "Accuracy, test"))
    assert test_accuracy > 75
    return test_accuracy


def inspect(page: Page, test_accuracy: float) -> None:
    # the same number stands on the Inspect page, with the matrix over all 10,000 test images
    page.get_by_role("link", name="Inspect").last.click()
    settle(page)
    assert percentage(metric(page, "Test accuracy")) == pytest.approx(test_accuracy, abs=0.051)  # rounded
    cells = page.get_by_role("group", name="Confusion matrix").get_by_role("button")
    expect(cells).to_have_count(100)
    assert sum(int(text.replace(",", "")) for text in cells.all_inner_texts()) == 10_000

    # a cell, one of its images, its probabilities and its map
    shirts_as_t_shirts = page.get_by_role("button", name=re.compile("^Shirt.*T-shirt"))
    shirts_as_t_shirts.first.click()
    settle(page)
    images = page.get_by_role("group", name="Images").get_by_role("button")
    images.nth(1).click()
    settle(page)
    expect(page.get_by_text(re.compile(r"Shirt, taken for T-shirt"))).to_be_visible()
    expect(page.get_by_role("img", name="Probabilities of the classes")).to_be_visible()
    expect(page.get_by_alt_text("The attribution map over the image")).to_be_visible()
    for part in ("run=", "cell=", "image="):
        assert part in address(page)
