"""Attribution on the Inspect page, on networks that were really trained: for a moment, on Silhouettes."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from core.inspection.attribution import METHODS
from tests.pages.inspect_visit import (
    address,
    choose_method,
    here,
    indices,
    listed,
    open_page,
    run_named,
    sent,
    texts,
    trained,
)

__all__ = ["here", "trained"]  # the fixtures


@pytest.mark.parametrize("method", METHODS)
def test_every_method_draws_its_map_and_says_what_it_costs(here: Path, method: str) -> None:
    app = open_page(run=run_named(here, "LeNet-6-12").id, method=method)
    assert not app.exception
    assert sent(app, "inspect_evidence")["why"] == ""
    assert any(sent(app, "inspect_evidence")["scores"])
    assert f"How to read {METHODS[method].name}" in texts(app)
    assert "Costs" in texts(app) and METHODS[method].paper in texts(app)


def test_what_a_network_lacks_stands_in_the_list_of_methods(here: Path) -> None:
    groups = sent(open_page(run=run_named(here, "Net_Linear").id), "inspect_method")["groups"]
    assert [group["name"] for group in groups] == list(
        dict.fromkeys(each.family for each in METHODS.values())
    )
    methods = listed(groups)
    assert list(methods) == [method.name for method in METHODS.values()]
    assert methods["Grad-CAM"] == "no feature maps"
    assert methods["Guided Backprop"] == "no ReLU"
    assert methods["Kernel SHAP"] == ""
    of_lenet = sent(open_page(run=run_named(here, "LeNet-6-12").id), "inspect_method")["groups"]
    assert not any(listed(of_lenet).values())


def finished(app: AppTest) -> AppTest:
    """A few more looks, until nothing is under way: AppTest has no timer."""
    for _ in range(100):
        if not any(button.key and button.key.endswith("_stop") for button in app.button):
            return app
        app.run()
    raise AssertionError("it does not end")


def test_a_map_is_checked_with_random_weights_other_classes_and_curves(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    app = finished(open_page(run=run, view="Trust", image="3", method="guided-backprop"))
    assert not app.exception
    weights = sent(app, "inspect_trust_weights")["tiles"]
    assert [tile["title"] for tile in weights] == [
        f"… {name}" for name in ("linear3", "linear2", "linear1", "conv2", "conv1")
    ]
    assert all(", SSIM " in tile["note"] for tile in weights)
    assert len(sent(app, "inspect_trust_class")["tiles"]) == 9
    assert "In this case" in texts(app)
    assert "Adebayo and others (2018) found" in texts(app)
    assert texts(app).count("in random order)") == 2


def test_checks_can_be_stopped_and_begun_again(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    app = open_page(run=run, view="Trust", image="3", method="feature-permutation")
    assert not app.exception
    app.button(key="inspect_trust_stop").click().run()
    assert not app.exception
    assert "Stopped:" in texts(app) and "In this case" not in texts(app)
    app.button(key="inspect_trust_again").click().run()
    assert app.button(key="inspect_trust_stop")


def test_a_method_that_cant_serve_the_network_says_so_instead_of_checks(here: Path) -> None:
    app = open_page(run=run_named(here, "Net_Linear").id, view="Trust", method="grad-cam")
    assert not app.exception
    assert "can't serve this network" in sent(app, "inspect_trust_original")["tiles"][1]["why"]


def test_maps_known_to_fail_are_checked_beside_the_map_and_others_on_request(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    app = finished(open_page(run=run, method="guided-backprop", image="3"))
    assert not app.exception
    assert [tile["title"] for tile in sent(app, "inspect_trust_weights")["tiles"]][-1] == "… conv1"
    assert len(sent(app, "inspect_trust_class")["tiles"]) == 9 and "In this case" in texts(app)
    assert len(app.get("vega_lite_chart")) == 2  # deletion and insertion
    other = open_page(run=run, image="3")
    assert "inspect_trust_weights" not in str([e.proto.id for e in other.get("bidi_component")])
    other.button(key="inspect_to_trust").click().run()
    assert not other.exception
    assert address(other)["view"] == "Trust" and address(other)["image"] == "3"


def test_several_methods_stand_side_by_side(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    app = finished(open_page(run=run, view="Attribution", image="3"))
    assert not app.exception
    tiles = sent(app, "inspect_maps")["tiles"]
    assert [tile["title"] for tile in tiles] == [
        "The image", "Saliency", "SmoothGrad", "Integrated Gradients", "DeepLIFT", "Grad-CAM", "Occlusion",
        "Shapley value sampling",
    ]  # fmt: skip
    assert all(len(tile["scores"]) == 784 and sum(tile["bins"]) > 0 for tile in tiles[1:])
    own = {tile["high"] for tile in tiles[1:]}
    app.toggle(key="inspect_one_scale").set_value(True).run()
    assert len(own) > 1 == len({tile["high"] for tile in sent(app, "inspect_maps")["tiles"][1:]})
    app.session_state["inspect_methods_ticked"] = ["lime"]
    app = finished(app.run())
    assert [tile["title"] for tile in sent(app, "inspect_maps")["tiles"]] == ["The image", "LIME"]


def test_one_method_on_several_images_for_both_classes(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    parts = {"compare": "images", "list": "misclassified", "for": "both", "count": "6", "method": "grad-cam"}
    app = finished(open_page(run=run, view="Attribution", **parts))
    assert not app.exception
    images = indices(app)[:6]
    tiles = sent(app, "inspect_maps")["tiles"]
    assert len(tiles) == 12  # each is misclassified: two classes
    assert [int(tile["title"].split(":")[0]) for tile in tiles[::2]] == images


def test_an_image_that_is_not_in_the_list_comes_before_it(here: Path) -> None:
    run = run_named(here, "LeNet-6-12").id
    parts = {"compare": "images", "list": "surest-mistakes", "count": "6"}
    listed = indices(open_page(run=run, **parts))
    other = next(index for index in range(200) if index not in listed)
    app = finished(open_page(run=run, view="Attribution", image=str(other), **parts))
    tiles = sent(app, "inspect_maps")["tiles"]
    assert [int(tile["title"].split(":")[0]) for tile in tiles] == [other, *listed[:5]]


def test_side_by_side_a_network_without_feature_maps_greys_what_needs_them(here: Path) -> None:
    app = open_page(run=run_named(here, "Net_Linear").id, view="Attribution", image="3")
    assert not app.exception
    assert listed(sent(app, "inspect_methods")["groups"])["Grad-CAM"] == "no feature maps"
    assert "grad-cam" not in sent(app, "inspect_methods")["chosen"]
    assert "Grad-CAM" not in [tile["title"] for tile in sent(finished(app), "inspect_maps")["tiles"]]


def test_means_of_the_chosen_cell_for_both_classes(here: Path) -> None:
    app = finished(open_page(run=run_named(here, "LeNet-6-12").id, view="Averages"))
    assert not app.exception
    images = len(indices(open_page(run=run_named(here, "LeNet-6-12").id)))
    tiles = sent(app, "inspect_means")["tiles"]
    assert len(tiles) == 3 and tiles[0]["title"] == "Mean image"
    assert {tile["note"] for tile in tiles[1:]} == {f"mean of {min(20, images)} images"}
    choose_method(app, "input-x-gradient")
    assert sent(finished(app), "inspect_means")["tiles"][1]["scores"] != tiles[1]["scores"]


def test_means_of_every_class_can_be_stopped(here: Path) -> None:
    parts = {"of": "classes", "most": "100", "method": "lime"}
    app = open_page(run=run_named(here, "LeNet-6-12").id, view="Averages", **parts)
    assert not app.exception
    app.button(key="inspect_averages_stop").click().run()
    assert not app.exception
    assert "Stopped:" in texts(app) and "of 1,000 maps" in texts(app)
    few = finished(open_page(run=run_named(here, "LeNet-6-12").id, view="Averages", of="classes"))
    names = catalogue.DATASETS["silhouettes"].classes
    assert [tile["title"] for tile in sent(few, "inspect_means")["tiles"]] == list(names)


def test_means_with_a_method_that_cant_serve_say_so(here: Path) -> None:
    app = open_page(run=run_named(here, "Net_Linear").id, view="Averages", method="grad-cam")
    assert not app.exception
    assert "can't serve this network" in texts(app)


def test_images_are_made_that_excite_every_class_or_a_channel(here: Path) -> None:
    app = finished(open_page(run=run_named(here, "LeNet-6-12").id, view="Maximise"))
    assert not app.exception
    tiles = sent(app, "inspect_excited")["tiles"]
    assert [tile["title"] for tile in tiles] == list(catalogue.DATASETS["silhouettes"].classes)
    pairs = [tile["note"].removeprefix("logit ").split(", noise ") for tile in tiles]
    assert all(float(strength) > float(noise) for strength, noise in pairs)
    layer = next(box for box in app.selectbox if box.label == "Of what")
    layer.select("conv1").run()
    app = finished(app)
    assert [tile["title"] for tile in sent(app, "inspect_excited")["tiles"]] == [
        f"Channel {k}" for k in range(1, 7)
    ]


def test_a_map_that_takes_long_can_be_stopped(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.inspect.patience.SOON", -1.0)  # at once
    run = run_named(here, "LeNet-6-12").id
    app = open_page(run=run, method="occlusion", image="3")
    assert not app.exception and sent(app, "inspect_evidence")["why"] == ""
    app.session_state["inspect_map_stopped"] = True  # as the button does, while the map is being made
    app.slider(key="inspect_occlusion_window").set_value(9).run()
    assert not app.exception
    assert "It was stopped" in sent(app, "inspect_evidence")["why"]
    app.button(key="inspect_map_again").click().run()
    assert sent(app, "inspect_evidence")["why"] == ""
