"""What a person chooses for a run; everything else follows from these records."""

import math
from dataclasses import dataclass

from core.data.resizing import SIDES, ImageFormat
from core.networks.spec import NetworkSpec
from core.training.device import DEVICES
from core.training.optimizers import OPTIMIZERS


@dataclass(frozen=True)
class DataChoice:
    """Which images a run sees."""

    dataset: str = "fashion-mnist"  # a name of `core.data.catalogue.datasets`
    share: float = 1.0  # of the training split, in (0, 1], stratified; the validation split stays whole
    validation_share: float = 0.1  # of the data set's training images, cut off before `share` is taken
    split_seed: int = 0  # the same split for every run, unless chosen otherwise
    # (channels, side) that the images are brought to for the network; None: they stay as they are
    image: ImageFormat | None = None

    def problems(self) -> list[str]:
        """A sentence for each setting that can't be used; empty when all is well."""
        return _sentences(
            (
                0 < self.share <= 1,
                f"The share of the training data is {self.share}; allowed is above 0, up to 1.",
            ),
            (
                0 < self.validation_share < 1,
                f"The validation share is {self.validation_share}; allowed is above 0, below 1.",
            ),
            (
                0 <= self.split_seed < 2**31,
                f"The split's seed is {self.split_seed}; allowed is 0 to 2³¹ − 1.",
            ),
            (
                self.image is None or (self.image[0] in (1, 3) and SIDES[0] <= self.image[1] <= SIDES[1]),
                f"The images are to have the format {self.image}; allowed are 1 or 3 channels and sides of "
                f"{SIDES[0]} to {SIDES[1]} pixels.",
            ),
        )


@dataclass(frozen=True)
class TrainingConfig:
    """Hyperparameters of one run."""

    epochs: int = 6  # passes over the training split; LeNet then reaches 91 % in about a minute on a laptop
    batch_size: int = 64  # images a step
    optimizer: str = "adam"  # a key of OPTIMIZERS
    learning_rate: float = 1e-3
    weight_decay: float = 0.0  # L2, as the optimizer defines it
    seed: int = 0  # of the initial weights, the shuffling and dropout
    device: str = "auto"  # auto | cpu | cuda | mps

    def problems(self) -> list[str]:
        """A sentence for each setting that can't be used; empty when all is well."""
        optimizers, devices = ", ".join(OPTIMIZERS), ", ".join(("auto", *DEVICES))
        return _sentences(
            (1 <= self.epochs <= 1000, f"The number of epochs is {self.epochs}; allowed is 1 to 1000."),
            (1 <= self.batch_size <= 8192, f"The batch size is {self.batch_size}; allowed is 1 to 8192."),
            (self.optimizer in OPTIMIZERS, f"The optimizer is {self.optimizer!r}; allowed are {optimizers}."),
            (
                math.isfinite(self.learning_rate) and self.learning_rate > 0,
                f"The learning rate is {self.learning_rate}; allowed is any number above 0.",
            ),
            (
                math.isfinite(self.weight_decay) and self.weight_decay >= 0,
                f"The weight decay is {self.weight_decay}; allowed is 0 or above.",
            ),
            (0 <= self.seed < 2**31, f"The seed is {self.seed}; allowed is 0 to 2³¹ − 1."),
            (self.device in ("auto", *DEVICES), f"The device is {self.device!r}; allowed are {devices}."),
        )


@dataclass(frozen=True)
class RunRequest:
    """All that a worker needs to know to train one run."""

    network: NetworkSpec
    data: DataChoice
    config: TrainingConfig

    def problems(self) -> list[str]:
        """A sentence for each setting that can't be used; `core.networks.analyse` finds the network's own."""
        return self.data.problems() + self.config.problems()


def _sentences(*rules: tuple[bool, str]) -> list[str]:
    return [sentence for holds, sentence in rules if not holds]
