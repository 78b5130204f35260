"""What the Inspect page keeps for everybody on a server: looks at all images, and maps by t-SNE."""

import threading
from collections.abc import Callable

import pytest
import torch

from pages.inspect import tsne_map
from pages.inspect.looks import Looks
from pages.inspect.tsne_map import Maps


def test_a_look_is_taken_once_and_the_least_recently_used_is_forgotten() -> None:
    made: list[str] = []

    def look(key: str) -> str:
        def make(report: Callable[[float], None]) -> str:
            report(0.5)
            made.append(key)
            return key.upper()

        return looks.look(key, make, "Looking")

    looks: Looks[str] = Looks(most=2)
    assert [look(key) for key in ("a", "b", "a")] == ["A", "B", "A"]
    look("c")  # b goes
    assert look("a") == "A"
    assert made == ["a", "b", "c"]
    look("b")
    assert made == ["a", "b", "c", "b"]


def test_one_look_serves_all_who_come_meanwhile() -> None:
    looks: Looks[str] = Looks(most=2)
    made: list[int] = []
    under_way, go_on = threading.Event(), threading.Event()

    def make(_report: Callable[[float], None]) -> str:
        made.append(1)
        under_way.set()
        assert go_on.wait(30)
        return "seen"

    found: list[str] = []
    visitors = [
        threading.Thread(target=lambda: found.append(looks.look("a", make, "Looking"))) for _ in range(5)
    ]
    for visitor in visitors:
        visitor.start()
    assert under_way.wait(30)
    assert looks.look("b", lambda _report: "other", "Looking") == "other"  # of something else, nobody waits
    go_on.set()
    for visitor in visitors:
        visitor.join(30)
    assert found == ["seen"] * 5 and made == [1]


def test_a_look_that_fails_is_not_kept() -> None:
    looks: Looks[int] = Looks(most=2)

    def fail(_report: Callable[[float], None]) -> int:
        raise OSError("no weights")

    with pytest.raises(OSError):
        looks.look("a", fail, "Looking")
    assert looks.look("a", lambda _report: 1, "Looking") == 1


def test_a_map_is_made_once_and_again_only_after_a_refusal() -> None:
    maps, points = Maps(), torch.randn(40, 3, generator=torch.Generator().manual_seed(0))
    wanted = ("weights", "data", 5)
    assert maps.find(wanted) is None
    maps.begin(wanted, points)
    job = maps.find(wanted)
    assert job is not None
    job.join(60)
    maps.begin(wanted, points)
    assert maps.find(wanted) is job and job.result is not None
    other = ("weights", "data", 10)
    maps.begin(other, torch.ones(40, 3))
    refused = maps.find(other)
    assert refused is not None
    refused.join(60)
    maps.begin(other, points)
    assert maps.find(other) is not refused


def test_of_many_maps_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsne_map, "_KEPT", 2)
    maps = Maps()
    for perplexity in (5, 10, 15, 20):
        maps.begin(("weights", "data", perplexity), torch.ones(9, 3))  # refused at once
        job = maps.find(("weights", "data", perplexity))
        assert job is not None
        job.join(60)
    kept = [perplexity for perplexity in (5, 10, 15, 20) if maps.find(("weights", "data", perplexity))]
    assert kept == [15, 20]
