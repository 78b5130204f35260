"""The view of one image: its numbers, its history, its evidence, its neighbours and what is inside."""

from pathlib import Path

import pytest
import torch

from core.data import catalogue
from tests.pages.inspect_visit import (  # noqa: F401 (fixtures)
    address,
    here,
    open_page,
    run_named,
    sent,
    texts,
    trained,
)


def test_the_numbers_of_an_image_and_its_history(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="One image", image="9")
    assert not app.exception
    assert sent(app, "inspect_pixels")["raw"]["shape"] == [1, 28, 28]
    table = app.dataframe[0].value
    assert table["probability"].str.rstrip(" %").astype(float).sum() == pytest.approx(100, abs=0.01)
    logits = table["logit"].str.replace("−", "-").astype(float)
    probabilities = torch.tensor(logits.to_numpy()).softmax(0)
    assert table["probability"].str.rstrip(" %").astype(float).tolist() == pytest.approx(
        (100 * probabilities).tolist(), abs=0.06
    )
    label = int(catalogue.load("silhouettes").test.labels[9])
    assert "· true" in table["class"][label]
    assert sum("predicted" in name for name in table["class"]) == 1
    assert "since epoch" in texts(app) or "from the first checkpoint on" in texts(app)


@pytest.mark.parametrize("network", ["LeNet-6-12", "Net_Linear"])
def test_its_evidence_for_any_class(here: Path, network: str) -> None:  # noqa: F811
    app = open_page(run=run_named(here, network).id, view="One image", about="Attribution", image="9")
    assert not app.exception
    assert sent(app, "inspect_image_evidence")["why"] == ""
    before = sent(app, "inspect_image_evidence")["scores"]
    target = next(box for box in app.selectbox if (box.key or "").startswith("inspect_image_target_"))
    target.select(7 if target.value != 7 else 3).run()
    assert not app.exception
    assert sent(app, "inspect_image_evidence")["scores"] != before


def test_a_method_that_can_not_serve_says_why(here: Path) -> None:  # noqa: F811
    run = run_named(here, "Net_Linear").id
    app = open_page(run=run, view="One image", about="Attribution", method="grad-cam")
    assert not app.exception
    assert "Grad-CAM can't serve this network" in sent(app, "inspect_image_evidence")["why"]


def test_every_layer_can_be_looked_into(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="One image", about="Inside", image="9")
    assert not app.exception
    layers = sent(app, "inspect_inside")["layers"]
    assert len(layers) > 5
    for layer in layers:
        app.session_state["inspect_inside"] = {"look": {"layer": layer["name"], "first": 0}}
        app.run()
        assert not app.exception
        assert sent(app, "inspect_inside")["layer"]["name"] == layer["name"]
    scores = sent(app, "inspect_inside")["scores"]
    assert sum(score["probability"] for score in scores) == pytest.approx(1)


def test_an_own_image_gets_all_of_it(here: Path) -> None:  # noqa: F811
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="One image")
    own = torch.zeros(1, 28, 28, dtype=torch.uint8)
    own[0, 5:20, 8:20] = 200
    app.session_state["inspect_own_pixels"] = own
    app.run()
    app.segmented_control(key="inspect_of").set_value("own").run()
    for part in ("Numbers", "Evidence", "Neighbours", "Inside"):
        app.segmented_control(key="inspect_about").set_value(part).run()
        assert not app.exception
        assert "Your own image" in texts(app)
    assert address(app)["of"] == "own"
