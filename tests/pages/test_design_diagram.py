"""The picture above the list: which drawing is sent to the browser, and under which name it is saved."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from pages.design.diagram import DRAWINGS, KIND, drawing_data

PAGE = Path(__file__).parents[2] / "pages" / "design" / "page.py"
IMAGE = (1, 28, 28)


@pytest.mark.parametrize("kind", list(DRAWINGS))
def test_the_page_draws_either_way(kind: str) -> None:
    app = AppTest.from_file(str(PAGE), default_timeout=30)
    app.query_params["design"] = "Small ResNet"
    app.session_state[KIND] = kind
    app.run()
    assert not app.exception
    assert app.session_state[KIND] == kind


def test_what_is_sent_is_the_drawing_that_was_chosen() -> None:
    analysis = analyse(NAMED_NETWORKS["LeNet"], IMAGE)
    volumes, blocks = (drawing_data(analysis, kind)["drawing"] for kind in ("Volumes", "Blocks"))
    assert {mark["tag"] for mark in volumes["marks"]} >= {"polygon"}
    assert {mark["tag"] for mark in blocks["marks"]} == {"rect", "text", "path"}


def test_the_file_is_called_after_the_design_and_the_drawing() -> None:
    assert drawing_data(analyse(NAMED_NETWORKS["LeNet"], IMAGE), "Blocks")["name"] == "LeNet-blocks"
    nameless = NetworkSpec("../", NAMED_NETWORKS["LeNet"].layers)
    assert drawing_data(analyse(nameless, IMAGE), "Volumes")["name"] == "network-volumes"
