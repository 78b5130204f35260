"""A visit to the Inspect page in a test: what a person opens, reads, and what its components get."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.states import ENDED
from core.training.runs.store import RunStore
from core.training.workers.local_keeper import LocalKeeper

PAGE = Path(__file__).parents[2] / "pages" / "inspect" / "page.py"


def train(folder: Path) -> None:
    """Put Silhouettes into the data folder, and two short runs, and one that still waits.

    The folder must be the one of the environment, AUTOGRAD_LAB_DATA.
    """
    catalogue.prepare("silhouettes")
    store = RunStore(folder / "runs")
    keeper = LocalKeeper(store)
    keeper.start()
    runs = []
    for network, epochs in (("LeNet-6-12", 2), ("Net_Linear", 1)):
        config = TrainingConfig(epochs=epochs, batch_size=32, device="cpu")
        request = RunRequest(NAMED_NETWORKS[network], DataChoice("silhouettes", share=0.05), config)
        runs.append(store.add(request))
    deadline = time.monotonic() + 300
    while any(store.get(run.id).state not in ENDED for run in runs):
        assert time.monotonic() < deadline, [store.get(run.id) for run in runs]
        time.sleep(0.1)
    keeper.close()
    store.add(request, name="waiting")
    store.close()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with Silhouettes, two short runs, and one that still waits; not to be changed."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRAD_LAB_DATA", str(folder))
        train(folder)
    return folder


@pytest.fixture
def here(trained: Path, data_folder: Path) -> Path:
    """This test's own copy of it."""
    shutil.copytree(trained, data_folder)
    st.cache_resource.clear()
    return data_folder


def open_page(**address: str) -> AppTest:
    app = AppTest.from_file(str(PAGE), default_timeout=60)
    app.query_params.update(address)
    return app.run()


def run_named(folder: Path, name: str) -> Run:
    return next(run for run in RunStore(folder / "runs").runs() if run.name == name)


def sent(app: AppTest, key: str) -> Any:
    """What the page sends to one of its components."""
    found = [element.proto for element in app.get("bidi_component") if element.proto.id.endswith(f"-{key}")]
    assert len(found) == 1, [element.proto.id for element in app.get("bidi_component")]
    return json.loads(found[0].json)


def sheet_images(app: AppTest, key: str = "inspect_sheet") -> list[dict[str, Any]]:
    """The images on a contact sheet, in order: {index, label}."""
    images: list[dict[str, Any]] = sent(app, key)["filling"]["images"]
    return images


def indices(app: AppTest, key: str = "inspect_sheet") -> list[int]:
    return [image["index"] for image in sheet_images(app, key)]


def choose_method(app: AppTest, name: str) -> AppTest:
    """Another attribution method, by its address: no click of a test reaches our own components."""
    app.query_params["method"] = name
    return app.run()


def listed(groups: list[dict[str, Any]]) -> dict[str, str]:
    """The methods of a list, each with what the network lacks for it: "" where it is not greyed."""
    options = [option for group in groups for option in group["options"]]
    assert all(bool(option["why"]) == bool(option["lacks"]) for option in options)
    return {option["name"]: option["lacks"] for option in options}


def address(app: AppTest) -> dict[str, str]:
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.warning, app.error, app.info)
    return "\n".join(element.value for kind in kinds for element in kind).replace("\N{NO-BREAK SPACE}", " ")
