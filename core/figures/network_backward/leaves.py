"""Inside a layer the gradient for the layer before goes straight down, and those for parameters to the sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.figures.network_backward.parts import Link, Part

Chain = tuple[Part, ...]  # from a node to an AccumulateGrad, without what lies between them and others
SIDES = 2


def spines(part: Part, links: Sequence[Link]) -> Iterator[tuple[Part, tuple[Chain, ...]]]:
    """What stands below one another in an open part, each with what hangs at its sides (at most two chains).

    In a layer these are the nodes that lead out of it; a chain leads to a parameter and nowhere else.
    """
    chains = _chains(part, links) if part.kind == "layer" else {}
    hanging = {each.key for several in chains.values() for chain in several for each in chain}
    for each in part.parts:
        if each.key not in hanging:
            yield each, chains.get(each.key, ())


def _chains(part: Part, links: Sequence[Link]) -> dict[str, tuple[Chain, ...]]:
    owner = {number: each for each in part.parts for number in each.nodes}
    onwards: dict[str, list[int]] = {each.key: [] for each in part.parts}
    came: dict[str, int] = dict.fromkeys(onwards, 0)
    for start, end in links:
        if start in owner:
            onwards[owner[start].key].append(end)
        if end in owner:
            came[owner[end].key] += 1

    def chain(number: int) -> Chain | None:
        each = owner.get(number)
        if each is None or came[each.key] != 1:
            return None
        if each.kind == "leaf":
            return (each,)
        ahead = onwards[each.key]
        rest = chain(ahead[0]) if len(ahead) == 1 else None
        return None if rest is None else (each, *rest)

    heads: dict[str, tuple[Chain, ...]] = {}
    for each in part.parts:
        ahead = onwards[each.key]
        several = [one for one in map(chain, ahead) if one is not None]
        alone = len(ahead) == 1 and came[each.key] == 1 and several  # itself a link of a chain
        if 0 < len(several) <= SIDES and not alone:
            heads[each.key] = tuple(sorted(several, key=len, reverse=True))
    return heads
