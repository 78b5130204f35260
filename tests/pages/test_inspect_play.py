"""Play with the evidence: painting, edits, attacks and their curve, on a network that was really trained."""

import base64
import re
from pathlib import Path

import pytest
import torch

from core.data import catalogue
from pages.inspect import work
from tests.pages.inspect_visit import (  # noqa: F401 (fixtures)
    address,
    here,
    open_page,
    run_named,
    sent,
    texts,
    trained,
)


def play(folder: Path, network: str = "LeNet-6-12", **parts: str):  # type: ignore[no-untyped-def]
    return open_page(run=run_named(folder, network).id, view="Play", **parts)


def test_at_first_nothing_is_changed(here: Path) -> None:  # noqa: F811
    app = play(here, image="3")
    assert not app.exception
    pixels = catalogue.load("silhouettes").test.pixels[3]
    key = next(
        element.proto.id for element in app.get("bidi_component") if "inspect_paint_" in element.proto.id
    )
    canvas = sent(app, key.rsplit("-", 1)[1])
    assert base64.b64decode(canvas["pixels"]) == pixels.numpy().tobytes()
    for bar in sent(app, "inspect_play_bars"):
        assert bar["length"] == bar["before"]["length"]
    assert address(app)["image"] == "3"


def test_an_edit_changes_the_bars_and_leaves_those_of_before(here: Path) -> None:  # noqa: F811
    app = play(here, image="3")
    before = sent(app, "inspect_play_bars")
    app.session_state["inspect_edits"] = {"amounts": {"down": 9, "blur": 3, "nonsense": 7}}
    app.run()
    assert not app.exception
    after = sent(app, "inspect_play_bars")
    assert [bar["length"] for bar in after] != [bar["length"] for bar in before]
    assert [bar["before"] for bar in after] == [bar["before"] for bar in before]
    assert "it was" in texts(app)


def test_what_is_painted_out_is_gone(here: Path) -> None:  # noqa: F811
    app = play(here, image="3")
    name = next(e.proto.id for e in app.get("bidi_component") if "inspect_paint_" in e.proto.id).rsplit(
        "-", 1
    )[1]
    app.session_state[name] = {"pixels": base64.b64encode(bytes(28 * 28)).decode()}
    app.run()
    assert not app.exception
    black = [bar["length"] for bar in sent(app, "inspect_play_bars")]
    app.session_state["inspect_edits"] = {"amounts": {"rotate": 40}}
    app.run()
    assert [bar["length"] for bar in sent(app, "inspect_play_bars")] == pytest.approx(
        black
    )  # still all black


def test_any_other_image_by_lot(here: Path) -> None:  # noqa: F811
    app = play(here)
    torch.manual_seed(0)
    app.button(key="inspect_any_image").click().run()
    assert not app.exception
    index = int(address(app)["image"])
    assert f"Test image {index:,}" in texts(app)
    app.number_input(key="inspect_image_index").set_value(5).run()
    assert address(app)["image"] == "5"


@pytest.mark.parametrize("network", ["LeNet-6-12", "Net_Linear"])
def test_the_smallest_step_is_told_with_its_numbers(here: Path, network: str) -> None:  # noqa: F811
    app = play(here, network, play="Adversarial step", image="3")
    assert not app.exception
    assert "changes what the network says" in texts(app) or app.info
    app.segmented_control(key="inspect_attack").set_value("PGD").run()
    assert not app.exception
    app.toggle(key="inspect_attack_smallest").set_value(False).run()
    app.slider(key="inspect_attack_epsilon").set_value(2.0).run()
    assert not app.exception
    assert "ε = 2.00 grey levels" in texts(app)


def test_the_curve_is_computed_in_steps_and_can_be_stopped(
    here: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "TURN", 0.0)
    app = play(here, play="Accuracy against strength")
    assert "Nothing is computed yet" in app.info[0].value
    app.selectbox(key="inspect_robustness_size").select(100).run()
    app.button(key="inspect_robustness_begin").click().run()
    assert not app.exception
    app.button(key="inspect_robustness_stop").click().run()
    assert not app.exception
    assert "Nothing is computed yet" in app.info[0].value
    monkeypatch.setattr(work, "TURN", 1e9)
    app.button(key="inspect_robustness_begin").click().run()
    assert not app.exception
    assert "On 100 test images" in texts(app)


def test_a_long_search_shows_how_far_it_is_and_can_be_stopped(
    here: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "TURN", 0.0)
    app = play(here, play="Adversarial step", image="3")
    assert not app.exception
    app.button(key="inspect_attack_search_stop").click().run()
    assert not app.exception
    assert re.search(r"Stopped: \d+ % of the search", texts(app)) and not app.info
    monkeypatch.setattr(work, "TURN", 1e9)
    app.button(key="inspect_attack_search_again").click().run()
    assert not app.exception
    assert not app.info or "Up to 64 grey levels" in app.info[0].value
    assert not [button for button in app.button if button.key == "inspect_attack_search_stop"]
