"""Settings by name: some to begin with, and some that go wrong on purpose, with what to see and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.networks.gallery import NAMED_NETWORKS
from core.networks.kinds import layer
from core.networks.spec import NetworkSpec
from core.training.config import RunRequest, TrainingConfig

DEEP_SIGMOIDS = NetworkSpec(
    "Eight sigmoids",
    (
        layer("Flatten"),
        *(part for _ in range(8) for part in (layer("Linear", out_features=64), layer("Sigmoid"))),
        layer("Linear", out_features=10),
    ),
)


@dataclass(frozen=True)
class Preset:
    """Settings by name; whatever it does not name stays as it is in TrainingConfig and in the person's data."""

    label: str
    reason: str  # one sentence: what it is for
    config: Mapping[str, Any] = field(default_factory=dict)  # fields of TrainingConfig
    data: Mapping[str, Any] = field(default_factory=dict)  # fields of DataChoice
    network: NetworkSpec | None = None  # None: the person's
    to_see: str = ""  # of one that goes wrong on purpose: what to look at afterwards
    mend: str = ""  # … and how to mend it
    shows_after: int = 1  # epochs, of which it can be seen

    def applied_to(self, request: RunRequest) -> RunRequest:
        """`request` with these settings."""
        config = replace(TrainingConfig(device=request.config.device), **self.config)
        whole = {"share": 1.0, "validation_share": 0.1, "shuffled_labels": False, "augmentation": ()}
        data = replace(request.data, **{**whole, **self.data})
        return RunRequest(self.network or request.network, data, config)

    def describes(self, request: RunRequest) -> bool:
        """Whether `request` still has all that this preset names, for however many epochs."""
        config, data = asdict(request.config), request.data
        return (
            config["epochs"] >= self.shows_after
            and all(config[name] == value for name, value in self.config.items() if name != "epochs")
            and all(getattr(data, name) == value for name, value in self.data.items())
            and self.network in (None, request.network)
        )


PRESETS: dict[str, Preset] = {
    "first-look": Preset(
        "First look",
        "A tenth of the images, twice: a curve within seconds, to see that all works.",
        {"epochs": 2},
        {"share": 0.1},
    ),
    "course": Preset(
        "Course default",
        "Adam with its usual rate, six passes over all images: what most courses begin with.",
        {"epochs": 6, "optimizer": "adam", "learning_rate": 1e-3, "batch_size": 64},
    ),
    "fast": Preset(
        "Fast",
        "About 90 % of the test images in a single pass over the training images: a network that is quick and begins "
        "with the images' own patterns, a high rate that rises and falls, and a first layer that stops learning on "
        "the way.",
        {
            "epochs": 1,
            "optimizer": "adamw",
            "learning_rate": 0.02,
            "schedule": "one-cycle",
            "warm_up": 0.2,
            "weight_decay": 0.02,
            "batch_size": 144,
            "whitened": True,
            "first_learns": 0.6,
        },
        {"validation_share": 0.01},
        network=NAMED_NETWORKS["Quick"],
    ),
    "overfit": Preset(
        "Overfit on purpose",
        "One image in a hundred, sixty times: the network learns them by heart.",
        {"epochs": 60, "optimizer": "adam", "learning_rate": 1e-3, "batch_size": 64, "weight_decay": 0.0},
        {"share": 0.01},
        to_see="The training loss goes to zero while the validation loss turns and rises: what is learned by heart "
        "does not help with new images.",
        shows_after=20,
        mend="Take more of the data, switch augmentation on, add dropout or weight decay, or stop early.",
    ),
    "vanishing": Preset(
        "Vanishing gradients",
        "Eight sigmoid layers on top of each other, with plain SGD.",
        {"epochs": 3, "optimizer": "sgd", "learning_rate": 0.05},
        network=DEEP_SIGMOIDS,
        to_see="The loss stays near ln(classes). A sigmoid passes on at most a quarter of a gradient, so that after "
        "eight of them hardly any is left: under Health, the first layers' gradient norms are many times smaller "
        "than the last one's.",
        mend="Replace the sigmoids by ReLU, add batch normalisation or residual blocks, or let Adam scale each "
        "weight's step.",
    ),
    "rate-too-high": Preset(
        "Rate too high",
        "SGD with momentum and a rate a hundred times too large.",
        {"epochs": 3, "optimizer": "momentum", "learning_rate": 1.0},
        to_see="The loss jumps up within the first steps, and then runs away or stays where guessing is: each step "
        "overshoots the valley and lands higher on its other side.",
        mend="Try again at a tenth of the rate, then at a tenth of that; the rate finder shows where it breaks.",
    ),
    "no-shuffling": Preset(
        "No shuffling",
        "The images come class by class, as files lie in folders.",
        {"epochs": 3, "shuffle": False},
        to_see="The running accuracy is a saw: within a class it climbs, since a single answer is right again and "
        "again, and it falls to nothing when the next class begins. The validation accuracy stays at guessing: at "
        "the end of an epoch the network gives nearly every image one and the same class, as the confusion matrix "
        "shows.",
        mend="Shuffle the images anew in each epoch.",
    ),
    "labels-shuffled": Preset(
        "Labels shuffled",
        "The training labels are dealt out at random: there is nothing to learn.",
        {"epochs": 30},
        {"share": 0.1, "shuffled_labels": True},
        to_see="At first the training loss stays near ln(classes), then it falls all the same: a large network "
        "learns any labels by heart (Zhang et al., 2017), while the validation accuracy stays at guessing.",
        mend="Look at your data before you train: images beside their labels show such a fault at once.",
    ),
}


def preset_of(request: RunRequest) -> str | None:
    """The preset that goes wrong on purpose and that `request` has all settings of; None if there is none."""
    return next(
        (name for name, preset in PRESETS.items() if preset.to_see and preset.describes(request)), None
    )
