"""The graph's views: the place in the walk stays, gradients tell their checks, pictures can be saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.server import Server
from tests.browser.visits import settle, type_program

pytestmark = pytest.mark.browser

# c = a · b = 6; ∂c/∂a = b = 3
PROGRAM = """a = torch.tensor(2.0, requires_grad=True)
b = torch.tensor(3.0)
c = a * b
c.backward()"""


@pytest.fixture(scope="module")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("views"))
    yield server
    server.close()


@pytest.fixture
def room(page: Page) -> Page:
    """Three forwards, the seed, one node and one leaf back: at the node."""
    page.goto("/autograd")
    settle(page)
    type_program(page, PROGRAM)
    expect(page.locator(".lab .count")).to_have_text("6 / 6")
    page.locator(".lab").press("ArrowLeft")
    return page


def view(page: Page, name: str) -> None:
    page.locator(".lab .views").get_by_role("button", name=name).click()


def test_views_change_and_the_step_stays(room: Page) -> None:
    lab = room.locator(".lab")
    view(room, "PyTorch")
    expect(lab.locator(".count")).to_have_text("5 / 6")
    expect(lab.locator(".box.focus")).to_contain_text("MulBackward0")
    node = lab.get_by_role("button", name="AccumulateGrad, node, arrives 3")
    expect(node).to_be_visible()
    view(room, "torchviz")
    expect(room.get_by_test_id("stGraphVizChart")).to_contain_text("MulBackward0")
    expect(lab.locator(".count")).to_have_text("5 / 6")
    view(room, "Mathematics")
    expect(room.get_by_test_id("stGraphVizChart")).to_have_count(0)
    expect(lab.locator(".count")).to_have_text("5 / 6")


def test_a_gradient_tells_its_check_on_hover(room: Page) -> None:
    lab = room.locator(".lab")
    lab.press("End")
    lab.get_by_role("button", name="a, leaf").locator(".gradient").hover()
    expect(lab.locator(".tip")).to_contain_text("torch.autograd.grad: relative error")
    expect(lab.locator(".tip")).to_contain_text("central differences")


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_picture_can_be_downloaded(room: Page, kind: str, tmp_path: Path) -> None:
    room.locator(".lab .menu summary").click()
    with room.expect_download() as download:
        room.locator(f'.lab [data-act="{kind}"]').click()
    content = tmp_path / f"graph.{kind}"
    download.value.save_as(content)
    if kind == "svg":
        text = content.read_text(encoding="utf-8")
        assert text.startswith("<svg") and "MulBackward0" in text and "var(" not in text
    else:
        assert content.read_bytes().startswith(b"\x89PNG")


def test_a_long_program_is_readable_and_followed(room: Page) -> None:
    lab = room.locator(".lab")
    type_program(
        room, "x = torch.ones(1, requires_grad=True)\nfor i in range(50):\n    x = x * 2\nx.backward()"
    )
    # 51 forwards, the seed, 50 nodes, one leaf
    expect(lab.locator(".count")).to_have_text("103 / 103")
    lab.press("Home")
    for _ in range(12):
        lab.press("ArrowRight")
    room.wait_for_timeout(600)  # the view glides
    focus, stage = lab.locator(".box.focus").bounding_box(), lab.locator(".stage").bounding_box()
    assert focus is not None and stage is not None
    assert focus["height"] > 40  # pixels: its numbers can be read
    assert stage["y"] <= focus["y"] and focus["y"] + focus["height"] <= stage["y"] + stage["height"]


def test_the_list_of_steps_leads_to_a_step(room: Page) -> None:
    lab = room.locator(".lab")
    lab.get_by_role("button", name="Steps").click()
    lab.locator(".steps").get_by_role("button", name="c = a * b").click()
    expect(lab.locator(".count")).to_have_text("3 / 6")
