"""The export view of the Train page: with weights, without, and when a file can't be made."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.networks.gallery import NAMED_NETWORKS
from core.training import events
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.export import EXPORTS
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture
def store(data_folder: Path) -> RunStore:
    """An empty store."""
    return RunStore(data_folder / "runs")


def stored(store: RunStore, steps: tuple[int, ...]) -> Run:
    """A run of LeNet that ended, with files of weights at these steps."""
    run = store.add(RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig()))
    dispatch = Dispatch(store)
    dispatch.beat()
    claimed = dispatch.claim()
    assert claimed is not None
    recorder = Recorder(store, run.id, dispatch.token, claimed.run.attempt)
    recorder.record(events.Started("CPU (test)", 431_080, 5400, 600, 5, 10, 0))
    store.weights_folder(run.id).mkdir(parents=True)
    for step in steps:
        name = f"{step:08d}.pt"
        (store.weights_folder(run.id) / name).write_bytes(b"weights")
        recorder.record(events.CheckpointSaved(step, step / 5, name, 7, "0" * 64))
    recorder.record(events.Finished("stopped", 10, 1.0))
    return store.get(run.id)


def visit(**session: object) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["dataset"] = "silhouettes"
    app.session_state["train_view"] = "Export"
    for key, value in session.items():
        app.session_state[key] = value
    app.run()
    app.switch_page("pages/train/page.py")
    return app.run()


def downloads(app: AppTest) -> list[Any]:
    """The buttons of the exports, without those of the table."""
    return [button for button in app.get("download_button") if button.key.startswith("train_export_")]


def test_each_export_says_what_it_is_for_and_how_large_it_is(store: RunStore) -> None:
    run = stored(store, (0, 5, 10))
    app = visit()
    assert not app.exception
    assert not any(button.proto.disabled for button in downloads(app))
    offered = [export for export in EXPORTS.values() if export.fits(run)]
    assert len(downloads(app)) == len(offered) == len(EXPORTS) - 1  # it is no fork
    words = [element.value for element in app.markdown]
    for export in offered:
        assert any(export.label in text and export.purpose in text and "about" in text for text in words)
    assert any("safetensors** · about 1.7 MB" in text for text in words)  # 431,080 · 4 bytes
    (chosen,) = [box for box in app.selectbox if box.label == "Weights of"]
    assert chosen.options == ["epoch 2 · step 10 (latest)", "epoch 1 · step 5", "epoch 0 · step 0"]
    assert chosen.key == f"train_export_step_{run.id}"


def test_only_a_fork_has_a_file_of_its_start(store: RunStore) -> None:
    run = stored(store, (5,))
    store.fork(run.id, 5, run.request)
    app = visit()
    assert not app.exception
    assert len(downloads(app)) == len(EXPORTS)
    assert any("**Start of the fork** · about" in element.value for element in app.markdown)


def test_without_weights_the_buttons_are_closed_with_a_reason(store: RunStore) -> None:
    stored(store, ())
    app = visit()
    assert not app.exception
    assert all(button.proto.disabled for button in downloads(app))
    assert any("has no weights yet" in info.value for info in app.info)


def test_a_file_of_weights_that_is_gone_closes_them_too(store: RunStore) -> None:
    run = stored(store, (0, 5))
    (store.weights_folder(run.id) / "00000005.pt").unlink()
    app = visit()
    assert any("00000005.pt is not there any more" in info.value for info in app.info)
    assert all(button.proto.disabled for button in downloads(app))
    app.selectbox(key=f"train_export_step_{run.id}").select_index(1).run()
    assert not any(button.proto.disabled for button in downloads(app))


def test_why_a_file_could_not_be_made_stays_until_it_can(store: RunStore) -> None:
    """AppTest has no server that would make the file, so it is told here how that went."""
    run = stored(store, (0, 5))
    app = visit()
    making = app.session_state["train_exports"][run.id, "notebook"]
    making.failure = "The file of weights is damaged."
    making.done.set()
    downloads(app)[0].click().run()
    assert not app.exception
    assert [error.value for error in app.error] == ["The file of weights is damaged."]
    assert [error.value for error in app.run().error] == ["The file of weights is damaged."]
    making.failure = ""
    assert not app.run().error
