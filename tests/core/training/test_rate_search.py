"""The search for a rate as work beside the page: its lines, what it refuses, and the process that does it."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, Fork, RunRequest, TrainingConfig
from core.training.rate_search import RateOrder, Tried, from_line, search
from core.training.rate_suggestions import RangeTest, Suggestion, Trial
from core.training.side_work import Progress, Refused, to_line
from core.training.workers.rate_job import RateJob
from core.training.workers.side_job import Busy


@pytest.fixture
def order(request_small: RunRequest, silhouettes: Path) -> RateOrder:
    config = replace(request_small.config, precision="float32", batch_size=16)
    return RateOrder.of(replace(request_small, config=config))


def test_messages_and_orders_survive_their_passage_as_lines(request_small: RunRequest) -> None:
    trial = Trial(1e-7, 2.3, 2.31)
    result = RangeTest((trial, trial), Suggestion(0.1, 2.0, "There."), Suggestion(None, None, "Nowhere."))
    for message in (result, Tried(0.1, "one", trial), Progress(0.5, "half"), Refused("no")):
        assert from_line(to_line(message)) == message
    order = RateOrder.of(request_small)
    assert RateOrder.from_line(order.to_line()) == order
    for line in ("", "[]", '{"message": "Timing"}', '{"message": "Tried", "done": 1}'):
        with pytest.raises(ValueError, match="not a message"):
            from_line(line)


def test_what_the_search_does_not_use_makes_no_other_order(request_small: RunRequest) -> None:
    def changed(**settings: object) -> RateOrder:
        return RateOrder.of(replace(request_small, config=replace(request_small.config, **settings)))  # type: ignore[arg-type]

    order = RateOrder.of(request_small)
    for same in ({"learning_rate": 0.5}, {"epochs": 9}, {"schedule": "cosine"}, {"learning_rate": 0.0}):
        assert changed(**same) == order
    for other in ({"batch_size": 8}, {"optimizer": "sgd"}, {"weight_decay": 0.1}, {"seed": 2}):
        assert changed(**other) != order


def test_all_steps_are_told_and_the_result_holds_them(order: RateOrder) -> None:
    *progress, result = search(order)
    assert isinstance(result, RangeTest)
    tried = [one for one in progress if isinstance(one, Tried)]
    assert tuple(one.trial for one in tried) == result.trials
    assert [one.done for one in tried] == [count / 100 for count in range(1, len(tried) + 1)]
    assert result.steepest.rate and 1e-6 < result.steepest.rate < 1
    assert result.valley.rate and 1e-6 < result.valley.rate < 1


def refused(request: RunRequest) -> str:
    order = RateOrder.of(request)
    problem = order.problem()
    with pytest.raises(ValueError) as raised:
        list(search(order))
    assert str(raised.value) == problem
    return problem


def test_what_can_not_be_done_says_why(request_small: RunRequest, silhouettes: Path) -> None:
    assert "needs a flat input" in refused(
        replace(request_small, network=NetworkSpec("broken", (layer("Linear"),)))
    )
    assert "batch size is 0" in refused(
        replace(request_small, config=TrainingConfig(batch_size=0, device="cpu"))
    )
    assert "not on this machine yet" in refused(replace(request_small, data=DataChoice("fashion-mnist")))
    assert "no data set “other”" in refused(replace(request_small, data=DataChoice("other")))
    assert "A branch begins" in refused(replace(request_small, fork=Fork("run", 9, "adam")))
    wide = (layer("Conv2d", out_channels=512, padding=1),) * 3
    large = NetworkSpec("large", (*wide, layer("Flatten"), layer("Linear")))
    assert "beside the page at most" in refused(replace(request_small, network=large))


def test_a_network_that_can_not_begin_to_learn_gets_no_suggestion(order: RateOrder) -> None:
    """From zeros no gradient passes the last layer: all that can learn is its bias, and classes are equally many."""
    zeros = replace(order.request.network, weights="zeros")
    *_, result = search(RateOrder(replace(order.request, network=zeros)))
    assert isinstance(result, RangeTest)
    assert result.trials[0].loss == pytest.approx(math.log(10), rel=1e-4)
    assert result.steepest.rate is None and "No rate stands out" in result.steepest.sentence


def test_a_process_of_its_own_searches_one_at_a_time(order: RateOrder) -> None:
    job = RateJob(order)
    with pytest.raises(Busy, match="under way"):
        RateJob(order)
    job.join(60)
    assert job.state == "done", job.refusal
    *_, here = search(order)
    assert isinstance(here, RangeTest) and job.result
    assert tuple(job.trials) == job.result.trials
    assert [trial.loss for trial in job.trials[:60]] == pytest.approx(
        [trial.loss for trial in here.trials[:60]], rel=1e-3
    )
    stopped = RateJob(order)
    stopped.stop()
    stopped.join(60)
    assert (stopped.state, stopped.refusal) == ("refused", "It was stopped.")


def test_a_process_that_can_not_search_says_why(request_small: RunRequest) -> None:
    """Here the data set is missing, which the process sees as the server does."""
    job = RateJob(RateOrder.of(replace(request_small, data=DataChoice("fashion-mnist"))))
    job.join(60)
    assert job.state == "refused" and "not on this machine yet" in job.refusal
