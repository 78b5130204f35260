"""The place in the queue and the expected start, against queues that were played through by hand."""

from dataclasses import replace

import pytest

from core.training.config import RunRequest
from core.training.runs.queue import (
    InQueue,
    Turn,
    UnderWay,
    expected_turns,
    in_turn,
    training_seconds,
    turn_of,
)
from core.training.runs.records import Run
from core.training.runs.store import RunStore


def starts(waiting: list[InQueue], under_way: list[UnderWay], at_once: int) -> list[tuple[int, float | None]]:
    """(number, seconds until the start) in the order of the places, which must be 1, 2, 3 …"""
    turns = expected_turns(waiting, under_way, at_once)
    assert sorted(turn.place for turn in turns.values()) == list(range(1, len(waiting) + 1))
    assert all(turn.of == len(waiting) for turn in turns.values())
    return [
        (number, turns[number].seconds) for number in sorted(turns, key=lambda number: turns[number].place)
    ]


def test_one_after_the_other() -> None:
    """Ten seconds are left of the one under way; then 30, 5 and 7 seconds, in turn."""
    waiting = [InQueue(2, "a", 30), InQueue(3, "a", 5), InQueue(4, "a", 7)]
    assert starts(waiting, [UnderWay("a", 10)], 1) == [(2, 10), (3, 40), (4, 45)]


def test_two_places() -> None:
    """Ends at 10 and 25. Run 3 takes the place that is free at 10 and ends at 40; run 4 that at 25, and ends at 30;
    run 5 comes at 30.
    """
    waiting = [InQueue(3, "a", 30), InQueue(4, "a", 5), InQueue(5, "a", 7)]
    assert starts(waiting, [UnderWay("a", 10), UnderWay("a", 25)], 2) == [(3, 10), (4, 25), (5, 30)]


def test_a_free_place_is_taken_now() -> None:
    waiting = [InQueue(2, "a", 30), InQueue(3, "a", 5)]
    assert starts(waiting, [UnderWay("a", 10)], 2) == [(2, 0), (3, 10)]


def test_owners_take_turns() -> None:
    """Of one place: Ada has asked for three, then Bob for two. At 10 nobody has one under way: Ada's first, which
    ends at 20. Then again nobody has: Ada's second is older than Bob's first, and so on, by time.

    Of two places, both Ada's now: at 10 one of hers ends, and Bob has none under way: his first, until 20. At
    15 Ada's other ends; Bob has one, Ada none: her first, until 25. At 20 Bob's ends; he has none, she one: his
    second.
    """
    waiting = [InQueue(3, "Ada", 10), InQueue(4, "Ada", 10), InQueue(5, "Bob", 10), InQueue(6, "Bob", 10)]
    assert starts(waiting, [UnderWay("Ada", 10)], 1) == [(3, 10), (4, 20), (5, 30), (6, 40)]
    both = [UnderWay("Ada", 10), UnderWay("Ada", 15)]
    assert starts(waiting, both, 2) == [(5, 10), (3, 15), (6, 20), (4, 25)]


def test_what_is_not_known_is_not_promised() -> None:
    """A paused run keeps its place for ever; so does one behind which nobody knows when it ends."""
    assert starts([InQueue(2, "a", 5)], [UnderWay("a", None)], 1) == [(2, None)]
    waiting = [InQueue(3, "a", None), InQueue(4, "a", 5), InQueue(5, "a", 5)]
    # the place that is free at 10 goes to run 3, of unknown length; the other is the paused one's
    assert starts(waiting, [UnderWay("a", None), UnderWay("a", 10)], 2) == [(3, 10), (4, None), (5, None)]
    # a third place, free at 20, is all that runs 4 and 5 have: 5 comes when 4 has ended
    three = [UnderWay("a", None), UnderWay("a", 10), UnderWay("a", 20)]
    assert starts(waiting, three, 3) == [(3, 10), (4, 20), (5, 25)]


def test_fewer_places_than_runs_under_way() -> None:
    """An operator allows one where three were under way: the next starts when all three have ended."""
    three = [UnderWay("a", 10), UnderWay("a", 30), UnderWay("a", 20)]
    assert starts([InQueue(4, "a", 5)], three, 1) == [(4, 30)]


def test_nobody_waits() -> None:
    assert expected_turns([], [UnderWay("a", 10)], 1) == {}


def test_the_order_is_that_in_which_a_keeper_takes_them() -> None:
    waiting = [
        InQueue(number, owner, None) for number, owner in ((9, "Bob"), (2, "Ada"), (3, "Ada"), (5, "Eve"))
    ]
    order = [one.number for one in in_turn(waiting, ["Ada", "Ada", "Eve"])]
    assert order == [9, 5, 2, 3]  # Bob has none under way, Eve one, Ada two
    turns = expected_turns(waiting, [UnderWay("Ada", None), UnderWay("Ada", None), UnderWay("Eve", None)], 3)
    assert sorted(turns, key=lambda number: turns[number].place) == order


@pytest.fixture
def run(store: RunStore, request_small: RunRequest) -> Run:
    """Three epochs of 540 images, queued."""
    return store.add(request_small)


def trained(run: Run, number: int, **fields: object) -> Run:
    """As it stands after 2 of 3 epochs at 100 images/s: 5.4 s an epoch of steps and 0.6 s of evaluation."""
    measured = {
        "state": "running",
        "step": 18,
        "total_steps": 27,
        "seconds": 12.0,
        "images_per_second": 100.0,
        "train_images": 540,
    }
    return replace(run, number=number, **{**measured, **fields})  # type: ignore[arg-type]


def test_the_length_follows_from_an_earlier_run_alike(run: Run) -> None:
    assert training_seconds(run, [run]) is None
    assert training_seconds(run, [run, trained(run, 0)]) == pytest.approx(3 * (5.4 + 0.6))
    slower, faster = trained(run, 0, images_per_second=50.0), trained(run, 1)
    assert training_seconds(run, [faster, slower]) == pytest.approx(18)  # the last one counts


def test_ten_times_as_many_images_take_ten_times_as_long_but_not_their_evaluation(run: Run) -> None:
    more = replace(run, request=replace(run.request, data=replace(run.request.data, share=1.0)))
    assert training_seconds(more, [trained(run, 0)]) == pytest.approx(3 * (54 + 0.6))


def test_what_is_done_or_not_wanted_is_not_counted(run: Run) -> None:
    resumed = replace(run, step=9, total_steps=27)
    assert training_seconds(resumed, [trained(run, 0)]) == pytest.approx(2 * 6)
    limited = replace(run, request=replace(run.request, config=replace(run.request.config, seconds=7.0)))
    assert training_seconds(limited, [trained(run, 0)]) == 7.0
    assert training_seconds(replace(limited, seconds=5.0), [trained(run, 0)]) == 2.0


@pytest.mark.parametrize("batch_size", [32, 64])
def test_another_batch_size_tells_nothing(run: Run, batch_size: int) -> None:
    config = replace(run.request.config, batch_size=batch_size)
    other = replace(trained(run, 0), request=replace(run.request, config=config))
    assert (training_seconds(run, [other]) is None) == (batch_size != 64)


def test_a_run_among_all(run: Run) -> None:
    """One place; 6 s are left of the run under way, and the first that waits will take 18 s like it."""
    under_way = trained(run, 0, seconds_left=6.0)
    second = replace(run, number=2)
    runs = [second, run, under_way, trained(run, -1, state="completed")]
    assert turn_of(run, runs, 1) == Turn(1, 2, 6.0)
    assert turn_of(second, runs, 1).seconds == pytest.approx(24)
    assert turn_of(run, [*runs[:2], replace(under_way, state="paused")], 1) == Turn(1, 2, None)


def test_a_run_that_began_or_went_since_it_was_read_has_the_place_of_then(run: Run) -> None:
    for runs in ([trained(run, 0, seconds_left=6.0)], []):
        assert turn_of(replace(run, number=2), runs, 1).place == 1
    begun = replace(run, state="running", seconds_left=6.0)
    assert turn_of(run, [begun], 1) == turn_of(run, [run], 1) == Turn(1, 1, 0.0)
