"""The card of pretrained weights: what it says, how they are fetched, and what is trained."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.analysis import analyse
from core.networks.edit import remove
from core.networks.gallery import NAMED_NETWORKS
from core.networks.gallery.pretrained import squeezenet1_1
from core.networks.spec import NetworkSpec
from core.training.starting_weights import folder
from tests.core.networks.published_weights import announce
from tests.mirror import Mirror
from tests.pages.design_visit import keys, network

SCRIPT = """
import streamlit as st

from core.networks.analysis import analyse
from pages.shared import history
from pages.design.pretrained import weights_card
from pages.shared.choice import current_network

weights_card(analyse(current_network(), (1, 28, 28), 10))
st.button("Undo", on_click=history.undo, key="undo")
"""
SQUEEZENET = squeezenet1_1()
NAME = "squeezenet1_1"
CONTENT = b"not weights, but fetched and verified like them" * 100


def visit(design: NetworkSpec = SQUEEZENET) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["network"] = design
    app.run()
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.warning])


def test_a_design_with_weights_of_its_own_has_no_card() -> None:
    app = visit(NAMED_NETWORKS["LeNet"])
    assert texts(app) == ""
    assert keys(app) == {"undo"}


def test_the_card_says_what_the_weights_are_and_how_to_get_them() -> None:
    app = visit()
    text = texts(app)
    assert (
        "**Pretrained weights of SqueezeNet 1.1** (Iandola and others, 2016), learned on ImageNet-1K" in text
    )
    assert "58.2 % right at the first guess. torchvision publishes them (5 MB)" in text
    assert "Without a network: put squeezenet1_1-" in text
    assert str(folder()) in text
    assert app.button(key="pretrained_download").label == "Download the weights of SqueezeNet 1.1"


def test_the_download_brings_them(mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    file = announce(monkeypatch, NAME, mirror.url, CONTENT)
    mirror.answers[file] = [CONTENT]
    app = visit()
    app.button(key="pretrained_download").click().run()
    assert not app.exception
    assert (folder() / file).read_bytes() == CONTENT
    assert "The weights of SqueezeNet 1.1 (0 MB) are on this machine." in texts(app)
    assert "pretrained_download" not in keys(app)


def test_without_a_network_one_sentence_says_so_and_stays(
    nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(monkeypatch, NAME, nobody, CONTENT)
    app = visit()
    app.button(key="pretrained_download").click().run()
    for _ in range(2):
        assert not app.exception
        assert "could not be downloaded (Connection refused): try again later, or put" in app.warning[0].value
        app.run()


def test_a_damaged_file_is_named(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = announce(monkeypatch, NAME, nobody, CONTENT)
    folder().mkdir(parents=True)
    (folder() / file).write_bytes(CONTENT[1:])
    app = visit()
    assert app.warning[0].value == f"{file} on this machine is damaged."
    assert "pretrained_download" in keys(app)


def test_the_whole_network_or_the_head_alone() -> None:
    app = visit()
    whole = analyse(SQUEEZENET, (1, 28, 28)).parameters
    head = 512 * 10 + 10
    assert app.radio[0].options == [
        f"The head alone ({head:,} parameters)",
        f"The whole network ({whole:,} parameters)",
    ]
    assert app.radio[0].value is True
    app.radio[0].set_value(False).run()
    assert network(app) == replace(SQUEEZENET, frozen=False)
    assert app.radio[0].value is False
    app.button(key="undo").click().run()
    assert network(app) == SQUEEZENET
    assert app.radio[0].value is True


def test_a_design_that_they_do_not_fit_is_told_so_and_can_begin_at_random() -> None:
    app = visit(remove(SQUEEZENET, (4,)))
    assert app.warning[0].value.startswith("The weights of SqueezeNet 1.1 don't fit this network: ")
    assert not app.radio
    app.button(key="pretrained_random").click().run()
    assert not app.exception
    assert (network(app).weights, network(app).frozen) == ("default", False)
    assert texts(app) == ""


def test_a_frozen_design_with_random_weights_can_be_trained_whole() -> None:
    app = visit(replace(NAMED_NETWORKS["LeNet"], weights="he-normal", frozen=True))
    assert "stays so" in app.warning[0].value
    app.button(key="pretrained_unfreeze").click().run()
    assert network(app) == replace(NAMED_NETWORKS["LeNet"], weights="he-normal")
    assert texts(app) == ""


def test_an_unfinished_design_still_has_its_card() -> None:
    last = len(SQUEEZENET.layers) - 1
    app = visit(remove(SQUEEZENET, (last,)))
    assert "Pretrained weights of SqueezeNet 1.1" in texts(app)
