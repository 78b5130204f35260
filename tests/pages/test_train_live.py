"""The views of a run that move while it trains: its curves, and its epochs on one slider."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import torch
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from core.data import catalogue, silhouettes
from core.data.catalogue import DATASETS
from core.data.splits import split
from core.figures.curve_charts import accuracy_chart, loss_chart, rate_chart
from core.networks.gallery import NAMED_NETWORKS
from core.training import events, observations
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from core.training.workers.dispatch import Dispatch
from core.training.workers.recorder import Recorder
from pages.shared import server
from pages.train import live


def view(name: str, run_id: str) -> None:
    from pages.shared.server import run_store
    from pages.train import curves, epochs, live

    runs = run_store().runs()
    run = next(run for run in runs if run.id == run_id)
    if name == "curves":
        live.draw(run, "", curves.draw(run, runs))
    else:
        epochs.draw(run, runs)


@pytest.fixture
def store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, and few silhouettes, quickly drawn."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 40, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    return RunStore(data_folder / "runs")


class Worker:
    """A worker that says what a test wants it to."""

    def __init__(self, store: RunStore, config: TrainingConfig | None = None) -> None:
        self.store = store
        request = RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), config or TrainingConfig())
        self.id = store.add(request).id
        dispatch = Dispatch(store)
        dispatch.beat()
        claimed = dispatch.claim()
        assert claimed is not None
        self.recorder = Recorder(store, self.id, dispatch.token, claimed.run.attempt)

    def say(self, *messages: events.Message) -> Run:
        for message in messages:
            self.recorder.record(message)
        return self.store.get(self.id)


STARTED = events.Started("CPU (test)", 431_080, 36, 4, 1, 5, 0)


def epoch(number: int, loss: float = 1.0) -> list[events.Message]:
    """An epoch of one step with everything that is told at its end, or what is seen before the first step."""
    moment = (number, float(number), 2.0 * number)
    counts = [[0] * 10 for _ in range(10)]
    counts[0][0], counts[1][number % 10] = 2, 2
    shares = [[0.1] * 10, [0.02] * 9 + [0.82]]
    looked: list[events.Message] = [
        events.Evaluated(*moment[:2], loss, 0.5, 4, 1e-3, moment[2]),
        observations.ClassCounts(*moment, counts),
        observations.Watched(*moment, [0, 1], shares),
        observations.Kernels(*moment, "conv1", [1, 1, 1, 2], 0.5, "f4E="),
    ]
    if number == 0:
        return looked
    trained = events.StepReport(number, float(number), 2 * loss, 0.4, 36, 1e-3, 2.0 * number, 900.0, 8.0)
    sample = events.Evaluated(*moment[:2], 0.5 * loss, 0.75, 36, 1e-3, moment[2], "train")
    return [trained, *looked[:1], sample, *looked[1:], events.EpochFinished(number, number, 2.0 * number)]


def look(name: str, run_id: str) -> AppTest:
    app = AppTest.from_function(view, args=(name, run_id), default_timeout=60).run()
    assert not app.exception, app.exception
    return app


def charts(app: AppTest) -> list[Any]:
    """Those that the browser is told to draw, without their heights."""
    return [chart for chart, _height in sent(app)["charts"]]


def sent(app: AppTest) -> dict[str, Any]:
    (element,) = app.get("bidi_component")
    data: dict[str, Any] = json.loads(element.proto.json)
    return data


def steps(app: AppTest) -> list[int]:
    return [one["step"] for one in sent(app)["looks"]]


def test_the_charts_stay_the_same_while_points_come(store: RunStore) -> None:
    worker = Worker(store)
    app = look("curves", worker.id)  # a worker has it and has said nothing yet
    first = charts(app)
    for messages in ([STARTED, *epoch(0)], epoch(1), epoch(2)):
        worker.say(*messages)
        app.run()
        assert not app.exception
        assert charts(app) == first
    assert first == [loss_chart("epoch"), accuracy_chart("epoch")]


def test_what_is_asked_for_is_drawn(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0), *epoch(1))
    app = look("curves", worker.id)
    app.segmented_control(key="train_axis").set_value("seconds")
    app.pills(key="train_show").set_value(["Log scale", "Training evaluated", "Learning rate"]).run()
    assert not app.exception
    assert charts(app) == [
        loss_chart("seconds", True, True),
        accuracy_chart("seconds", True),
        rate_chart("seconds"),
    ]
    assert "axis=seconds&smoothing=0.0" in sent(app)["address"]
    # the running loss is 2, training images alike 0.5, validation 1
    (words,) = [each.value for each in app.markdown]
    assert "36 training images have a loss of 0.500" in words
    assert "validation is 0.500 above training" in words
    assert "makes it 1.500 above the same images evaluated" in words


def test_the_training_loss_is_promised_before_the_first_epoch(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0))
    app = look("curves", worker.id)
    app.pills(key="train_show").set_value(["Training evaluated"]).run()
    assert "for the first time after the first epoch" in app.caption[0].value


def asks(address: str, **more: object) -> tuple[int, Any]:
    """What the server answers there: the status code, and the JSON or the words."""
    path, _, query = address.partition("?")
    assert path == live.ROUTE.path
    words = query + "".join(f"&{name}={value}" for name, value in more.items())
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": words.encode()}
    response = live.ROUTE.endpoint(Request(scope))
    body = bytes(response.body).decode()
    return response.status_code, json.loads(body) if response.status_code == 200 else body


def count(answer: dict[str, Any]) -> list[int]:
    """Points of each curve."""
    return [points["shape"][0] for points in answer["figure"]["series"].values()]


def test_the_browser_asks_for_points_and_gets_them_when_there_are_new_ones(store: RunStore) -> None:
    worker = Worker(store)
    app = look("curves", worker.id)
    address = sent(app)["address"]
    code, before = asks(address, after=-1)
    assert code == 200 and count(before) == [0, 0, 0] and before["last"] == 0
    worker.say(STARTED, *epoch(0), *epoch(1))
    _, first = asks(address, after=before["last"])
    assert count(first) == [1, 2, 1]  # running, validation, training evaluated
    assert first["status"]["numbers"] == ["2.000", "1.000", "40.0 %", "50.0 %", "—"]
    _, same = asks(address, after=first["last"])
    assert "figure" not in same and same["status"] == first["status"]
    assert same["again"] == 0.25
    worker.say(*epoch(2))
    _, more = asks(address, after=first["last"])
    assert count(more) == [2, 3, 2]
    assert more["last"] > first["last"]


def test_what_stands_around_is_out_of_date_when_the_state_changes(store: RunStore) -> None:
    worker = Worker(store)
    stamps = [sent(look("curves", worker.id))["status"]["stamp"]]
    address = sent(look("curves", worker.id))["address"]
    for messages in ([STARTED, *epoch(0)], epoch(1), epoch(2), [ended("completed", 2)]):
        worker.say(*messages)
        _, answer = asks(address)
        stamps.append(answer["status"]["stamp"])
    # it can be inspected after its first epoch, and ends at last
    assert [after != before for before, after in pairwise(stamps)] == [
        False,
        True,
        False,
        True,
    ]
    assert answer["again"] is None


def test_another_view_is_told_the_status_alone(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0), *epoch(1))
    code, answer = asks(f"{live.ROUTE.path}?run={worker.id}", after=-1)
    assert code == 200 and set(answer) == {"status", "again"}


@pytest.mark.parametrize(
    ("nonsense", "code", "words"),
    [
        ({"run": "gone"}, 404, "may have been deleted"),
        ({"axis": "height"}, 400, "allowed are step, epoch, images, seconds"),
        ({"smoothing": "1.5"}, 400, "0 to 0.99"),
        ({"smoothing": "nan"}, 400, "0 to 0.99"),
        ({"smoothing": "much"}, 400, "could not convert"),
        ({"after": "x"}, 400, "invalid literal"),
    ],
)
def test_nonsense_in_an_address_is_refused(
    store: RunStore, nonsense: dict[str, str], code: int, words: str
) -> None:
    worker = Worker(store)
    asked = {"run": worker.id, "axis": "epoch", "smoothing": "0", "after": "-1"} | nonsense
    given, said = asks(f"{live.ROUTE.path}?{urlencode(asked)}")
    assert given == code and words in said


def test_a_store_that_can_not_be_read_is_asked_again(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trouble(_run_id: str) -> Run:
        raise StoreUnavailable("The run store can't be used just now.")

    worker = Worker(store)
    monkeypatch.setattr(server.run_store(), "get", trouble)
    assert asks(f"{live.ROUTE.path}?run={worker.id}")[0] == 503


def test_a_fork_is_marked_with_its_parent_also_when_that_is_gone(store: RunStore) -> None:
    parent = Worker(store)
    parent.say(STARTED, *epoch(0), ended("stopped", 0))
    request = RunRequest(
        NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig(), Fork(parent.id, 1, "adam")
    )
    asked = {"axis": "epoch", "smoothing": "0"}
    child = replace(store.get(parent.id), request=request)
    assert [mark["label"] for mark in live.answer(child, asked)["figure"]["marks"]] == ["forked from run 1"]
    orphan = replace(child, request=replace(request, fork=Fork("gone", 1, "adam")))
    assert [mark["label"] for mark in live.answer(orphan, asked)["figure"]["marks"]] == ["forked"]


def test_only_new_looks_are_sent(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0), *epoch(1))
    app = look("epochs", worker.id)
    assert steps(app) == [0, 1] and sent(app)["after"] == -1
    assert "frame" in sent(app)
    before = sent(app)
    app.run()
    assert sent(app) == before  # nothing new: the same message again, which Streamlit does not send twice
    worker.say(*epoch(2))
    app.run()
    assert steps(app) == [2] and sent(app)["after"] == 1
    assert "frame" not in sent(app)
    # a browser that has missed some, or has just begun, asks
    key = sent(app)["key"]
    for after, expected in ((0, [1, 2]), (-1, [0, 1, 2])):
        app.session_state["train_looks"] = {"lacks": {"key": key, "after": after, "at": after}}
        app.run()
        assert steps(app) == expected
    assert "frame" in sent(app)


@pytest.mark.parametrize("wrong", [7, {"after": "x"}, {"key": "other", "after": 1}, []])
def test_nonsense_from_the_browser_gives_it_all(store: RunStore, wrong: object) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0), *epoch(1))
    app = look("epochs", worker.id)
    app.session_state["train_looks"] = {"lacks": wrong}
    app.run()
    assert not app.exception
    assert steps(app) == [0, 1]


def test_the_watched_images_are_those_of_the_validation_split(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0), *epoch(1))
    app = look("epochs", worker.id)
    data = catalogue.load("silhouettes").train
    validation = split(data.labels, 1.0, 0.1, 0).validation
    frame = sent(app)["frame"]
    assert frame["labels"] == data.labels[validation[torch.tensor([0, 1])]].tolist()
    assert frame["classes"] == list(DATASETS["silhouettes"].classes)
    assert frame["sheet"].startswith("data:image/png;base64,")
    assert sent(app)["looks"][0]["sure"] == [0.1, 0.82]


def said(app: AppTest) -> str:
    assert not app.get("bidi_component")
    return str(app.info[0].value)


def ended(state: str, step: int = 1) -> events.Message:
    return events.Finished(state, step, 1.0, "")


def test_without_looks_a_sentence_says_why(store: RunStore) -> None:
    waiting = store.add(RunRequest(NAMED_NETWORKS["LeNet"], DataChoice("silhouettes"), TrainingConfig()))
    assert "waits for its turn" in said(look("epochs", waiting.id))
    with store.database.writing() as connection:
        connection.exec_driver_sql("update runs set state = 'stopped'")
    assert "ended before there was anything" in said(look("epochs", waiting.id))
    worker = Worker(store)
    assert "in a moment" in said(look("epochs", worker.id))


def test_a_run_of_an_earlier_version_has_no_looks(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(
        STARTED,
        *(each for each in epoch(1) if not isinstance(each, observations.Observation)),
        ended("completed"),
    )
    assert "trained before these looks were kept" in said(look("epochs", worker.id))
    app = look("curves", worker.id)
    assert len(charts(app)) == 2


def test_a_diverged_run_shows_what_came_before(store: RunStore) -> None:
    worker = Worker(store)
    worker.say(STARTED, *epoch(0), ended("diverged"))
    app = look("epochs", worker.id)
    assert steps(app) == [0]
    assert "not a number any more at step 1" in app.caption[0].value
    assert not look("curves", worker.id).exception


def test_another_run_begins_anew(store: RunStore) -> None:
    first = Worker(store)
    first.say(STARTED, *epoch(0), *epoch(1), ended("completed"))
    second = Worker(store)
    second.say(STARTED, *epoch(0), ended("stopped", 0))
    app = look("epochs", first.id)
    shown = look("epochs", second.id)
    assert sent(app)["key"] != sent(shown)["key"]
    assert steps(shown) == [0]
