"""How many seconds of training the “Fast” preset and three slower recipes take, and to which accuracy.

`python -m benchmarks.fast_preset`; about 25 minutes for five seeds. Each run goes through the app's own loop
on all of Fashion-MNIST but the validation split, in a process with a worker's settings; the seconds are those that
the run itself counts, with its looks at the validation images. After the run the test images are evaluated, and each
once more with its mirror image, the mean of the two deciding, which the app itself does not do.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor, nn

from core.data import catalogue
from core.data.augmentation.named import NAMED_PLANS
from core.networks.gallery import NAMED_NETWORKS
from core.networks.gallery.pieces import conv
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import DataChoice, RunRequest, TrainingConfig
from core.training.device import cores, describe, resolve
from core.training.evaluation import evaluate
from core.training.events import Finished, Started
from core.training.loop import train
from core.training.presets import PRESETS
from core.training.setup import set_up
from core.training.workers.child import ALLOCATOR
from core.training.workers.worker import rehearse

_OF_THREE = TrainingConfig(
    epochs=3,
    optimizer="adamw",
    learning_rate=0.01,
    schedule="one-cycle",
    warm_up=0.15,
    weight_decay=0.08,
    label_smoothing=0.1,
    batch_size=192,
    whitened=True,
    first_learns=0.3,
    stopping_layers=2,
    easy_seen=0.25,
)
_HELD_OUT = 0.002  # of the training images, for the curves: the fewer, the more there are to learn from
_POOL, _NORM, _RELU = layer("MaxPool2d"), layer("BatchNorm2d"), layer("ReLU")
_THREE = NetworkSpec(
    "Three convolutions",
    (
        *(conv(32, kernel=5, stride=2), _NORM, _RELU),
        *(conv(64), _POOL, _NORM, _RELU),
        *(conv(128, padding=0), _NORM, _RELU),
        *(layer("Flatten"), layer("Linear")),
    ),
)
_OF_FOUR = replace(_OF_THREE, epochs=7, warm_up=0.2, weight_decay=0.2, batch_size=256, easy_seen=0.5)
_FOUR = NetworkSpec(
    "Four convolutions",
    (
        *(conv(32, kernel=5), _NORM, _RELU),
        *(conv(64), _POOL, _NORM, _RELU),
        *(conv(128), _POOL, _NORM, _RELU),
        *(conv(320), _POOL, _NORM, _RELU),
        *(layer("Flatten"), layer("Linear")),
    ),
)
_OF_SMALL = TrainingConfig(
    epochs=5,
    optimizer="adamw",
    learning_rate=0.01,
    schedule="one-cycle",
    weight_decay=0.05,
    label_smoothing=0.1,
    batch_size=256,
)
_SMALL = NAMED_NETWORKS["Under 100,000"]
_WITHOUT_DROPOUT = replace(_SMALL, layers=tuple(one for one in _SMALL.layers if one.kind != "Dropout"))
_FLIPS = DataChoice(augmentation=NAMED_PLANS["flips"].plan)
RECIPES: dict[str, RunRequest] = {
    "Fast": PRESETS["fast"].applied_to(RunRequest(NAMED_NETWORKS["LeNet"], DataChoice(), TrainingConfig())),
    "Three convolutions": RunRequest(_THREE, DataChoice(validation_share=_HELD_OUT), _OF_THREE),
    "Four convolutions": RunRequest(_FOUR, replace(_FLIPS, validation_share=_HELD_OUT), _OF_FOUR),
    "Under 100,000, without its dropout": RunRequest(_WITHOUT_DROPOUT, _FLIPS, _OF_SMALL),
}


def run(request: RunRequest, seed: int) -> tuple[float, float, float, str]:
    """Test accuracy, that with mirror images, seconds and precision of one run."""
    request = replace(request, config=replace(request.config, seed=seed))
    setup = set_up(request, catalogue.load(request.data.dataset, request.data.image))
    seconds, precision = 0.0, ""
    for event in train(setup.model, setup.training, setup.validation, request.config):
        if isinstance(event, Started):
            precision = event.precision
        if isinstance(event, Finished):
            seconds = event.seconds
    mirrored = _WithMirrorImages(setup.model)
    return (
        evaluate(setup.model, setup.test).accuracy,
        evaluate(mirrored, setup.test).accuracy,
        seconds,
        precision,
    )


class _WithMirrorImages(nn.Module):
    """What a network says of each image and of its mirror image together."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        """The mean of the two logits (N, K) of images (N, C, H, W)."""
        return (self.model(images) + self.model(images.flip(-1))) / 2


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--recipes", nargs="+", default=list(RECIPES), choices=RECIPES)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=cores())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not catalogue.status("fashion-mnist").ready:
        catalogue.prepare("fashion-mnist")
    rehearse()
    print(
        f"{describe(resolve())}; threads: {options.threads}; {options.seeds} seeds, mean ± standard deviation\n"
    )
    print(
        "| Recipe | epochs | test accuracy | lowest to highest | with mirror images | seconds | lowest to highest "
        "| precision |\n|---|---|---|---|---|---|---|---|"
    )
    for name in options.recipes:
        found = [run(RECIPES[name], seed) for seed in range(options.seeds)]
        accuracies, mirrored, seconds, precisions = zip(*found, strict=True)
        cells = (
            name,
            RECIPES[name].config.epochs,
            f"{_spread(accuracies, 100)} %",
            f"{100 * min(accuracies):.2f} to {100 * max(accuracies):.2f} %",
            f"{_spread(mirrored, 100)} %",
            _spread(seconds),
            f"{min(seconds):.1f} to {max(seconds):.1f}",
            " ".join(sorted(set(precisions))),
        )
        print("|", " | ".join(map(str, cells)), "|", flush=True)


def _spread(values: Sequence[float], scale: float = 1) -> str:
    """Mean and standard deviation, both times `scale`."""
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{scale * statistics.mean(values):.2f} ± {scale * deviation:.2f}"


if __name__ == "__main__":
    if ALLOCATOR.items() <= os.environ.items():
        main()
    else:  # glibc reads them when a process starts
        again = [sys.executable, "-m", "benchmarks.fast_preset", *sys.argv[1:]]
        sys.exit(subprocess.run(again, env={**os.environ, **ALLOCATOR}).returncode)
