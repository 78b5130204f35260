"""Work in turns: it rests in the middle of a step, goes on where it was, and ends when nobody wants it."""

import gc
import threading
import time
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from core.inspection.preserve import own_copy, reporting
from core.inspection.turns import Left, Pause, Turns


def of_three_parts(pause: Pause) -> Iterator[str]:
    """Two steps, the second of them with a pause in its middle."""
    yield "one"
    pause()
    yield "two"


def test_a_turn_ends_within_a_step_and_the_next_goes_on_there() -> None:
    turns = Turns(of_three_parts)
    found = []
    for _ in range(4):  # after a step, within the next, after it, the end
        turns.go_on(0.0)
        found.append((turns.latest, turns.over))
    assert found == [("one", False), ("one", False), ("two", False), ("two", True)]
    turns.go_on(0.0)  # nothing is left to do
    assert turns.latest == "two"


def test_a_long_turn_makes_all_steps() -> None:
    turns = Turns(of_three_parts)
    turns.go_on(60.0)
    assert turns.over and turns.latest == "two"


def test_steps_are_made_in_one_thread_that_is_not_the_callers() -> None:
    def where(_pause: Pause) -> Iterator[int]:
        for _ in range(3):
            yield threading.get_ident()

    turns, seen = Turns(where), set()
    while not turns.over:
        turns.go_on(0.0)
        seen.add(turns.latest)
    assert len(seen) == 1 and threading.get_ident() not in seen


def test_what_a_step_raises_reaches_the_caller_once() -> None:
    def failing(_pause: Pause) -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    turns = Turns(failing)
    with pytest.raises(ZeroDivisionError):
        turns.go_on(60.0)
    assert turns.over and turns.latest == 1
    turns.go_on(60.0)


def resting() -> tuple[Turns[int], list[str], threading.Thread]:
    """Work that rests within a step, what it notes at its end, and its thread."""
    notes: list[str] = []
    threads: list[threading.Thread] = []

    def steps(pause: Pause) -> Iterator[int]:
        threads.append(threading.current_thread())
        try:
            pause()
            notes.append("went on")
        except Left:
            notes.append("left")
            raise
        yield 1

    turns = Turns(steps)
    turns.go_on(0.0)
    return turns, notes, threads[0]


def test_it_can_be_left_within_a_step() -> None:
    turns, notes, thread = resting()
    turns.leave()
    thread.join(10)
    assert not thread.is_alive() and notes == ["left"] and turns.over and turns.latest is None
    turns.go_on(60.0)
    assert notes == ["left"]


def test_its_thread_ends_when_nobody_has_it_any_more() -> None:
    turns, notes, thread = resting()
    del turns
    gc.collect()
    thread.join(10)
    assert not thread.is_alive() and notes == ["left"]


def test_it_can_be_left_while_a_turn_is_under_way() -> None:
    under_way = threading.Event()

    def steps(pause: Pause) -> Iterator[int]:
        while True:
            under_way.set()
            time.sleep(0.001)
            pause()
            yield 1

    turns = Turns(steps)
    caller = threading.Thread(target=turns.go_on, args=(3600.0,))
    caller.start()
    assert under_way.wait(10)
    turns.leave()
    caller.join(10)
    assert not caller.is_alive() and turns.over


def test_a_network_that_reports_counts_its_images_and_its_copies_report_too() -> None:
    heard: list[int] = []
    network = reporting(nn.Linear(2, 1), heard.append)
    network(torch.zeros(3, 2))
    network(torch.zeros(2, 2))
    own_copy(network)(torch.zeros(4, 2))
    assert heard == [0, 3, 5]


def test_what_a_report_raises_ends_the_pass() -> None:
    def stop(_images: int) -> None:
        raise Left

    with pytest.raises(Left):
        reporting(nn.Linear(2, 1), stop)(torch.zeros(1, 2))
