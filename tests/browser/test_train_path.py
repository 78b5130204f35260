"""A lecturer trains two runs, steers one, looks back over its epochs, compares both and takes a notebook away."""

import json
import re
from collections import Counter

import pytest
from playwright.sync_api import Page, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.browser.visits import address, settle, start_training, state, train_on_a_tenth

pytestmark = [pytest.mark.browser, pytest.mark.real_data]

EPOCHS = 6


def set_up(page: Page) -> None:
    """A short run on a tenth of Fashion-MNIST."""
    page.goto("/train")
    settle(page)
    train_on_a_tenth(page, EPOCHS)


def view(page: Page, name: str) -> None:
    page.get_by_role("radio", name=name, exact=True).click(force=True)
    settle(page)


def test_two_runs_steered_compared_and_taken_away(page: Page) -> None:
    set_up(page)
    first = start_training(page)
    first_address = address(page)
    expect(page.get_by_text(re.compile(r"images/s")).first).to_be_visible(timeout=60_000)

    # the second one waits for its turn, or trains beside the first
    second = start_training(page)
    assert second != first
    second_address = address(page)
    expect(state(page, re.compile("queued|running")).first).to_be_visible()

    # back at the first: paused, and given another rate
    page.goto(first_address)
    page.get_by_role("button", name="Pause").click()
    expect(state(page, "paused")).to_be_visible()
    page.get_by_role("button", name="Steer").click()
    body = page.get_by_test_id("stPopoverBody")
    rate = body.get_by_role("textbox", name="Learning rate")
    rate.fill("0.0005")
    rate.press("Tab")
    body.get_by_role("button", name="Change").first.click()
    page.wait_for_timeout(500)

    # reloaded, it is found as it was left, and goes on with the new rate
    page.reload()
    expect(state(page, "paused")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(state(page, "completed")).to_be_visible(timeout=120_000)

    # through its epochs, by the address alone
    page.goto(f"{first_address}&train_view=Epochs")
    slider = page.get_by_role("slider", name="Epoch", exact=True)
    expect(slider).to_have_attribute("max", str(EPOCHS))
    moment = page.locator("output")
    slider.focus()
    slider.press("Home")
    expect(moment).to_contain_text("before training")
    for epoch in range(1, EPOCHS + 1):
        slider.press("ArrowRight")
        expect(moment).to_contain_text(f"epoch {epoch} ")

    # the second has ended, too; both side by side
    page.goto(second_address)
    expect(state(page, "completed")).to_be_visible(timeout=120_000)
    view(page, "Compare")
    expect(page.get_by_text(f"Run {second} compared with")).to_be_visible()
    differences = page.get_by_test_id("stDataFrame").first
    expect(differences).to_be_visible()
    expect(
        page.get_by_text(re.compile(f"Run {second}.*[Rr]un {first}|Run {first}.*[Rr]un {second}")).first
    ).to_be_visible()

    # the notebook of the steered run holds what was changed, and what it printed
    page.goto(f"{first_address}&train_view=Export")
    settle(page)
    with page.expect_download() as download:
        page.locator(".st-key-train_export_notebook").get_by_role("button").click()
    book = json.loads(download.value.path().read_text())
    assert book["nbformat"] == 4
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert any("0.0005" in "".join(cell["source"]) for cell in code)
    printed = "".join("".join(output.get("text", "")) for cell in code for output in cell["outputs"])
    assert re.search(r"test accuracy \d\d\.\d\d%", printed)


def picture(page: Page) -> str:
    """What the chart of the loss shows."""
    canvas = page.locator(".st-key-train_live canvas").first
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def wait_for_another_picture(page: Page, before: str) -> None:
    for _ in range(200):
        if picture(page) != before:
            return
        page.wait_for_timeout(200)
    raise AssertionError("The curves stay as they are.")


def test_while_a_run_trains_its_curves_move_and_the_page_stays(page: Page) -> None:
    """The browser asks for points by itself: between reruns, no message of the page's comes over the socket."""
    drawn: Counter[str] = Counter()

    def count(payload: str | bytes) -> None:
        message = ForwardMsg()
        message.ParseFromString(payload if isinstance(payload, bytes) else payload.encode())
        drawn[message.delta.new_element.WhichOneof("type") or ""] += 1

    page.on("websocket", lambda socket: socket.on("framereceived", count))
    page.goto("/train")
    settle(page)
    train_on_a_tenth(page, 200)
    start_training(page)
    expect(page.get_by_text(re.compile(r"Epoch [2-9] of")).first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(2000)  # from now on the run can be inspected: all was drawn anew
    messages = []
    for _ in range(4):
        drawn.clear()
        wait_for_another_picture(page, picture(page))
        messages.append(drawn["dataframe"] + drawn["bidi_component"])
    # what is next to the pointer is told
    page.locator(".st-key-train_live canvas").first.hover(position={"x": 120, "y": 100})
    expect(page.locator(".st-key-train_live .told").first).to_contain_text("mean over images")
    page.get_by_role("button", name="Stop").click()
    expect(state(page, "stopped")).to_be_visible(timeout=60_000)
    assert messages.count(0) >= 2  # the table and the buttons may have come meanwhile, as they do at times


def test_an_axis_and_a_view_are_chosen_while_a_run_trains(page: Page) -> None:
    page.goto("/train")
    settle(page)
    train_on_a_tenth(page, 200)
    start_training(page)
    progress = page.locator(".st-key-train_live .text")
    expect(progress).to_contain_text("images/s", timeout=60_000)
    loss = page.locator(".st-key-train_live canvas").first
    expect(loss).to_have_attribute("aria-label", re.compile(r"over the epoch; .*\d"))
    page.get_by_role("radio", name="seconds", exact=True).click(force=True)
    expect(loss).to_have_attribute("aria-label", re.compile(r"over the seconds of training; .*\d"))
    # the numbers go on in another view, without the charts
    view(page, "Epochs")
    expect(page.locator(".st-key-train_live canvas")).to_have_count(0)
    said = progress.inner_text()
    expect(progress).not_to_have_text(said)
    view(page, "Curves")
    expect(page.locator(".st-key-train_live canvas")).to_have_count(2)
    expect(loss).to_have_attribute("aria-label", re.compile(r"over the seconds of training; .*\d"))
    page.get_by_role("button", name="Stop").click()
    expect(state(page, "stopped")).to_be_visible(timeout=60_000)
    expect(progress).to_contain_text("200 epochs")
    expect(page.locator(".st-key-train_live .number").last).to_contain_text("%")  # the test accuracy
