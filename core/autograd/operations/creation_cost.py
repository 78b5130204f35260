"""How large a tensor that is made from numbers will be."""

from collections.abc import Callable
from math import ceil, isfinite

from core.autograd.errors import RefusalError
from core.autograd.operations.cost import Cost, Given, Shown, volume
from core.autograd.operations.signature import shape_text


def created(key: str) -> Callable[[Given, Shown], Cost]:
    """The sizes stand in argument `key`."""

    def cost(given: Given, shown: Shown) -> Cost:
        sizes = given.get(key, ())
        if any(size < 0 for size in sizes):
            raise RefusalError(
                f"A size cannot be negative; the sizes are {shape_text(sizes)}", "Use sizes of 0 or more."
            )
        return Cost(volume(sizes), dimensions=len(sizes))

    return cost


def square(given: Given, shown: Shown) -> Cost:
    """eye(n, m)."""
    return Cost(volume((given["n"], given.get("m", given["n"]))))


def stepped(given: Given, shown: Shown) -> Cost:
    """arange: from start to end in steps; with one number that is the end."""
    start, end = (given["start"], given["end"]) if "end" in given else (0, given["start"])
    step = given.get("step", 1)
    if step == 0 or not all(map(isfinite, (start, end, step))):
        raise RefusalError(
            "`arange` needs finite numbers and a step that is not 0", "Write torch.arange(start, end, step)."
        )
    return Cost(max(0, ceil((end - start) / step)))


def spaced(given: Given, shown: Shown) -> Cost:
    if given["steps"] < 0:
        raise RefusalError(
            f"`steps` cannot be negative; it is {given['steps']}", "Write torch.linspace(0, 1, 5)."
        )
    return Cost(given["steps"])


def nested(given: Given, shown: Shown) -> Cost:
    """tensor(data): the sizes are the lengths of the first list, of the first list in it, and so on."""
    sizes, data = [], given["data"]
    while isinstance(data, (list, tuple)):
        sizes.append(len(data))
        if not data:
            break
        data = data[0]
    return Cost(volume(sizes), dimensions=len(sizes))
