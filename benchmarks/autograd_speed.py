"""How long the server works for one program text: python -m benchmarks.autograd_speed

Recorded (parsed and run, with the backward pass stepped and compared with PyTorch's engine), checked
(float64 central differences), filmed (the graph laid out and every step described) and listed (the table
below the graph). Medians over repetitions, in milliseconds, in one thread. Recording and checking together
have a limit: 50 ms for 50 operations, 500 ms for 500; the call of backward counts as one of them.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from itertools import pairwise

import torch

from core.autograd.graph.check import check_all
from core.autograd.language.interpreter import run
from core.figures.autograd.film import film
from core.figures.autograd.table import rows

SIZES = (20, 50, 500)  # operations, the leaves' creation included
LIMITS = {50: 50.0, 500: 500.0}  # milliseconds of recording and checking
PHASES = ("recorded", "checked", "filmed", "listed")


def chain(operations: int) -> str:
    """One elementwise operation after another."""
    turns = ("y = torch.tanh(y)", "y = y * 0.9", "y = y + x", "y = torch.sin(y)")
    lines = ["x = torch.tensor([0.5, -1.0, 2.0], requires_grad=True)", "y = x"]
    lines += [turns[i % len(turns)] for i in range(operations - 2)]
    return "\n".join([*lines, "y.sum().backward()"])


def layers(operations: int) -> str:
    """Small matrix products with tanh between them; each second product has weights of its own."""
    lines = ["torch.manual_seed(0)", "h = torch.randn(4, 4)", "w0 = torch.randn(4, 4, requires_grad=True)"]
    made, last = 3, 0  # with the mean at the end
    while made + 3 <= operations:
        if made % 2:
            last = made
            lines.append(f"w{last} = torch.randn(4, 4, requires_grad=True)")
            made += 1
        lines += [f"h = torch.tanh(h @ w{last})"]
        made += 2
    return "\n".join([*lines, *["h = h * 1.0"] * (operations - made), "h.mean().backward()"])


def wide(operations: int) -> str:
    """Many branches from two leaves, summed at the end."""
    lines = [
        "a = torch.tensor(0.7, requires_grad=True)",
        "b = torch.tensor(-0.2, requires_grad=True)",
        "s = a * b",
    ]
    turns = ("t = torch.exp(a * {0})", "s = s + t * b")
    made, turn = 3, 0
    while made + 2 <= operations:
        lines.append(turns[turn % 2].format(0.1 + turn / operations))
        made, turn = made + 2, turn + 1
    return "\n".join([*lines, *["s = s * 1.0"] * (operations - made), "s.backward()"])


PROGRAMS: dict[str, Callable[[int], str]] = {
    "elementwise chain": chain,
    "matrix products": layers,
    "wide graph": wide,
}


def measure(source: str) -> dict[str, float]:
    """Milliseconds of each phase, once."""
    times = [time.perf_counter()]

    def lap() -> None:
        times.append(time.perf_counter())

    trace = run(source)
    lap()
    checks = check_all(trace)
    lap()
    film(trace, checks)
    lap()
    rows(trace)
    lap()
    return {
        phase: 1000 * (after - before) for phase, (before, after) in zip(PHASES, pairwise(times), strict=True)
    }


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--repetitions", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()  # as the server does when it starts
    print(f"torch {torch.__version__}, one thread; medians of {options.repetitions}, in ms")
    columns = [*PHASES, "recorded + checked", "limit"]
    print(f"{'':>28}" + "".join(f"{column:>{max(len(column), 8) + 2}}" for column in columns))
    for operations in options.sizes:
        for name, program in PROGRAMS.items():
            source = program(operations - 1)
            trace = run(source)
            if trace.error is not None or len(trace.events) != operations:
                raise AssertionError(f"{name}: {len(trace.events)} operations, {trace.error}")
            checked = sum(check.state == "agrees" for check in check_all(trace)[0].values())
            found = [measure(source) for _ in range(options.repetitions)]
            medians = {phase: statistics.median(each[phase] for each in found) for phase in PHASES}
            total = statistics.median(each["recorded"] + each["checked"] for each in found)
            limit = LIMITS.get(operations)
            cells = [
                *(f"{medians[phase]:.1f}" for phase in PHASES),
                f"{total:.1f}",
                f"{limit:g}" if limit else "",
            ]
            line = "".join(
                f"{cell:>{max(len(column), 8) + 2}}" for cell, column in zip(cells, columns, strict=True)
            )
            print(
                f"{f'{operations} operations, {name}':>28}{line}   "
                f"{checked} of {len(trace.passes[0].gradients)} gradients agree with differences",
                flush=True,
            )


if __name__ == "__main__":
    main()
