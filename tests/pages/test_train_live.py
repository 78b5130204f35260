"""What moves of a run: the charts that the page asks for, and what it is answered where the browser asks."""

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.requests import Request
from streamlit.testing.v1 import AppTest

from core.figures.curve_charts import accuracy_chart, loss_chart, rate_chart
from core.networks.gallery import NAMED_NETWORKS
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig
from core.training.runs.database import StoreUnavailable
from core.training.runs.records import Run
from core.training.runs.store import RunStore
from pages.shared import server
from pages.train import live
from tests.pages.live_run import STARTED, Worker, ended, epoch, look, sent, store

__all__ = ["store"]  # the fixture


def charts(app: AppTest) -> list[Any]:
    """Those that the browser is told to draw, without their heights."""
    return [chart for chart, _height in sent(app)["charts"]]


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
    assert before["status"]["text"].startswith("Getting ready")
    worker.say(STARTED, *epoch(0), *epoch(1))
    _, first = asks(address, after=before["last"])
    assert count(first) == [1, 2, 1]  # running, validation, training evaluated
    assert first["status"]["text"].startswith("Epoch 2 of ")
    assert first["status"]["numbers"] == ["2.000", "1.000", "40.0 %", "50.0 %", "—"]
    _, same = asks(address, after=first["last"])
    assert "figure" not in same and same["status"] == first["status"]
    assert same["again"] == 0.5
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
