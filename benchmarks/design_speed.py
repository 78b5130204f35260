"""How long the server works for one network: python -m benchmarks.design_speed

Analysed (shapes, costs, receptive fields, problems with their mends, warnings), listed (what the layer list shows),
drawn (both diagrams) and written (the program in each dialect), of networks that are new each time, so that nothing
comes from a cache. Medians over repetitions, in milliseconds, in one thread. The analysis has a limit: 5 ms for ten
layers, 50 ms for ResNet-18.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from core.figures.block_diagram import block_diagram
from core.figures.network_diagram import network_diagram
from core.networks import names, survey
from core.networks.analysis import Analysis, analyse
from core.networks.edit import replace_setting
from core.networks.gallery import GALLERY
from core.networks.images import GREY
from core.networks.source import DIALECTS, to_source
from core.networks.spec import NetworkSpec
from pages.design.layer_list import list_data

LENET = GALLERY["LeNet"].spec
NETWORKS = {
    "LeNet, 10 layers": LENET,
    "the same with a problem": replace_setting(LENET, (3,), "kernel", 13),
    "FashionCNN, 13 layers, 5 warnings": GALLERY["FashionCNN"].spec,
    "Small DenseNet": GALLERY["Small DenseNet"].spec,
    "ResNet-18": GALLERY["ResNet-18"].spec,
}
LIMITS = {"LeNet, 10 layers": 5.0, "ResNet-18": 50.0}  # milliseconds of analysis


def _written(dialect: str, analysis: Analysis) -> str:
    return to_source(analysis.spec, analysis.input_shape, dialect)


PHASES: dict[str, Callable[[Analysis], object]] = {
    "listed": lambda analysis: list_data(analysis, 0),
    "volumes": network_diagram,
    "blocks": block_diagram,
    **{dialect: partial(_written, dialect) for dialect in DIALECTS},
}


def forget() -> None:
    """As for a network that nobody has asked about; what is kept of single windows stays, as on a server."""
    analyse.cache_clear()
    survey.survey.cache_clear()
    names.layer_names.cache_clear()


def measure(spec: NetworkSpec) -> dict[str, float]:
    """Milliseconds of each phase, once."""
    forget()
    start = time.perf_counter()
    analysis = analyse(spec, GREY)
    taken = {"analysed": 1000 * (time.perf_counter() - start)}
    for phase, work in PHASES.items():
        start = time.perf_counter()
        work(analysis)
        taken[phase] = 1000 * (time.perf_counter() - start)
    return taken


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=15)
    options = parser.parse_args()
    gc.collect()
    gc.freeze()  # as the server does when it starts
    columns = ["analysed", *PHASES, "limit of analysis"]
    print(f"medians of {options.repetitions}, in ms")
    print(f"{'':>34}" + "".join(f"{column:>{max(len(column), 8) + 2}}" for column in columns))
    for name, spec in NETWORKS.items():
        found = [measure(replace(spec, name=f"network {i}")) for i in range(options.repetitions)]
        cells = [f"{statistics.median(each[column] for each in found):.1f}" for column in columns[:-1]]
        cells.append(f"{LIMITS[name]:g}" if name in LIMITS else "")
        line = "".join(
            f"{cell:>{max(len(column), 8) + 2}}" for cell, column in zip(cells, columns, strict=True)
        )
        print(f"{name:>34}{line}", flush=True)


if __name__ == "__main__":
    main()
