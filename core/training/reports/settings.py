"""The settings of runs as people read them, and which of them differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any

from core.data.augmentation.plan import Augmentation
from core.data.augmentation.table import AUGMENTATIONS
from core.data.catalogue import DATASETS, datasets
from core.data.record import DatasetRecord
from core.networks.alignment import Nodes, tree
from core.networks.spec import NetworkSpec
from core.training import easy_images, freezing
from core.training.config import RunRequest
from core.training.optimizers import OPTIMIZERS
from core.training.precision import PRECISIONS
from core.training.runs.records import Run
from core.training.schedules import SCHEDULES

NETWORK, FORK, SEED = "network", "fork", "seed"  # settings that are treated in a way of their own


@dataclass(frozen=True)
class Setting:
    """One setting of one run."""

    label: str  # as in "differs in the …"
    value: Any  # equal for runs that do not differ in it
    text: str  # the value as people read it


@dataclass(frozen=True)
class Difference:
    """A setting that is not the same in all runs that are compared."""

    name: str  # of the field
    label: str
    texts: tuple[str, ...]  # one for each run, in their order


def _label_in(table: Mapping[str, Any]) -> Callable[[Any], str]:
    return lambda key: table[key].label if key in table else str(key)


def _share(value: float) -> str:
    return f"{100 * value:g} %"


def _or(none: str, text: Callable[[Any], str] = "{:g}".format) -> Callable[[Any], str]:
    """0 and None have a word of their own."""
    return lambda value: text(value) if value else none


def _format(image: tuple[int, int] | None) -> str:
    return f"{image[0]} × {image[1]} × {image[1]}" if image else "as they are"


def _plan(augmentations: Sequence[Augmentation]) -> str:
    """Each kind with its range, and its probability where that is not 1."""
    texts = []
    for each in augmentations:
        kind = AUGMENTATIONS[each.kind]
        reach = f" {each.low:g} to {each.high:g}{kind.range.unit}" if kind.range else ""
        texts.append(
            f"{kind.label.lower()}{reach}{f', {_share(each.probability)}' if each.probability < 1 else ''}"
        )
    return "; ".join(texts) or "none"


LABELS = {  # of fields whose name is no good word for them; others are called by their name
    "dataset": "data set",
    "share": "share of the data",
    "image": "format of the images",
    "split_seed": "seed of the split",
    "shuffled_labels": "shuffling of the labels",
    "whitened": "whitening of the first kernels",
    "first_learns": "learning of the first layer",
    "stopping_layers": "number of layers that stop learning",
    "easy_seen": "seeing of easy images",
    "shuffle": "shuffling of the images",
    "epochs": "number of epochs",
    "seconds": "limit of time",
    "l1": "L1 penalty",
    "clip_norm": "longest gradient",
    "schedule": "schedule of the rate",
}
TEXTS: dict[str, Callable[[Any], str]] = {  # of fields whose value is written in a way of its own
    "dataset": lambda key: dataset_title(key),
    "optimizer": _label_in(OPTIMIZERS),
    "schedule": _label_in(SCHEDULES),
    "precision": _label_in(PRECISIONS),
    "image": _format,
    "augmentation": _plan,
    "share": _share,
    "validation_share": _share,
    "warm_up": _or("none", _share),
    "first_learns": lambda share: "always" if share == freezing.ALWAYS else f"for {_share(share)} of the run",
    "easy_seen": lambda share: (
        "always" if share == easy_images.ALWAYS else f"in {_share(share)} of the passes"
    ),
    "seconds": _or("none", lambda seconds: f"{seconds:g} s"),
    "clip_norm": _or("any"),
    "patience": _or("endless", lambda epochs: f"{epochs} epoch{'s' if epochs > 1 else ''}"),
}


def dataset_record(key: str) -> DatasetRecord | None:
    """What is known of a data set; None where it is not here any more."""
    return DATASETS.get(key) or datasets().get(key)  # people's own ones are read from the disk each time


def dataset_title(key: str) -> str:
    """A data set's short name; its key, if it is not here any more."""
    record = dataset_record(key)
    return record.short_title if record else key


@lru_cache(maxsize=1024)  # a page asks for those of all runs again and again
def settings_of(request: RunRequest) -> dict[str, Setting]:
    """All settings of a run by the name of their field: the network first, then data and configuration."""
    network, fork = request.network, request.fork
    return {
        NETWORK: Setting("network", _enabled(network), network.name),
        "weights": Setting("initial weights", network.weights, network.weights),
        "frozen": Setting(
            "part that is trained", network.frozen, "the head" if network.frozen else "all layers"
        ),
        FORK: Setting("beginning", (fork.run, fork.step) if fork else None, "a start of its own"),
        **dict(_fields(request.data)),
        **dict(_fields(request.config)),
    }


def differing(runs: Sequence[Run]) -> list[Difference]:
    """The settings that are not the same in all `runs`; none for fewer than two."""
    all_settings = [settings_of(run.request) for run in runs]
    if len(all_settings) < 2:
        return []
    first = all_settings[0]
    return [
        Difference(name, setting.label, _texts(name, runs, [each[name] for each in all_settings]))
        for name, setting in first.items()
        if any(each[name].value != setting.value for each in all_settings)
    ]


def apart_from_seed(request: RunRequest) -> tuple[Any, ...]:
    """Equal for runs that differ in nothing but their seed."""
    return tuple(setting.value for name, setting in settings_of(request).items() if name != SEED)


def _fields(record: Any) -> Iterator[tuple[str, Setting]]:
    for field in fields(record):
        value = getattr(record, field.name)
        label = LABELS.get(field.name, field.name.replace("_", " "))
        yield field.name, Setting(label, value, TEXTS.get(field.name, words)(value))


def words(value: Any) -> str:
    """A value of any kind that a setting may have: a number, a word, a record, or several of them."""
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        numbers = all(isinstance(each, int | float) for each in value)
        return (" × " if numbers else ", ").join(map(words, value))
    if is_dataclass(value):
        head, *rest = (field.name for field in fields(value))
        details = ", ".join(f"{name.replace('_', ' ')} {words(getattr(value, name))}" for name in rest)
        return f"{words(getattr(value, head))} ({details})" if details else words(getattr(value, head))
    return f"{value:,}" if isinstance(value, int) else str(value)


@lru_cache(maxsize=256)
def _enabled(network: NetworkSpec) -> Nodes:
    """Its layers without those that are switched off; one object for equal networks, so quickly compared."""
    return tree(network.layers)


def _texts(name: str, runs: Sequence[Run], settings: Sequence[Setting]) -> tuple[str, ...]:
    if name == FORK:
        numbers = {run.id: f"run {run.number}" for run in runs}
        return tuple(
            f"{numbers.get(setting.value[0], 'another run')} at step {setting.value[1]:,}"
            if setting.value
            else setting.text
            for setting in settings
        )
    texts = [setting.text for setting in settings]
    if name == NETWORK:
        texts = _told_apart(texts, settings, [f"{run.parameters or 0:,} parameters" for run in runs])
        texts = _told_apart(texts, settings, [f"run {run.number}" for run in runs])
    return tuple(texts)


def _told_apart(texts: list[str], settings: Sequence[Setting], marks: Sequence[str]) -> list[str]:
    """Where one text stands for several values, each with its mark."""
    different: list[tuple[str, Any]] = []
    for text, setting in zip(texts, settings, strict=True):
        if (text, setting.value) not in different:
            different.append((text, setting.value))
    counts = Counter(text for text, _ in different)
    return [f"{text} ({mark})" if counts[text] > 1 else text for text, mark in zip(texts, marks, strict=True)]
