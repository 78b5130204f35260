"""What a person chooses for a run; everything else follows from these records."""

from dataclasses import dataclass

from core.networks.spec import NetworkSpec


@dataclass(frozen=True)
class DataChoice:
    """Which images a run sees."""

    dataset: str = "fashion-mnist"  # a key of DATASETS
    share: float = 1.0  # of the training split, in (0, 1], stratified; the validation split stays whole
    validation_share: float = 0.1  # of the data set's training images, cut off before `share` is taken
    split_seed: int = 0  # the same split for every run, unless chosen otherwise


@dataclass(frozen=True)
class TrainingConfig:
    """Hyperparameters of one run."""

    epochs: int = 5  # passes over the training split
    batch_size: int = 64  # images a step
    optimizer: str = "adam"  # a key of OPTIMIZERS
    learning_rate: float = 1e-3
    weight_decay: float = 0.0  # L2, as the optimizer defines it
    seed: int = 0  # of the initial weights, the shuffling and dropout
    device: str = "auto"  # auto | cpu | cuda | mps


@dataclass(frozen=True)
class RunRequest:
    """All that a worker needs to know to train one run."""

    network: NetworkSpec
    data: DataChoice
    config: TrainingConfig
