"""A student in the Autograd room: types a program, walks it backward, looks at a node, shares the link."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.server import Server
from tests.browser.visits import address, settle, type_program

pytestmark = pytest.mark.browser

# y = w x = (3, 6), y · y = (9, 36), loss = 45.
# back: ∂(y·y) = (1, 1); y gets y · 1 from each of its two uses: (3, 6) + (3, 6) = (6, 12);
# ∂x = 3 · (6, 12) = (18, 36); ∂w = 6 · 1 + 12 · 2 = 30, summed because w was broadcast
PROGRAM = """x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor(3.0, requires_grad=True)
y = w * x
loss = (y * y).sum()
loss.backward()"""


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One that needs no data: this room has none."""
    server = Server(tmp_path_factory.mktemp("autograd"))
    yield server
    server.close()


def box(page: Page, name: str) -> Locator:
    """The tensor's box in the graph."""
    return page.locator(".lab .picture").get_by_role("button", name=re.compile(f"^{re.escape(name)}, "))


def gradient(page: Page, name: str) -> list[str]:
    """The numbers below "grad" in the tensor's box, as shown; a single — where nothing has arrived."""
    return [text for text in box(page, name).locator(".gradient text.cell").all_text_contents() if text]


def card(page: Page) -> Locator:
    return page.locator(".lab .card")


def at(page: Page, step: int) -> None:
    """The walk stands at `step` of eleven: five forwards, the seed, three nodes and two leaves back."""
    expect(page.locator(".lab .count")).to_have_text(f"{step} / 11")


@pytest.fixture
def room(page: Page) -> Page:
    page.goto("/autograd")
    settle(page)
    type_program(page, PROGRAM)
    at(page, 11)
    return page


def test_walking_backward_with_the_keyboard(room: Page) -> None:
    lab = room.locator(".lab")
    lab.focus()

    # at the end each leaf has its gradient
    assert gradient(room, "x") == ["18", "36"]
    assert gradient(room, "w") == ["30"]
    expect(card(room)).to_contain_text("AccumulateGrad")

    # before the last accumulation one of the two leaves has none, which is not 0
    lab.press("ArrowLeft")
    at(room, 10)
    without = [name for name in ("x", "w") if gradient(room, name) == ["—"]]
    assert len(without) == 1

    # from the beginning: the values appear one by one, none with a gradient
    lab.press("Home")
    at(room, 0)
    for _ in range(5):
        lab.press("ArrowRight")
    expect(card(room)).to_contain_text("loss")
    expect(card(room)).to_contain_text("45")
    for name in ("x", "w", "y", "loss"):
        assert gradient(room, name) == ["—"]

    lab.press("ArrowRight")  # the seed
    expect(card(room)).to_contain_text("∂loss/∂loss = 1")
    assert gradient(room, "loss") == ["1"]

    lab.press("ArrowRight")  # the sum spreads it
    expect(card(room)).to_contain_text("SumBackward0")
    assert gradient(room, "y * y") == ["1", "1"]
    assert gradient(room, "y") == ["—"]

    lab.press("ArrowRight")  # y · y uses y twice
    expect(card(room)).to_contain_text("MulBackward0")
    expect(card(room)).to_contain_text("used 2 times")
    assert gradient(room, "y") == ["6", "12"]

    lab.press("ArrowRight")  # w · x: the copies of w are summed
    at(room, 9)
    expect(card(room)).to_contain_text("broadcast")
    assert card_numbers(room) >= {"18", "36", "30"}
    assert gradient(room, "w") == ["—"]  # on its way, and not yet in w.grad

    lab.press("End")
    at(room, 11)
    assert gradient(room, "w") == ["30"]
    assert gradient(room, "x") == ["18", "36"]


def card_numbers(page: Page) -> set[str]:
    return set(card(page).locator("td").all_text_contents())


def test_clicking_a_node_opens_it(room: Page) -> None:
    box(room, "y").click()
    expect(card(room).get_by_role("heading")).to_have_text("y")
    expect(card(room)).to_contain_text("MulBackward0")
    expect(card(room)).to_contain_text("is_leaf False")
    assert card_numbers(room) == {"3", "6", "12"}  # value (3, 6), gradient (6, 12)

    # a leaf says how its gradient was checked
    box(room, "w").click()
    expect(card(room)).to_contain_text("is_leaf True")
    expect(card(room)).to_contain_text("central differences")
    expect(card(room)).not_to_contain_text("✗")


def test_moving_a_leafs_slider(room: Page) -> None:
    places = [box(room, name).get_attribute("transform") for name in ("x", "w", "y", "loss")]
    slider = room.get_by_role("slider", name="w", exact=True)
    # w = 4: y = (4, 8), ∂y = (8, 16), ∂w = 8 · 1 + 16 · 2 = 40, ∂x = 4 · (8, 16) = (32, 64)
    slider.fill("4")
    expect(box(room, "w")).to_contain_text("40")
    settle(room)
    assert gradient(room, "w") == ["40"]
    assert gradient(room, "x") == ["32", "64"]
    expect(box(room, "loss")).to_contain_text("80")  # 4² + 8²
    assert [box(room, name).get_attribute("transform") for name in ("x", "w", "y", "loss")] == places
    expect(room.get_by_role("textbox", name="Program")).to_have_value(PROGRAM)  # the text is as it was


def test_changing_the_view_keeps_the_place(room: Page) -> None:
    lab = room.locator(".lab")
    lab.focus()
    lab.press("Home")
    for _ in range(8):
        lab.press("ArrowRight")
    assert gradient(room, "y") == ["6", "12"]
    picture = room.locator(".lab .picture")
    expect(picture).not_to_contain_text("AccumulateGrad")
    room.get_by_role("button", name="PyTorch", exact=True).click()
    at(room, 8)
    expect(picture).to_contain_text("AccumulateGrad")
    room.get_by_role("button", name="Mathematics", exact=True).click()
    at(room, 8)
    assert gradient(room, "y") == ["6", "12"]


def test_a_link_opens_the_same_page_for_another_visitor(room: Page, browser: Browser, server: Server) -> None:
    link = address(room)
    assert link.startswith(f"{server.url}/autograd?") and "program=" in link
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    other = context.new_page()
    other.goto(link)
    settle(other)
    expect(other.get_by_role("textbox", name="Program")).to_have_value(PROGRAM)
    at(other, 11)
    assert gradient(other, "w") == ["30"]
    context.close()


def test_a_wrong_line_is_explained_and_the_graph_before_it_stays(room: Page) -> None:
    type_program(room, PROGRAM.replace("(y * y).sum()", "y * torch.ones(5)"))
    mistake = room.get_by_test_id("stAlert")
    expect(mistake).to_contain_text("Line 4, column")
    expect(mistake).to_contain_text("(2,)")
    expect(mistake).to_contain_text("(5,)")
    for name in ("x", "w", "y"):
        expect(box(room, name)).to_be_visible()
    expect(room.locator(".lab .picture .failed.box")).to_contain_text("y * torch.ones(5)")

    # mended, the walk is whole again
    type_program(room, PROGRAM)
    expect(mistake).to_have_count(0)
    at(room, 11)


def test_every_example_opens_from_the_picker(page: Page) -> None:
    page.goto("/autograd")
    settle(page)
    for title in ("A product", "Softmax and its Jacobian", "A convolution", "Mistake: backward twice"):
        picker = page.get_by_role("combobox", name="Example")
        picker.click()
        picker.fill(title)
        page.get_by_role("option", name=title, exact=True).click()
        settle(page)
        expect(page.locator(".lab .picture .box").first).to_be_visible()
        mistake = page.get_by_test_id("stAlert").filter(has_text="column")
        expect(mistake).to_have_count(1 if title.startswith("Mistake") else 0)
