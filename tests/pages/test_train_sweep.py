"""Sweeps on the page: set one up, start it, and see what it found."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import silhouettes
from core.data.catalogue import DATASETS
from core.networks.gallery import NAMED_NETWORKS
from core.training import events
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore
from core.training.sweeps.sweep import Axis, Sweep
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder

BASE = RunRequest(
    NAMED_NETWORKS["LeNet_tiny"], DataChoice("silhouettes"), TrainingConfig(epochs=1, device="cpu")
)


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 40, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


def new_sweep() -> None:
    """A page with nothing but the pop-over, open."""
    import streamlit as st

    from pages.train import sweep

    started = sweep.draw_new(st.session_state["request"], "someone")
    if started:
        st.write(f"started run {started.number}")


def results_page() -> None:
    """A page with nothing but the view of the newest run."""
    from pages.shared.server import run_store
    from pages.train import sweep

    runs = run_store().runs()
    sweep.draw(runs[0], runs)


def opened(request: RunRequest = BASE) -> AppTest:
    app = AppTest.from_function(new_sweep, default_timeout=60)
    app.session_state["request"] = request
    app.session_state["train_sweep"] = True  # a click on the button; AppTest can't open a pop-over
    app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in (*app.markdown, *app.caption, *app.error, *app.warning))


def test_closed_or_without_sound_settings_it_is_only_a_button(store: RunStore) -> None:
    app = AppTest.from_function(new_sweep, default_timeout=60)
    app.session_state["request"] = BASE
    assert not app.run().number_input
    app.session_state["request"] = None
    app.session_state["train_sweep"] = True
    assert not app.run().number_input
    assert not app.exception


def test_without_axes_it_repeats_with_seeds(store: RunStore) -> None:
    app = opened()
    assert "**3 runs**" in said(app)
    assert "no run was measured" in said(app)
    app.number_input(key="train_sweep_seeds").set_value(2).run()
    app.button(key="train_sweep_start").click().run()
    assert not app.exception
    runs = store.runs()[::-1]
    assert [run.request.config.seed for run in runs] == [0, 1]
    assert len({run.sweep for run in runs}) == 1 and runs[0].sweep
    assert {run.owner for run in runs} == {"someone"}
    assert "started run 1" in said(app)
    assert not app.number_input  # the pop-over is closed
    assert "started" not in said(app.run())


def test_a_grid_of_chosen_and_typed_values(store: RunStore) -> None:
    app = opened()
    app.selectbox(key="train_sweep_setting_0").select("optimizer").run()
    assert "Optimizer: choose two different values at least." in said(app)
    assert app.button(key="train_sweep_start").disabled
    app.multiselect(key="train_sweep_optimizer_0").select("SGD").run()
    app.selectbox(key="train_sweep_setting_1").select("batch_size").run()
    app.text_input(key="train_sweep_batch_size_1").set_value("16, 32 64").run()
    assert "**18 runs** (6 combinations × 3 seeds)" in said(app)
    app.number_input(key="train_sweep_seeds").set_value(1).run()
    app.button(key="train_sweep_start").click().run()
    found = [(run.request.config.optimizer, run.request.config.batch_size) for run in store.runs()[::-1]]
    assert found == [("adam", 16), ("adam", 32), ("adam", 64), ("sgd", 16), ("sgd", 32), ("sgd", 64)]
    assert store.runs()[0].name == "SGD, batch size 64"


def test_what_is_wrong_is_said_and_nothing_starts(store: RunStore) -> None:
    app = opened()
    app.selectbox(key="train_sweep_setting_0").select("epochs").run()
    app.text_input(key="train_sweep_epochs_0").set_value("2 two").run()
    assert "“two” can't be read" in said(app)
    assert app.button(key="train_sweep_start").disabled
    app.text_input(key="train_sweep_epochs_0").set_value("1 2 0").run()
    assert "**6 runs**" in said(app)
    assert "1 combination can’t be trained and is left out" in said(app)
    assert "The number of epochs is 0" in said(app)
    app.text_input(key="train_sweep_epochs_0").set_value(" ".join(map(str, range(1, 40)))).run()
    assert "These are 117 runs; allowed are 100." in said(app)


def test_a_setting_is_not_offered_twice(store: RunStore) -> None:
    app = opened()
    app.selectbox(key="train_sweep_setting_0").select("optimizer_usual").run()
    offered = app.selectbox(key="train_sweep_setting_1").options
    assert not {"Optimizer", "Learning rate", "Optimizer at its usual rate"}.intersection(offered)
    assert "Batch size" in offered


def finished(store: RunStore, accuracies: list[float]) -> None:
    """Let a worker have finished the waiting runs with these accuracies."""
    dispatch = Dispatch(store)
    dispatch.beat()
    for accuracy in accuracies:
        claimed = dispatch.claim()
        assert claimed is not None
        recorder = Recorder(store, claimed.run.id, dispatch.token, claimed.run.attempt)
        for message in (
            events.Started("CPU (test)", 3_000, 36, 4, 1, 1, 0),
            events.Evaluated(1, 1.0, 1.5, accuracy, 4, 1e-3, 2.5),
            events.EpochFinished(1, 1, 2.5),
            events.Tested(1.4, accuracy, 20, 0.1),
            events.Finished("completed", 1, 2.5),
        ):
            recorder.record(message)


def test_the_view_of_a_sweep(store: RunStore) -> None:
    sweep = Sweep(BASE, (Axis("optimizer", ("sgd", "adam")),), seeds=2)
    store.add_sweep(sweep.named_runs())
    app = AppTest.from_function(results_page, default_timeout=60).run()
    assert not app.exception
    assert "No run has come to its end yet." in said(app)
    finished(store, [0.5, 0.75, 0.9])
    app.run()
    assert not app.exception
    assert "Highest mean validation accuracy so far: Adam with 90.0 % (1 seed)." in said(app)
    table = app.dataframe[0].value
    assert list(table["optimizer"]) == ["SGD", "Adam"]
    assert list(table["runs"]) == ["2 of 2", "1 of 2"]
    assert list(table["validation (%)"]) == ["62.5 ± 17.7", "90.0"]  # 0.25/√2
    app.button(key="train_sweep_stop").click().run()
    assert not app.exception
    assert [run.state for run in store.runs()] == ["stopped", "completed", "completed", "completed"]
    assert app.button(key="train_sweep_stop").disabled


def test_its_runs_are_ticked_in_the_table_at_once(store: RunStore) -> None:
    added = store.add_sweep(Sweep(BASE, seeds=2).named_runs())
    app = AppTest.from_function(results_page, default_timeout=60).run()
    app.button(key="train_sweep_tick").click().run()
    assert not app.exception
    assert set(app.session_state["train_chosen"]) == {run.id for run in added}


def test_a_second_press_of_a_stale_page_starts_no_second_sweep(store: RunStore) -> None:
    app = opened()
    app.button(key="train_sweep_start").click()
    press = app._tree.get_widget_states()
    app._run(press)
    first = store.runs()
    app.session_state["train_presses_sweep"] = 0  # the script was interrupted before it noted the start
    app.session_state["train_sweep"] = True
    app.run()
    app.button(key="train_sweep_start").click().run()
    assert not app.exception
    assert store.runs() == first and len(first) == 3


def test_a_run_of_no_sweep_says_how_to_make_one(store: RunStore) -> None:
    store.add(BASE)
    app = AppTest.from_function(results_page, default_timeout=60).run()
    assert not app.exception
    assert "belongs to no sweep" in app.info[0].value
