"""The views of single images on a network that takes colour."""

import base64
import time
from pathlib import Path

import pytest
import torch

from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.states import ENDED
from core.training.runs.store import RunStore
from core.training.workers.local_keeper import LocalKeeper
from tests.pages.inspect_visit import open_page, sent


@pytest.fixture
def colour_run(data_folder: Path) -> str:
    """A short run on Silhouettes in three channels of 32×32 pixels."""
    catalogue.prepare("silhouettes")
    store = RunStore(data_folder / "runs")
    keeper = LocalKeeper(store)
    keeper.start()
    data = DataChoice("silhouettes", share=0.02, image=(3, 32))
    run = store.add(RunRequest(NAMED_NETWORKS["Net_Linear"], data, TrainingConfig(epochs=1, device="cpu")))
    deadline = time.monotonic() + 300
    while store.get(run.id).state not in ENDED:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    keeper.close()
    assert store.get(run.id).state == "completed", store.get(run.id).message
    store.close()
    return run.id


def test_every_view_shows_colour(colour_run: str) -> None:
    app = open_page(run=colour_run, view="Play", image="3")
    assert not app.exception
    key = next(e.proto.id for e in app.get("bidi_component") if "inspect_paint_" in e.proto.id).rsplit(
        "-", 1
    )[1]
    assert (sent(app, key)["channels"], sent(app, key)["height"]) == (3, 32)
    red = torch.zeros(3, 32, 32, dtype=torch.uint8)
    red[0] = 255
    app.session_state[key] = {"pixels": base64.b64encode(red.numpy().tobytes()).decode()}
    app.session_state["inspect_edits"] = {"amounts": {"rotate": 30, "blur": 1, "noise": 5, "right": 3}}
    app.run()
    assert not app.exception
    for parts in (
        {"view": "Play", "play": "Adversarial step"},
        {"view": "One image"},
        {"view": "One image", "about": "Attribution"},
        {"view": "One image", "about": "Inside"},
        {"view": "Gallery"},
        {"view": "Quiz"},
    ):
        app = open_page(run=colour_run, image="3", **parts)
        assert not app.exception, parts
    app = open_page(run=colour_run, view="Own image")
    drawn = torch.zeros(56, 56, dtype=torch.uint8)
    drawn[10:40, 15:40] = 255
    app.session_state["inspect_own_canvas"] = {"pixels": base64.b64encode(drawn.numpy().tobytes()).decode()}
    app.run()
    assert not app.exception
    assert app.session_state["inspect_own_pixels"].shape == (3, 32, 32)
