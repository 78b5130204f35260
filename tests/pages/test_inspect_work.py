"""Work in steps: what is kept of it, and what happens where it is stopped, fails, or is asked for twice."""

import threading
from collections.abc import Generator, Iterator

import pytest
import streamlit as st

from core.inspection.attribution import SettingError
from core.inspection.turns import Pause
from pages.inspect import work
from pages.inspect.kept import Kept


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """One visitor's session, and long looks."""
    state: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", state)
    monkeypatch.setattr(work, "TURN", 1e9)
    return state


def counting() -> Generator[float, None, str]:
    yield 0.25
    yield 0.75
    return "whole"


def test_shares_end_with_the_whole() -> None:
    assert list(work.shares(counting())) == [work.Share(0.25), work.Share(0.75), work.Share(1.0, "whole")]


def test_a_failure_inside_passes_through_shares() -> None:
    def failing() -> Generator[float, None, str]:
        yield 0.5
        raise ZeroDivisionError

    found = work.shares(failing())
    assert next(found) == work.Share(0.5)
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_what_nobody_asked_for_is_not_begun() -> None:
    kept = Kept(2)
    assert work.begun("key", "this", kept) is None
    begun = work.start("key", "this", lambda _pause: work.shares(counting()), kept)
    assert work.begun("key", "this", kept) is begun and begun.latest is None  # it goes no further by itself
    begun.advance()
    assert begun.over and kept.get("this") == work.Share(1.0, "whole")


def test_work_of_something_else_is_let_go_and_its_result_found_again(session: dict[str, object]) -> None:
    kept = Kept(2)
    work.work("key", "this", lambda _pause: work.shares(counting()), kept)
    assert work.begun("key", "that", kept) is None and not session
    again = work.begun("key", "this", kept)
    assert again is not None and again.over and again.latest == work.Share(1.0, "whole")
    work.forget("key")
    assert not session and kept.get("this")


def test_what_was_stopped_is_not_kept_and_stays_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "TURN", 0.0)
    kept = Kept(2)
    found = work.work("key", "this", lambda _pause: work.shares(counting()), kept)
    found.stop()
    monkeypatch.setattr(work, "TURN", 1e9)
    assert work.work("key", "this", lambda _pause: work.shares(counting()), kept) is found
    assert found.stopped and kept.get("this") is None


def test_half_of_a_work_that_fails_is_never_kept() -> None:
    def failing(_pause: Pause) -> Iterator[int]:
        yield 1
        raise ZeroDivisionError

    kept = Kept(2)
    with pytest.raises(ZeroDivisionError):
        work.work("key", "this", failing, kept)
    found = work.begun("key", "this", kept)
    assert found is not None and found.stopped and found.latest == 1
    found.advance()
    assert kept.get("this") is None


def test_a_refusal_is_told_and_not_kept() -> None:
    def refusing(_pause: Pause) -> Iterator[int]:
        yield 1
        raise SettingError("Too large.")

    kept = Kept(2)
    found = work.work("key", "this", refusing, kept)
    assert found.over and not found.stopped and found.refusal == "Too large." and kept.get("this") is None


def test_who_comes_while_a_step_is_made_goes_by() -> None:
    inside, leave = threading.Event(), threading.Event()

    def steps(_pause: Pause) -> Iterator[int]:
        inside.set()
        assert leave.wait(10)
        yield 1

    kept = Kept(1)
    found = work.start("key", "this", steps, kept)
    first = threading.Thread(target=found.advance)
    first.start()
    assert inside.wait(10)
    found.advance()  # not "generator already executing", which would stop it
    assert not found.over
    leave.set()
    first.join(10)
    assert found.over and not found.stopped and kept.get("this") == 1
