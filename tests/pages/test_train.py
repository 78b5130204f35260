"""The Train page: the first visit, and runs that the store holds."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from core.networks.gallery import NAMED_NETWORKS
from core.training import events
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder
from pages.shared import server
from pages.train.words import duration, loss, percent
from tests.pages.train_controls import store, visit

__all__ = ["store"]  # the fixture


def stored(store: RunStore, messages: Sequence[events.Message], config: TrainingConfig | None = None) -> Run:
    """A run as a worker would have left it after these messages."""
    request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), config or TrainingConfig())
    run = store.add(request)
    dispatch = Dispatch(store)
    dispatch.beat()
    claimed = dispatch.claim()
    assert claimed is not None
    recorder = Recorder(store, run.id, dispatch.token, claimed.run.attempt)
    for message in messages:
        recorder.record(message)
    return store.get(run.id)


STARTED = events.Started("CPU (test)", 431_080, 36, 4, 1, 5, 0)
HALFWAY = [
    STARTED,
    events.StepReport(1, 1.0, 1.25, 0.5, 36, 1e-3, 2.0, 900.0, 8.0),
    events.Evaluated(1, 1.0, 1.5, 0.4, 4, 1e-3, 2.5),
    events.EpochFinished(1, 1, 2.5),
]


def live(app: AppTest) -> dict[str, Any]:
    """What the browser was sent of the run before it asks by itself."""
    (element,) = (
        part for part in app.get("bidi_component") if "autograd_lab_live" in part.proto.component_name
    )
    data: dict[str, Any] = json.loads(element.proto.json)
    return data


def metrics(app: AppTest) -> dict[str, str]:
    data = live(app)
    labels = [tile["label"] for tile in data["tiles"]]
    return dict(zip(labels, data["status"]["numbers"], strict=True))


def test_a_first_visit_invites(store: RunStore) -> None:
    app = visit()
    assert not app.exception
    assert any("No run yet" in element.value for element in app.markdown)
    assert not app.button(key="train_start").disabled
    assert any("431,080 parameters" in caption.value for caption in app.caption)


def test_without_the_data_set_nothing_starts_and_the_card_is_there(store: RunStore) -> None:
    app = visit(data="fashion-mnist")
    assert not app.exception
    assert app.button(key="train_start").disabled
    assert app.button(key="download_fashion-mnist")


def test_a_run_under_way(store: RunStore) -> None:
    run = stored(store, HALFWAY)
    app = visit()
    assert not app.exception
    assert metrics(app) == {
        "Loss, running": "1.250",
        "Loss, validation": "1.500",
        "Accuracy, running": "50.0 %",
        "Accuracy, validation": "40.0 %",
        "Accuracy, test": "—",
    }
    assert [app.button(key=f"train_{name}").disabled for name in ("pause", "resume", "stop")] == [
        False,
        True,
        False,
    ]
    assert app.query_params["run"] in (run.id, [run.id])


def told(app: AppTest) -> str:
    return str(live(app)["status"]["text"])


def test_a_waiting_run_shows_its_place_and_expected_start(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """8 s are left of the run under way; at 900 images/s its like then train 5 × 36 images, and looks between."""
    monkeypatch.setenv("AUTOGRAD_LAB_RUNS", "1")
    config = TrainingConfig(epochs=5)
    first = stored(store, HALFWAY, config)
    second, third = (store.add(first.request) for _ in range(2))
    app = visit(second.id)
    assert not app.exception
    assert told(app) == "Waiting: place 1 of 2, starts in less than a minute"
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET seconds_left = 240 WHERE number = 1")
    assert told(visit(third.id)) == "Waiting: place 2 of 2, starts in about 4 min"
    with store.database.writing() as connection:
        connection.exec_driver_sql("UPDATE runs SET seconds_left = NULL WHERE number = 1")
    assert told(visit(third.id)) == "Waiting: place 2 of 2, start not known yet"


def test_a_store_that_can_not_be_written_is_said_above_the_run(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(store, HALFWAY)
    monkeypatch.setattr(
        server.run_store().database, "trouble", "The run store can't be used just now (full)."
    )
    app = visit()
    assert not app.exception
    assert [warning.value for warning in app.warning] == [
        "The run store can't be used just now (full). Until then the runs under way wait."
    ]


def test_pause_asks_the_worker(store: RunStore) -> None:
    run = stored(store, HALFWAY)
    app = visit()
    app.button(key="train_pause").click().run()
    assert not app.exception
    with store.database.reading() as connection:
        asked = connection.exec_driver_sql("select run, action from commands").all()
    assert asked == [(run.number, "pause")]


def test_a_button_that_comes_too_late_is_explained(store: RunStore) -> None:
    stored(store, HALFWAY)
    app = visit()
    stored_run = store.runs()[0]
    with store.database.writing() as connection:
        connection.exec_driver_sql("update runs set state = 'completed'")
    app.button(key="train_pause").click().run()
    assert not app.exception
    assert any(f"Run {stored_run.number} is completed" in toast.value for toast in app.toast)


def test_a_completed_run_shows_its_test_accuracy(store: RunStore) -> None:
    finished = [events.Finished("completed", 5, 12.0), events.Tested(0.4, 0.8725, 20)]
    stored(store, [*HALFWAY, finished[1], finished[0]])
    app = visit()
    assert not app.exception
    assert metrics(app)["Accuracy, test"] == "87.2 %"
    assert all(app.button(key=f"train_{name}").disabled for name in ("pause", "resume", "stop"))


def test_a_diverged_run_says_what_to_try_and_mends_the_controls(store: RunStore) -> None:
    message = "The loss was not a finite number any more at step 1. Try a tenth of it, 0.1."
    config = TrainingConfig(optimizer="sgd", learning_rate=0.1)
    stored(store, [STARTED, events.Finished("diverged", 1, 1.0, message)], config)
    app = visit()
    assert not app.exception
    assert [error.value for error in app.error] == [message]
    app.button(key="train_mend").click().run()
    assert not app.exception
    assert app.text_input(key="train_learning_rate").value == "0.01"


@pytest.mark.parametrize(
    ("message", "kind"),
    [(events.Interrupted("The worker is gone."), "warning"), (events.Failed("Out of memory."), "error")],
)
def test_a_run_that_broke_off_can_be_resumed(store: RunStore, message: events.Message, kind: str) -> None:
    run = stored(store, [*HALFWAY, message])
    app = visit()
    assert not app.exception
    assert message.message in app.get(kind)[0].value
    assert not app.button(key="train_resume").disabled
    app.button(key="train_resume").click().run()
    assert not app.exception
    assert store.get(run.id).state == "queued"


def test_the_address_chooses_the_run(store: RunStore) -> None:
    first = stored(store, [*HALFWAY, events.Finished("stopped", 1, 3.0)])
    second = stored(store, [STARTED, events.Finished("stopped", 0, 1.0)])
    assert metrics(visit(first.id))["Loss, running"] == "1.250"
    assert metrics(visit(second.id))["Loss, running"] == "—"
    assert metrics(visit())["Loss, running"] == "—"  # the newest


def test_an_address_of_no_run_is_a_sentence_and_the_newest_is_shown(store: RunStore) -> None:
    stored(store, [*HALFWAY, events.Finished("stopped", 1, 3.0)])
    app = visit("nonsense")
    assert not app.exception
    assert "no run “nonsense”" in app.warning[0].value
    assert metrics(app)["Loss, running"] == "1.250"


def test_a_click_in_the_table_shows_another_run(store: RunStore) -> None:
    first = stored(store, [*HALFWAY, events.Finished("stopped", 1, 3.0)])
    stored(store, [STARTED, events.Finished("stopped", 0, 1.0)])
    app = visit()
    app.session_state["train_clicked"] = (
        first.id
    )  # what the click's callback leaves; AppTest can't click a row
    app.run()
    assert metrics(app)["Loss, running"] == "1.250"
    assert list(app.dataframe[0].value["run"]) == [2, 1]


def test_a_name_is_never_read_as_markup(store: RunStore) -> None:
    run = stored(store, [*HALFWAY, events.Finished("stopped", 1, 3.0)])
    store.rename(run.id, "**bold** [link](x)")
    app = visit()
    assert any(r"\*\*bold\*\* \[link\]\(x\)" in element.value for element in app.markdown)


def test_words() -> None:
    assert [loss(value) for value in (None, 0.39249, 139652395.4)] == ["—", "0.392", "1.4e+08"]
    assert [duration(s) for s in (None, 7.6, 80, 7500)] == ["—", "8 s", "1 min 20 s", "2 h 5 min"]
    assert [percent(p) for p in (None, 0.8725, 1.0)] == ["—", "87.2 %", "100.0 %"]


def test_the_card_leads_here_with_silhouettes_chosen(store: RunStore) -> None:
    app = visit(data="fashion-mnist")
    app.button(key="meanwhile_fashion-mnist").click().run()
    assert not app.exception
    assert app.selectbox(key="dataset").value == "silhouettes"
    assert not app.button(key="train_start").disabled
    assert catalogue.status("silhouettes").state == "ready"
