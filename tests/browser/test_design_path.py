"""A student builds a residual network from nothing, breaks and mends it, looks inside, copies, shares and trains it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from core.networks.link import decode
from core.networks.spec import NetworkSpec
from tests.browser.visits import address, metric, open_room, settle, start_training, state

pytestmark = [pytest.mark.browser, pytest.mark.real_data]


def group(page: Page, name: str) -> Locator:
    """The row of a layer."""
    return page.get_by_role("group", name=name, exact=True)


def add(page: Page, what: str) -> None:
    page.get_by_label("Add a layer at the end", exact=True).select_option(label=what)


def view(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click()
    settle(page)


def test_a_residual_network_from_nothing_to_a_trained_run(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/design")
    settle(page)
    build(page)
    break_and_mend(page)
    look_inside(page)
    copy_code(page)
    share(page)
    train(page)


def build(page: Page) -> None:
    page.get_by_role("button", name="Gallery").click()
    page.get_by_role("button", name="Start from this").first.click()
    settle(page)
    expect(page.get_by_text("This network has no layers yet. Add")).to_be_visible()
    expect(page.get_by_role("button", name="Train this network")).to_be_disabled()
    # 9·1·32 weights and twice 32 of batch norm; then twice 9·32·32 + 2·32; then 32·10 + 10
    add(page, "Conv-BN-ReLU-pool")
    expect(group(page, "conv1, Conv2d")).to_be_visible()
    add(page, "Residual block")
    expect(group(page, "residual1, Residual")).to_be_visible()
    expect(group(page, "conv3, Conv2d")).to_be_visible()
    add(page, "Classifier head")
    expect(metric(page, "Parameters")).to_have_text(f"{9 * 32 + 64 + 2 * (9 * 32 * 32 + 64) + 330:,}")
    expect(page.get_by_role("button", name="Train this network")).to_be_enabled()


def break_and_mend(page: Page) -> None:
    # a larger kernel inside the block gives smaller maps than x, which can't be added
    page.get_by_label("kernel of conv3", exact=True).fill("5")
    block = group(page, "residual1, Residual").get_by_role("status")
    expect(block).to_contain_text("they can't be added")
    expect(block).to_contain_text("32 × 14 × 14")
    expect(page.get_by_role("button", name="Train this network")).to_be_disabled()
    block.get_by_role("button", name=re.compile("Pad conv3")).click()
    expect(page.get_by_label("padding of conv3", exact=True)).to_have_value("2")
    expect(page.get_by_role("button", name="Train this network")).to_be_enabled()
    # the block says how it differs from a concatenation, with its own numbers
    expect(metric(page, "Parameters")).to_have_text(f"{9 * 32 + 64 + (9 + 25) * 32 * 32 + 2 * 64 + 330:,}")
    page.get_by_role("textbox", name="Name of this design").fill("From nothing")
    page.get_by_role("textbox", name="Name of this design").press("Enter")
    settle(page)


def look_inside(page: Page) -> None:
    view(page, "Look inside")
    page.get_by_role("option", name=re.compile("conv1")).click()
    settle(page)
    output = page.get_by_label(re.compile("^Output map"))
    output.click()
    # the products of the window, their sum and the layer's own value; batch norm follows, so there is no bias
    expect(page.locator(".dissection .lines")).to_contain_text("=")
    expect(page.locator(".inside .head")).to_contain_text("32 × 28 × 28")


def copy_code(page: Page) -> None:
    view(page, "Build")
    code = page.get_by_test_id("stCode")
    code.hover()
    code.get_by_role("button", name=re.compile("copy", re.IGNORECASE)).click()
    copied = page.evaluate("navigator.clipboard.readText()")
    names: dict[str, object] = {}
    exec(copied, names)  # noqa: S102 (what the page copied, which is to run on its own)
    assert tuple(names["logits"].shape) == (2, 10)  # type: ignore[attr-defined]
    assert "class FromNothing(nn.Module):" in copied


def share(page: Page) -> None:
    link = address(page)
    visitor = page.context.browser.new_context()  # type: ignore[union-attr]
    other = visitor.new_page()
    other.goto(link)
    settle(other)
    expect(other.get_by_role("textbox", name="Name of this design")).to_have_value("From nothing")
    expect(metric(other, "Parameters")).to_have_text(metric(page, "Parameters").inner_text())
    assert shared(other) == shared(page)
    visitor.close()


def shared(page: Page) -> NetworkSpec:
    word = page.evaluate("new URL(location.href).searchParams.get('design')")
    return decode(word)


def train(page: Page) -> None:
    page.get_by_role("button", name="Train this network").click()
    settle(page)
    page.get_by_role("radio", name="1 %", exact=True).click()
    page.get_by_role("spinbutton", name="Epochs").fill("2")
    page.get_by_role("spinbutton", name="Epochs").press("Enter")
    settle(page)
    start_training(page)
    expect(page.get_by_text(re.compile(r"Run \d+ · From nothing"))).to_be_visible()
    expect(state(page, "completed")).to_be_visible(timeout=120_000)
    open_room(page, "Design")
    expect(page.get_by_role("textbox", name="Name of this design")).to_have_value("From nothing")
    # its trained weights can be looked through, too
    view(page, "Look inside")
    page.get_by_role("combobox", name=re.compile("^Weights|Not trained yet")).click()
    page.get_by_role("option", name=re.compile("From nothing")).click()
    expect(page.locator(".inside .sentence")).to_contain_text("the trained weights of run")
