"""The data section of the Train page: share, split, format, own images, and the button that fits a network."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import image_sets, silhouettes
from core.data.catalogue import DATASETS, datasets
from core.networks.analysis import analyse
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice
from core.training.runs.store import RunStore
from tests.core.data.own_images import lay_out, picture, pictures, zipped

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 400, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


def visit(data: str = "silhouettes") -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["dataset"] = data
    app.run()
    return app.switch_page("pages/train/page.py").run()


def upload(app: AppTest, contents: dict[str, bytes]) -> AppTest:
    app.file_uploader(key="own_images_zip_0").set_value(
        ("animals.zip", zipped(contents).getvalue(), "application/zip")
    )
    app.run()
    return app.button(key="own_images_add").click().run()


def test_any_share_split_and_format_reaches_the_run(store: RunStore) -> None:
    app = visit()
    app.segmented_control(key="train_share").set_value(0.0).run()
    app.number_input(key="train_share_percent").set_value(12.5)
    app.number_input(key="train_validation_percent").set_value(25.0)
    app.number_input(key="train_split_seed").set_value(3)
    app.selectbox(key="train_image").set_value((3, 32))
    app.run()
    assert not app.exception
    # 40 a class: 10 are cut off, an eighth of the other 30 is 3.75
    assert any("40 images for training, 100 for validation, 20 for test" in c.value for c in app.caption)
    app.button(key="train_start").click().run()
    (run,) = store.runs()
    assert run.request.data == DataChoice("silhouettes", 0.125, 0.25, 3, (3, 32))


def test_one_button_fits_the_network_to_the_data_set(store: RunStore) -> None:
    app = visit("emnist-balanced")
    assert app.button(key="train_fit").label == "Fit to EMNIST"
    app.button(key="train_fit").click().run()
    assert not app.exception
    network = app.session_state["network"]
    assert network.name == "LeNet for EMNIST"
    assert analyse(network, (1, 28, 28), 47).problems == ()
    assert app.selectbox(key="train_network").value == "own design"
    assert not [button for button in app.button if button.key == "train_fit"]
    assert any("give linear2 47 outputs" in toast.value for toast in app.toast)
    app.switch_page("pages/design/page.py").run()
    assert not app.exception
    assert app.selectbox(key="image").value == "grey 28 × 28, 47 classes"
    app.button(key="undo").click().run()
    assert app.session_state["network"] == NAMED_NETWORKS["LeNet"]


def test_a_network_that_fits_is_not_offered_to_be_fitted(store: RunStore) -> None:
    assert not [button for button in visit().button if button.key == "train_fit"]


def test_an_uploaded_zip_becomes_the_chosen_data_set_and_can_be_deleted(
    store: RunStore, data_folder: Path
) -> None:
    app = upload(visit(), pictures(10))
    assert not app.exception
    (name,) = image_sets.kept(data_folder)
    assert app.selectbox(key="dataset").value == name
    assert datasets()[name].title == "animals"
    assert datasets()[name].input_shape == (3, 32, 32)
    app.button(key="train_fit").click().run()
    app.button(key="train_start").click().run()
    (run,) = store.runs()
    assert run.request.data.dataset == name
    app.button(key=f"own_images_delete_{name}").click().run()
    assert not app.exception
    assert image_sets.kept(data_folder) == {}
    assert app.selectbox(key="dataset").value == "fashion-mnist"
    assert store.get(run.id).request.data.dataset == name  # its run stays, and its page is whole


def test_what_is_wrong_with_a_zip_is_said_and_stays(store: RunStore) -> None:
    app = upload(visit(), {"only/1.png": picture(9)})
    assert not app.exception
    assert "1 class was found" in app.error[0].value
    assert app.selectbox(key="dataset").value == "silhouettes"


def test_a_folder_of_the_operators_is_offered(
    store: RunStore, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(image_sets.FOLDERS, str(lay_out(pictures(), tmp_path / "birds")))
    app = visit()
    app.selectbox(key="own_images_source").select("birds").run()
    app.button(key="own_images_add").click().run()
    assert not app.exception
    assert [one.title for one in image_sets.kept(data_folder).values()] == ["birds"]
