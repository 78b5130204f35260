"""Finding a rate on the Train page: asked for, stopped, found, used, and what keeps it from starting."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data import catalogue, silhouettes
from core.data.catalogue import DATASETS
from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.rate_finder import RATES
from core.training.rate_search import RateOrder
from core.training.rate_suggestions import RangeTest, Suggestion, Trial
from core.training.runs.store import RunStore
from core.training.workers.rate_job import RateJob
from pages.train.rate_finder import Found

SCRIPT = """
import streamlit as st
from pages.train import rate_finder

rate_finder.draw(st.session_state["request"], lambda rate: st.session_state.update(taken=rate))
"""
REQUEST = RunRequest(
    NAMED_NETWORKS["LeNet_tiny"],
    DataChoice("silhouettes"),
    TrainingConfig(batch_size=16, precision="float32", device="cpu"),
)
TEST = RangeTest(
    tuple(Trial(rate, 2.3, 2.3) for rate in RATES),
    Suggestion(0.00234, 1.9, "It falls fastest at 0.0023."),
    Suggestion(1.46e-5, 2.1, "1.5e-5 is in the middle."),
)


@pytest.fixture(autouse=True)
def small_data(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Few silhouettes, quickly drawn, and prepared, so that the child process finds these."""
    small = replace(DATASETS["silhouettes"], make=lambda _folder, report: silhouettes.make(report, 400, 20))
    monkeypatch.setitem(DATASETS, "silhouettes", small)
    catalogue.prepare("silhouettes")


@pytest.fixture
def running() -> Iterator[list[RateJob]]:
    """Jobs that the test began, which are ended with it."""
    jobs: list[RateJob] = []
    yield jobs
    for job in jobs:
        job.stop()
        job.join(30)


def visit(request: RunRequest = REQUEST, found: Found | None = None) -> AppTest:
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["request"] = request
    if found:
        app.session_state["rate_found"] = found
    app.run()
    app.button(key="rate_finder").click().run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def words(app: AppTest) -> str:
    return " ".join(element.value for element in (*app.markdown, *app.caption, *app.warning, *app.info))


def test_nothing_happens_until_somebody_asks() -> None:
    app = visit()
    assert keys(app) == {"rate_finder", "rate_find"}
    assert not app.get("vega_lite_chart") and "rate_under_way" not in app.session_state


def test_a_search_runs_beside_the_page_and_one_click_uses_a_rate(data_folder: Path) -> None:
    app = visit()
    app.button(key="rate_find").click().run()
    assert not app.exception and "rate_stop" in keys(app)
    deadline = time.monotonic() + 300
    while "rate_stop" in keys(app) and time.monotonic() < deadline:
        time.sleep(0.3)
        app.run()
        assert not app.exception
    found: Found = app.session_state["rate_found"]
    assert len(found.test.trials) > 40 and found.test.steepest.rate
    assert app.get("vega_lite_chart")
    assert "A suggestion, not the truth." in words(app)
    button = app.button(key="rate_use_steepest")
    button.click().run()
    assert not app.exception
    assert app.session_state["taken"] == float(button.label.removeprefix("Use "))
    assert app.session_state["taken"] == pytest.approx(found.test.steepest.rate, rel=0.05)
    assert keys(app) == {"rate_finder"}  # the dialog is closed
    assert not RunStore(data_folder / "runs").runs()  # and no run was made


def test_both_points_can_be_used_and_are_explained() -> None:
    app = visit(found=Found(RateOrder.of(REQUEST), TEST))
    assert "It falls fastest at 0.0023." in words(app) and "1.5e-5 is in the middle." in words(app)
    assert not app.info
    app.button(key="rate_use_valley").click().run()
    assert app.session_state["taken"] == 1.5e-5


def test_a_result_of_other_settings_says_so_but_not_after_another_rate() -> None:
    found = Found(RateOrder.of(REQUEST), TEST)
    other_rate = replace(REQUEST, config=replace(REQUEST.config, learning_rate=0.5, epochs=2))
    assert not visit(other_rate, found).info
    other_batch = replace(REQUEST, config=replace(REQUEST.config, batch_size=32))
    assert "found for other settings" in visit(other_batch, found).info[0].value


def test_where_nothing_stands_out_there_is_nothing_to_use() -> None:
    flat = Suggestion(None, None, "No rate stands out.")
    app = visit(found=Found(RateOrder.of(REQUEST), replace(TEST, steepest=flat, valley=flat)))
    assert app.warning[0].value == "No rate stands out."
    assert keys(app) == {"rate_finder", "rate_find"}
    app = visit(found=Found(RateOrder.of(REQUEST), RangeTest.of([])))  # not even a first step
    assert "at the very first step" in app.warning[0].value and not app.get("vega_lite_chart")


def test_a_search_can_be_stopped(running: list[RateJob]) -> None:
    app = visit()
    app.button(key="rate_find").click().run()
    under_way: RateJob = app.session_state["rate_under_way"]
    running.append(under_way)
    app.button(key="rate_stop").click().run()
    assert not app.exception
    assert keys(app) == {"rate_finder", "rate_find"}
    under_way.join(30)
    assert under_way.state == "refused"


def test_who_comes_second_waits_for_the_first(running: list[RateJob]) -> None:
    running.append(RateJob(RateOrder.of(REQUEST)))
    app = visit()
    app.button(key="rate_find").click().run()
    assert "rate_under_way" not in app.session_state and "rate_stop" in keys(app)
    running[0].stop()
    running[0].join(30)
    app.run()  # the next look
    running.append(app.session_state["rate_under_way"])
    app.button(key="rate_stop").click().run()


def test_what_keeps_it_from_starting_is_said() -> None:
    missing = visit(replace(REQUEST, data=DataChoice("fashion-mnist")))
    assert missing.button(key="rate_find").disabled
    assert "not on this machine yet" in missing.warning[0].value
    broken = visit(replace(REQUEST, network=NetworkSpec("broken", (layer("Linear"),))))
    assert broken.button(key="rate_find").disabled
    assert "needs a flat input" in broken.warning[0].value
    wrong_rate = visit(replace(REQUEST, config=replace(REQUEST.config, learning_rate=0.0)))
    assert not wrong_rate.button(key="rate_find").disabled  # it is what is looked for
