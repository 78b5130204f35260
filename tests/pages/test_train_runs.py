"""The table of runs: what it says, finding runs in it, and what a person does with them."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from streamlit.testing.v1 import AppTest

from core.data.catalogue import DATASETS
from core.networks.analysis import analyse
from core.training.config import TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.train.runs_table import picked
from tests.pages.train_visit import small_silhouettes, stored, visit


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setitem(DATASETS, "silhouettes", small_silhouettes())
    return RunStore(data_folder / "runs")


def listed(app: AppTest) -> list[int]:
    """The numbers of the runs in the table, which is the last one on the page."""
    assert not app.exception
    return list(app.dataframe[-1].value["run"])


def ticked(*runs: Run) -> AppTest:
    """The page with these runs ticked: AppTest can't tick, so this is what the callback leaves."""
    app = visit()
    app.session_state["train_chosen"] = [run.id for run in runs]
    return app.run()


def called(app: AppTest) -> str:
    """The runs that the buttons above the table are for."""
    return next(m.value.strip("*") for m in reversed(app.markdown) if m.value.startswith("**Run"))


def test_the_table_says_what_a_report_asks_for(store: RunStore) -> None:
    stored(store, TrainingConfig(optimizer="sgd", learning_rate=0.05))
    stored(store, TrainingConfig(seed=3), test_accuracy=None)
    app = visit()
    assert listed(app) == [2, 1]
    under_way, finished = app.dataframe[-1].value.to_dict("records")
    assert finished["details"] == "optimizer SGD, learning rate 0.05"
    assert (finished["test accuracy"], finished["validation accuracy"]) == (0.75, 0.8)
    assert (finished["training time"], finished["time per epoch"]) == (4.0, 2.0)
    assert finished["inference"] == pytest.approx(0.5)  # 0.1 s for 200 images
    assert finished["FLOPs"] == 2 * finished["MACs"] > 0
    assert (under_way["state"], under_way["seed"]) == ("running", 3)


def test_runs_are_found_by_word_state_and_data_set(store: RunStore) -> None:
    first, second = stored(store), stored(store, data="fashion-mnist")
    stored(store, test_accuracy=None)
    store.rename(first.id, "my Best one")
    store.write_note(second.id, "for the report")
    app = visit()
    assert listed(app) == [3, 2, 1]
    assert listed(app.text_input(key="train_find").set_value("best").run()) == [1]
    assert listed(app.text_input(key="train_find").set_value("REPORT").run()) == [2]
    app.text_input(key="train_find").set_value("")
    assert listed(app.multiselect(key="train_find_states").set_value(["running"]).run()) == [3]
    app.multiselect(key="train_find_states").set_value([])
    assert listed(app.multiselect(key="train_find_data").set_value(["fashion-mnist"]).run()) == [2]
    app.text_input(key="train_find").set_value("nothing like it").run()
    assert not app.exception
    assert any("No run is like that" in caption.value for caption in app.caption)


def test_mine_are_those_that_this_browser_started(store: RunStore) -> None:
    stored(store, owner="someone")
    stored(store)  # by a browser without cookies, as AppTest is
    app = visit()
    assert listed(app.checkbox(key="train_find_mine").check().run()) == [2]


def test_ticks_choose_and_a_cell_shows() -> None:
    ids = ["c", "b", "a"]
    assert picked({"rows": [0, 2], "cells": []}, ids, None) == (["c", "a"], None)
    assert picked({"rows": [], "cells": [[1, "name"]]}, ids, None) == ([], "b")
    # the browser sends the cell of before with each tick
    assert picked({"rows": [0], "cells": [[1, "name"]]}, ids, [[1, "name"]]) == (["c"], None)
    assert picked({"rows": [0], "cells": [[2, "name"]]}, ids, [[1, "name"]]) == (["c"], "a")
    # rows that are not there any more
    assert picked({"rows": [7], "cells": [[9, "name"]]}, ids, None) == ([], None)


def test_the_chosen_runs_are_compared(store: RunStore) -> None:
    first, _, third = stored(store), stored(store), stored(store, test_accuracy=None)
    assert called(visit()) == "Run 3"
    app = ticked(third, first)
    assert called(app) == "Runs 3 and 1"
    app.button(key="train_compare_chosen").click().run()
    assert not app.exception
    assert app.query_params["run"] in (third.id, [third.id])
    assert app.query_params["compare"] in (f"{third.id},{first.id}", [f"{third.id},{first.id}"])
    assert app.multiselect(key="train_compared_runs").value == [first.id]


def test_ticks_stay_with_their_runs_when_another_is_added(store: RunStore) -> None:
    first = stored(store)
    stored(store)
    app = ticked(first)
    assert called(app) == "Run 1"
    stored(store)
    app.run()
    assert listed(app) == [3, 2, 1]
    assert called(app) == "Run 1"


def test_a_run_is_named_and_noted(store: RunStore) -> None:
    run = stored(store)
    app = visit()
    app.text_input(key=f"train_name_{run.id}").set_value("  the best  ").run()
    app.text_area(key=f"train_note_{run.id}").set_value("see chapter 3").run()
    assert not app.exception
    assert (store.get(run.id).name, store.get(run.id).note) == ("the best", "see chapter 3")
    app.text_input(key=f"train_name_{run.id}").set_value(" ").run()
    assert any("The name has 0 characters" in toast.value for toast in app.toast)
    assert store.get(run.id).name == "the best"


def test_deleted_runs_come_back(store: RunStore) -> None:
    first = stored(store)
    stored(store)
    app = ticked(first)
    app.button(key="train_delete").click().run()
    assert any("Deleted run 1." in toast.value for toast in app.toast)
    assert listed(app) == [2]
    app.button(key=f"train_back_{first.id}").click().run()
    assert listed(app) == [2, 1]
    assert not any(button.key == f"train_back_{first.id}" for button in app.button)


def test_archived_runs_are_out_of_the_table_until_asked_for(store: RunStore) -> None:
    first = stored(store)
    stored(store)
    app = ticked(first)
    app.button(key="train_archive").click().run()
    assert listed(app) == [2]
    app.checkbox(key="train_find_archived").check().run()
    assert listed(app) == [2, 1]
    assert called(app) == "Run 1"
    assert app.button(key="train_archive").label == "Take back"
    app.button(key="train_archive").click().run()
    app.checkbox(key="train_find_archived").uncheck().run()
    assert listed(app) == [2, 1]


def test_what_someone_else_started_can_be_compared_but_not_changed(store: RunStore) -> None:
    app = ticked(stored(store, owner="someone"), stored(store, owner="someone"))
    assert not app.button(key="train_compare_chosen").disabled
    assert app.button(key="train_delete").disabled and app.button(key="train_archive").disabled


def test_a_run_under_way_is_neither_archived_nor_deleted(store: RunStore) -> None:
    stored(store, test_accuracy=None)
    app = visit()
    assert app.button(key="train_delete").disabled and app.button(key="train_archive").disabled


def test_what_a_look_reads_does_not_grow_with_the_runs(store: RunStore) -> None:
    """Nor does the table work out again what it has worked out; see `benchmarks.many_runs` for the seconds."""
    said: list[str] = []
    event.listen(Engine, "before_cursor_execute", lambda _c, _cursor, text, *_: said.append(text))
    read, analysed = [], []
    for many in (5, 100):
        for seed in range(len(store.runs()), many):
            stored(store, TrainingConfig(seed=seed, batch_size=32 + seed % 3), points=[(1.0, 0.5)])
        app = visit()
        assert len(listed(app)) == many
        said.clear()
        misses = analyse.cache_info().misses
        app.run()
        read.append(len(said))
        analysed.append(analyse.cache_info().misses - misses)
    assert 0 < read[0] == read[1]
    assert analysed == [0, 0]
