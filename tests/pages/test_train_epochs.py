"""The epochs of a run on one slider, while it trains and afterwards."""

import pytest
import torch
from streamlit.testing.v1 import AppTest

from core.data import catalogue
from core.data.catalogue import DATASETS
from core.data.splits import split
from core.networks.gallery import NAMED_NETWORKS
from core.training import observations
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.runs.store import RunStore
from tests.pages.live_run import STARTED, Worker, ended, epoch, look, sent, store

__all__ = ["store"]  # the fixture


def steps(app: AppTest) -> list[int]:
    return [one["step"] for one in sent(app)["looks"]]


def said(app: AppTest) -> str:
    assert not app.get("bidi_component")
    return str(app.info[0].value)


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
    assert len(sent(app)["charts"]) == 2


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
