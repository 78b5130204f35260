"""What was observed at one step is one look, once all of it has been written down."""

from dataclasses import replace

import pytest

from core.training.config import RunRequest
from core.training.looks import Look, is_whole, looks, together
from core.training.observations import ClassCounts, Kernels, Watched
from core.training.runs.store import RunStore


def counts(step: int, epoch: float, right: int = 1) -> ClassCounts:
    return ClassCounts(step, epoch, 1.0, [[right, 0], [0, 1]])


def test_what_has_the_same_step_belongs_together() -> None:
    watched = [Watched(0, 0.0, 1.0, [3], [[0.5, 0.5]]), Watched(9, 1.0, 2.0, [3], [[0.9, 0.1]])]
    kernels = [Kernels(9, 1.0, 2.0, "conv1", [1, 1, 1, 1], 1.0, "fw==")]
    first, second = together([counts(0, 0.0), counts(9, 1.0), counts(9, 1.0, right=2)], watched, kernels)
    assert (first.step, first.watched, first.kernels) == (0, watched[0], None)
    assert (second.step, second.watched, second.kernels) == (9, watched[1], kernels[0])
    assert second.counts.counts[0][0] == 2  # looked at twice at the same step: the later one


@pytest.mark.parametrize(
    ("step", "epoch", "state", "whole"),
    [
        (9, 0, "running", False),  # its observations may still be coming
        (9, 1, "running", True),  # the epoch was said to be finished after them
        (10, 0, "running", True),
        (9, 0, "completed", True),
        (9, 0, "interrupted", True),
        (0, 0, "queued", False),
    ],
)
def test_a_look_counts_when_whatever_follows_has_come(
    store: RunStore, request_small: RunRequest, step: int, epoch: int, state: str, whole: bool
) -> None:
    run = replace(store.add(request_small), step=step, epoch=epoch, state=state)
    assert is_whole(Look(counts(9, 1.0), None, None), run) == whole


def test_a_run_without_observations_has_no_looks(store: RunStore, request_small: RunRequest) -> None:
    assert looks(store, store.add(request_small)) == []
