"""What a person chooses for a run; everything else follows from these records."""

from dataclasses import dataclass

from core.data.augmentation.plan import Augmentation, plan_problems
from core.data.resizing import SIDES, ImageFormat
from core.networks.spec import NetworkSpec
from core.training import easy_images, freezing, whitening
from core.training.device import DEVICES
from core.training.optimizers import OPTIMIZERS
from core.training.precision import PRECISIONS
from core.training.ranges import Range
from core.training.schedules import SCHEDULES


@dataclass(frozen=True)
class DataChoice:
    """Which images a run sees."""

    dataset: str = "fashion-mnist"  # a name of `core.data.catalogue.datasets`
    share: float = 1.0  # of the training split, in (0, 1], stratified; the validation split stays whole
    validation_share: float = 0.1  # of the data set's training images, cut off before `share` is taken
    split_seed: int = 0  # the same split for every run, unless chosen otherwise
    # (channels, side) that the images are brought to for the network; None: they stay as they are
    image: ImageFormat | None = None
    shuffled_labels: bool = False  # the training images' labels are dealt out anew: there is nothing to learn
    augmentation: tuple[Augmentation, ...] = ()  # of the training images, anew in each epoch; never of others

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
        ) + plan_problems(self.augmentation)


@dataclass(frozen=True)
class TrainingConfig:
    """Hyperparameters of one run."""

    epochs: int = 6  # passes over the training split; LeNet then reaches 91 % in about a minute on a laptop
    seconds: float | None = (
        None  # of training, after which the run ends even if epochs are left; None: no limit
    )
    batch_size: int = 64  # images a step
    optimizer: str = "adam"  # a key of OPTIMIZERS
    learning_rate: float = 1e-3  # the peak, where the schedule or a warm-up moves it
    schedule: str = "constant"  # a key of SCHEDULES
    warm_up: float = 0.0  # share of the run in which the rate rises; 0: as the schedule has it
    weight_decay: float = 0.0  # L2, as the optimizer defines it
    l1: float = 0.0  # times the sum of all |w|, added to the loss
    label_smoothing: float = 0.0  # share of the target that is spread over all classes
    clip_norm: float = 0.0  # the longest gradient, as its L2 norm over all weights; 0: any
    precision: str = "auto"  # a key of PRECISIONS
    patience: int = 0  # epochs without a lower validation loss, after which the run ends; 0: never
    seed: int = 0  # of the initial weights, the shuffling, augmentation and dropout
    whitened: bool = False  # the first convolution begins with the patterns of the training images
    first_learns: float = freezing.ALWAYS  # share of the run; after it the first layer stays as it is
    stopping_layers: int = 1  # that one, and then others in turn, evenly over the rest of the run
    # share of the passes in which an image with a small loss is seen; it then counts so many times more
    easy_seen: float = easy_images.ALWAYS
    shuffle: bool = True  # the images in another order in each epoch; else always class by class
    device: str = "auto"  # auto | cpu | cuda | mps

    def problems(self) -> list[str]:
        """A sentence for each setting that can't be used; empty when all is well."""
        numbers = (allowed.problem(getattr(self, name)) for name, allowed in RANGES.items())
        limit = "" if self.seconds is None else SECONDS.problem(self.seconds)
        choices = (
            ""
            if getattr(self, name) in allowed
            else f"The {name} is {getattr(self, name)!r}; allowed are {', '.join(allowed)}."
            for name, allowed in CHOICES.items()
        )
        return [sentence for sentence in (*numbers, limit, *choices) if sentence]


SECONDS = Range("number of seconds", 0, 7 * 24 * 3600, above=True)
RANGES: dict[str, Range] = {  # field of TrainingConfig → what it may be
    "epochs": Range("number of epochs", 1, 1000),
    "batch_size": Range("batch size", 1, 8192),
    "learning_rate": Range("learning rate", 0, above=True),
    "warm_up": Range("share of the warm-up", 0, 1, below=True),
    "weight_decay": Range("weight decay", 0),
    "l1": Range("L1 penalty", 0),
    "label_smoothing": Range("label smoothing", 0, 1, below=True),
    "clip_norm": Range("longest gradient", 0),
    "patience": Range("patience", 0, 1000),
    "seed": Range("seed", 0, 2**31 - 1),
    "first_learns": Range("share of the run in which the first layer learns", 0, 1, above=True),
    "stopping_layers": Range("number of layers that stop learning", 1, 1000),
    "easy_seen": Range("share of the passes in which an easy image is seen", 0, 1, above=True),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "optimizer": tuple(OPTIMIZERS),
    "schedule": tuple(SCHEDULES),
    "precision": tuple(PRECISIONS),
    "device": ("auto", *DEVICES),
}


@dataclass(frozen=True)
class Fork:
    """Where a run branched off another one: it begins with the weights that were there then."""

    run: str  # the other run's id
    step: int  # of its checkpoint
    optimizer: str  # the other run's, whose memory is of use to the same kind only


@dataclass(frozen=True)
class RunRequest:
    """All that a worker needs to know to train one run."""

    network: NetworkSpec
    data: DataChoice
    config: TrainingConfig
    fork: Fork | None = None  # None: it begins at the beginning

    def problems(self) -> list[str]:
        """A sentence for each setting that can't be used; `core.networks.analyse` finds the network's own."""
        misfits = (
            whitening.refusal(self.network) if self.config.whitened else "",
            freezing.refusal(self.network, self.config.first_learns, self.config.stopping_layers),
            easy_images.refusal(self.config.easy_seen, self.config.shuffle, self.data.augmentation),
        )
        return self.data.problems() + self.config.problems() + [misfit for misfit in misfits if misfit]


def _sentences(*rules: tuple[bool, str]) -> list[str]:
    return [sentence for holds, sentence in rules if not holds]
