"""Galleries on the Inspect page: lists, filters, and the nearest training images."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from pages.inspect import work
from tests.pages.inspect_visit import (  # noqa: F401 (fixtures)
    address,
    here,
    indices,
    open_page,
    run_named,
    sent,
    sheet_images,
    texts,
    trained,
)


def gallery(folder: Path, **parts: str) -> AppTest:
    app = open_page(run=run_named(folder, "LeNet-6-12").id, view="Gallery", **parts)
    assert not app.exception
    return app


def test_filters_choose_among_the_images_of_a_list(here: Path) -> None:  # noqa: F811
    app = gallery(here, list="all", true="3")
    test = catalogue.load("silhouettes").test
    assert sent(app, "inspect_gallery")["whole"]
    threes = indices(app, "inspect_gallery")
    assert threes == (test.labels == 3).nonzero().flatten().tolist()[:400]
    app.selectbox(key="inspect_said").select("3").run()
    fewer = sheet_images(app, "inspect_gallery")
    assert 0 < len(fewer) < len(threes)
    assert not any("taken for" in image["label"] for image in fewer)
    assert "images pass the filters" in texts(app)
    assert address(app)["said"] == "3"
    app.slider(key="inspect_confidence_range").set_value((0, 0)).run()
    assert not app.exception
    assert sheet_images(app, "inspect_gallery") == []


@pytest.mark.parametrize("name", ["likely-mislabelled", "misclassified"])
def test_a_list_of_mistakes_shows_only_mistakes(here: Path, name: str) -> None:  # noqa: F811
    app = gallery(here, list=name)
    labels = [image["label"] for image in sheet_images(app, "inspect_gallery")]
    assert labels and all("taken for" in label for label in labels)


def test_the_nearest_training_images_are_looked_for_once_with_progress(
    here: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(work, "TURN", 0.0)
    app = gallery(here, list="all", image="4")
    app.button(key="inspect_features_begin").click().run()
    assert not app.exception
    app.button(key="inspect_features_stop").click().run()
    assert app.button(key="inspect_features_begin")
    monkeypatch.setattr(work, "TURN", 1e9)
    app.button(key="inspect_features_begin").click().run()
    assert not app.exception
    assert not [
        button for button in app.button if button.key in ("inspect_features_begin", "inspect_features_stop")
    ]
    classes = catalogue.DATASETS["silhouettes"].classes
    assert sum(name in element.proto.body for element in app.get("html") for name in classes) > 0
    app.segmented_control(key="inspect_nearest").set_value("pixels").run()
    assert not app.exception
    assert any("levels" in element.proto.body for element in app.get("html"))


def test_from_the_gallery_to_play(here: Path) -> None:  # noqa: F811
    app = gallery(here, list="all", image="4")
    app.button(key="inspect_gallery_brush").click().run()
    assert not app.exception
    assert address(app)["view"] == "Play" and address(app)["image"] == "4"
