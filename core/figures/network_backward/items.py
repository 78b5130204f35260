"""What stands in an open part, the ways between, and the runs in which one thing simply follows another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.figures.network_backward.leaves import Chain, spines
from core.figures.network_backward.parts import Link, Part
from core.figures.network_backward.scene import Scene

Ways = dict[tuple[int, int], list[Link]]  # from which to which, and the links that take this way


@dataclass(frozen=True)
class Items:
    """Scenes by their number, then the nodes outside that they hand gradients to."""

    scenes: list[Scene]
    exits: dict[int, int]  # node outside → number
    first: int  # where gradients come in
    ways: Ways

    def runs(self) -> list[list[int]]:
        """All items, those together that follow one another and nothing else."""
        out = Counter(start for start, _ in self.ways)
        into = Counter(end for _, end in self.ways)
        into[self.first] += 1  # from outside
        after = {
            start: end
            for start, end in self.ways
            if end < len(self.scenes) and out[start] == 1 and into[end] == 1
        }
        runs = []
        for begin in set(range(len(self.scenes))) - set(after.values()):
            run = [begin]
            while run[-1] in after:
                run.append(after[run[-1]])
            runs.append(run)
        return sorted(runs)

    def joined(self, runs: list[list[int]], scenes: list[Scene]) -> Items:
        """The same with one scene for each run."""
        number = {item: i for i, run in enumerate(runs) for item in run}
        ends = {exit: len(runs) + exit - len(self.scenes) for exit in self.exits.values()}
        ways: Ways = {}
        for (start, end), links in self.ways.items():
            to = ends.get(end, number.get(end, -1))
            if number[start] != to:
                ways.setdefault((number[start], to), []).extend(links)
        exits = {target: ends[exit] for target, exit in self.exits.items()}
        return Items(scenes, exits, number[self.first], ways)


def items_of(
    part: Part, links: Sequence[Link], scene_of: Callable[[Part, tuple[Chain, ...]], Scene]
) -> Items:
    """The items of an open part."""
    rows = list(spines(part, links))
    number = {
        node: i
        for i, (each, chains) in enumerate(rows)
        for one in (each, *(link for chain in chains for link in chain))
        for node in one.nodes
    }
    exits = {target: len(rows) + i for i, target in enumerate(sorted(targets(part, links)))}
    ways: Ways = {}
    for start, end in links:
        if start in number:
            ends = number[start], number[end] if end in number else exits[end]
            if ends[0] != ends[1]:
                ways.setdefault(ends, []).append((start, end))
    into = (number[end] for start, end in links if start not in number and end in number)
    return Items([scene_of(each, chains) for each, chains in rows], exits, next(into, 0), ways)


def targets(part: Part, links: Sequence[Link]) -> set[int]:
    """The nodes outside that a part hands gradients to."""
    return {end for start, end in links if start in part.nodes and end not in part.nodes}
