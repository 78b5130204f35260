"""The settings that a sweep can vary: how each is called, written, read, and put into a request."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from core.data.augmentation.named import NAMED_PLANS
from core.data.augmentation.plan import Plan
from core.networks.gallery import NAMED_NETWORKS
from core.networks.spec import NetworkSpec
from core.training.config import CHOICES, RunRequest, TrainingConfig
from core.training.optimizers import OPTIMIZERS
from core.training.reports.settings import LABELS, TEXTS
from core.training.reports.settings import words as usual_words


@dataclass(frozen=True)
class SweptSetting:
    """One setting, for all that a sweep does with it."""

    label: str
    fields: tuple[str, ...]  # of the request, that it sets
    get: Callable[[RunRequest], Any]  # its value in a request; None where the request has none of its values
    put: Callable[[RunRequest, Any], RunRequest]
    text: Callable[[Any], str]  # a value as people read it
    choices: tuple[Any, ...] = ()  # all values that there are; none where numbers are typed
    read: Callable[[str], Any] | None = None  # a typed number; raises ValueError; None where one chooses
    example: str = "0.1 0.01 1e-3"  # of what can be typed
    plain: bool = False  # a value says by itself what it is

    def words(self, value: Any) -> str:
        """`batch size 64`, or `Adam`."""
        text = self.text(value)
        return text if self.plain else f"{self.label[0].lower()}{self.label[1:]} {text}"


def read_all(setting: SweptSetting, text: str) -> tuple[Any, ...]:
    """The values in a text such as `0.1, 0.01 1e-3`, each once; raises ValueError with a sentence."""
    assert setting.read is not None, f"{setting.label} is chosen, not typed"
    values = []
    for word in text.replace(",", " ").replace(";", " ").split():
        try:
            values.append(setting.read(word))
        except ValueError as error:
            raise ValueError(
                f"{setting.label}: “{word}” can't be read; write numbers with spaces between, like {setting.example}."
            ) from error
    return tuple(dict.fromkeys(values))


def _whole(word: str) -> int:
    return int(word)


def _share(word: str) -> float:
    """Per cent, with or without its sign."""
    return float(word.removesuffix("%")) / 100


def _of_config(
    name: str, read: Callable[[str], Any] | None = None, example: str = "0.1 0.01 1e-3", plain: bool = False
) -> SweptSetting:
    """A field of TrainingConfig."""
    label = LABELS.get(name, name.replace("_", " "))
    return SweptSetting(
        label[0].upper() + label[1:],
        (name,),
        lambda request: getattr(request.config, name),
        lambda request, value: replace(request, config=replace(request.config, **{name: value})),
        TEXTS.get(name, usual_words),
        CHOICES.get(name, ()),
        read,
        example,
        plain,
    )


def _put_usual_rate(request: RunRequest, optimizer: str) -> RunRequest:
    rate = OPTIMIZERS[optimizer].learning_rate
    return replace(request, config=replace(request.config, optimizer=optimizer, learning_rate=rate))


def _with_usual_rate(config: TrainingConfig) -> str | None:
    usual = OPTIMIZERS[config.optimizer].learning_rate == config.learning_rate
    return config.optimizer if usual else None


def _plan_words(plan: Plan) -> str:
    """A plan by its name; the order of its parts makes no difference."""
    named = (known.label for known in NAMED_PLANS.values() if set(known.plan) == set(plan))
    return next(named, "your own plan")


def network_choices(*own: NetworkSpec) -> tuple[NetworkSpec, ...]:
    """`own` designs, then those that are there by name; each once."""
    return tuple(dict.fromkeys((*own, *NAMED_NETWORKS.values())))


SWEPT: dict[str, SweptSetting] = {  # name → setting; one that sets more fields stands before its parts
    "network": SweptSetting(
        "Network",
        ("network",),
        lambda request: request.network,
        lambda request, network: replace(request, network=network),
        lambda network: network.name,
        network_choices(),
        plain=True,
    ),
    "optimizer_usual": SweptSetting(
        "Optimizer at its usual rate",
        ("optimizer", "learning_rate"),
        lambda request: _with_usual_rate(request.config),
        _put_usual_rate,
        lambda name: f"{OPTIMIZERS[name].label} at {OPTIMIZERS[name].learning_rate:g}",
        tuple(OPTIMIZERS),
        plain=True,
    ),
    "optimizer": _of_config("optimizer", plain=True),
    "learning_rate": _of_config("learning_rate", float),
    "schedule": _of_config("schedule"),
    "warm_up": _of_config("warm_up", _share, "0 10 30"),
    "batch_size": _of_config("batch_size", _whole, "16 64 256"),
    "epochs": _of_config("epochs", _whole, "2 6 20"),
    "augmentation": SweptSetting(
        "Augmentation",
        ("augmentation",),
        lambda request: request.data.augmentation,
        lambda request, plan: replace(request, data=replace(request.data, augmentation=plan)),
        _plan_words,
        tuple(named.plan for named in NAMED_PLANS.values()),
    ),
    "share": SweptSetting(
        "Share of the data",
        ("share",),
        lambda request: request.data.share,
        lambda request, share: replace(request, data=replace(request.data, share=share)),
        TEXTS["share"],
        read=_share,
        example="1 10 100",
    ),
    "weight_decay": _of_config("weight_decay", float, "0 1e-4 1e-2"),
    "l1": _of_config("l1", float, "0 1e-5 1e-4"),
    "label_smoothing": _of_config("label_smoothing", float, "0 0.05 0.1"),
    "clip_norm": _of_config("clip_norm", float, "0 1 5"),
    "first_learns": _of_config("first_learns", _share, "20 50 100"),
    "stopping_layers": _of_config("stopping_layers", _whole, "1 2 3"),
    "easy_seen": _of_config("easy_seen", _share, "25 50 100"),
    "precision": _of_config("precision"),
}


def varying(requests: Iterable[RunRequest]) -> tuple[str, ...]:
    """The names of the settings in SWEPT that explain how `requests` differ, each field by one of them.

    In the order of a sweep's axes: that which changes last comes first.
    """
    requests = list(requests)
    found: list[str] = []
    explained: set[str] = set()
    for name, setting in SWEPT.items():
        values = {setting.get(request) for request in requests}
        parts_vary = all(
            len({SWEPT[field].get(request) for request in requests}) > 1
            for field in setting.fields
            if field in SWEPT
        )
        if (
            len(values) > 1
            and None not in values
            and parts_vary
            and not explained.intersection(setting.fields)
        ):
            found.append(name)
            explained.update(setting.fields)
    first_change = {name: _first_change([SWEPT[name].get(request) for request in requests]) for name in found}
    return tuple(sorted(found, key=lambda name: -first_change[name]))


def _first_change(values: list[Any]) -> int:
    return next(index for index, value in enumerate(values) if value != values[0])
