"""How long the Inspect page computes: python -m benchmarks.inspect_speed

The predictions for 10,000 test images, every attribution method with its default settings on one image, and the
checks of one map, in one thread as on the server; with random weights, on which the time does not depend. Medians
over repetitions. Limits: predictions of LeNet 3 s; Saliency and Grad-CAM 120 ms, Integrated Gradients (50 steps) and
Occlusion (4×4, stride 2) 250 ms on FashionCNN.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable

import torch
from torch import nn

from core.data.dataset import LabelledImages
from core.data.normalisation import Normalisation
from core.inspection.anatomy import anatomy
from core.inspection.attribution import METHODS, attribute
from core.inspection.predictions import predict
from core.inspection.preserve import own_copy
from core.inspection.question import Question
from core.inspection.trust.check import check
from core.networks.build import build
from core.networks.gallery import GALLERY

NETWORKS = ("LeNet", "FashionCNN")
NORMALISATION = Normalisation((0.286,), (0.353,))
LIMITS = {  # milliseconds
    ("LeNet", "predictions"): 3000,
    ("FashionCNN", "saliency"): 120,
    ("FashionCNN", "grad-cam"): 120,
    ("FashionCNN", "integrated-gradients"): 250,
    ("FashionCNN", "occlusion"): 250,
}


def images(count: int) -> LabelledImages:
    """Noise of the test split's shape."""
    draw = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8, generator=draw)
    return LabelledImages(pixels, torch.arange(count) % 10)


def median(work: Callable[[], object], repetitions: int) -> float:
    """Milliseconds, after one run that does not count."""
    work()
    taken = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def measure(model: nn.Module, test: LabelledImages, repetitions: int) -> dict[str, float]:
    """Milliseconds of everything that is measured, by its name."""
    pixels = test.pixels[0]
    facts = anatomy(model, NORMALISATION(test.pixels[:1])[0])
    taken = {
        "predictions": median(lambda: predict(model, test, NORMALISATION), 3),
        "(copy of the network)": median(lambda: own_copy(model), repetitions),
        "(its layers)": median(lambda: anatomy(model, NORMALISATION(test.pixels[:1])[0]), repetitions),
    }
    for key in METHODS:
        taken[key] = median(
            lambda key=key: attribute(model, pixels, NORMALISATION, 0, key, background=test),  # type: ignore[misc]
            repetitions,
        )
    for key in ("saliency", "guided-backprop", "integrated-gradients"):
        question = Question(model, pixels, NORMALISATION, 0, key, {}, test)
        taken[f"checks of {key}"] = median(
            lambda question=question: list(check(question, facts, list(range(1, 10)))),  # type: ignore[misc]
            3,
        )
    return taken


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repetitions", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()  # as the server does when it starts
    test = images(10_000)
    found = {}
    for name in NETWORKS:
        torch.manual_seed(0)
        model = build(GALLERY[name].spec, (1, 28, 28)).eval()
        found[name] = measure(model, test, options.repetitions)
    print(f"medians of {options.repetitions}, in ms, one thread")
    print(f"{'':>34}" + "".join(f"{name:>14}{'limit':>8}" for name in NETWORKS))
    for row in found[NETWORKS[0]]:
        cells = "".join(f"{found[name][row]:>14.1f}{LIMITS.get((name, row), ''):>8}" for name in NETWORKS)
        print(f"{row:>34}{cells}")
    late = [key for key, limit in LIMITS.items() if found[key[0]][key[1]] > limit]
    if late:
        raise SystemExit(f"over the limit: {', '.join(': '.join(key) for key in late)}")


if __name__ == "__main__":
    main()
