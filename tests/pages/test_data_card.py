"""The card that a page shows where a data set should be."""

import shutil
import socket
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from torchvision.datasets import FashionMNIST

from core.data import catalogue


def page(name: str = "fashion-mnist") -> None:
    import streamlit as st

    from pages.shared.data_card import data_ready

    if data_ready(name):
        st.markdown("the page itself")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]  # nobody listens there once the socket is closed
    monkeypatch.setattr(FashionMNIST, "mirrors", [f"http://127.0.0.1:{port}/"])


def texts(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.warning])


def test_a_missing_data_set_gets_a_button_and_the_way_by_hand(data_folder: Path) -> None:
    app = AppTest.from_function(page, default_timeout=30).run()
    assert not app.exception
    assert app.button(key="download_fashion-mnist").label == "Download Fashion-MNIST"
    assert "train-images-idx3-ubyte.gz" in texts(app)
    assert str(data_folder / "FashionMNIST" / "raw") in texts(app)
    assert "the page itself" not in texts(app)


def test_without_a_network_one_sentence_says_so_and_stays(no_network: None) -> None:
    app = AppTest.from_function(page, default_timeout=30).run()
    app.button(key="download_fashion-mnist").click().run()
    for _ in range(2):
        assert not app.exception
        assert "could not be downloaded (Connection refused)" in app.warning[0].value
        assert app.button(key="meanwhile_fashion-mnist").label == "Use Silhouettes meanwhile"
        app.run()


def test_a_damaged_file_is_named(data_folder: Path) -> None:
    damaged = data_folder / "FashionMNIST" / "raw" / "t10k-labels-idx1-ubyte.gz"
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"half of it")
    app = AppTest.from_function(page, default_timeout=30).run()
    assert "t10k-labels-idx1-ubyte.gz" in app.warning[0].value
    assert "Damaged" in app.warning[0].value


def test_silhouettes_are_drawn_and_the_page_goes_on(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = AppTest.from_function(page, kwargs={"name": "silhouettes"}, default_timeout=60).run()
    assert not app.exception
    assert texts(app) == "the page itself"
    assert catalogue.status("silhouettes").state == "ready"


@pytest.mark.real_data
def test_files_put_there_by_hand_are_enough(data_folder: Path, official_files: Path) -> None:
    raw = data_folder / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    for file in official_files.glob("*.gz"):
        shutil.copyfile(file, raw / file.name)
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    assert texts(app) == "the page itself"


def test_an_unknown_data_set_is_a_sentence() -> None:
    app = AppTest.from_function(page, kwargs={"name": "nonsense"}, default_timeout=30).run()
    assert not app.exception
    assert "choose one of fashion-mnist, silhouettes" in app.warning[0].value
