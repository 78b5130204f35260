"""The notebook's augmentation: the app's own functions for the kinds that the plan has, without the app around them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.data.augmentation import draws, geometry, mixing, pixels
from core.data.augmentation.table import AUGMENTATIONS
from core.training.export.notebook.sources import sources
from core.training.export.notebook.subject import Subject

Function = Callable[..., Any]


@dataclass(frozen=True)
class Drawing:
    """How the random numbers of a kind are drawn."""

    function: Function
    call: str  # what makes the numbers, or the function that does


@dataclass(frozen=True)
class Stage:
    """One pass over the images; see core.data.augmentation.epoch, whose stages these are."""

    kinds: tuple[str, ...]
    functions: tuple[Function, ...]  # that it needs; of the last the notebook speaks
    numbers: str  # its numbers of each image, from the dictionary `numbers` of all kinds


DRAWINGS: dict[str, Drawing] = {
    "crop": Drawing(draws.whole, "whole(2)"),
    "flip": Drawing(draws.always, "always"),
    "rotation": Drawing(draws.uniform, "uniform(1)"),
    "zoom": Drawing(draws.uniform, "uniform(1)"),
    "shift": Drawing(draws.uniform, "uniform(2)"),
    "brightness": Drawing(draws.uniform, "uniform(1)"),
    "contrast": Drawing(draws.uniform, "uniform(1)"),
    "erasing": Drawing(draws.rectangle, "rectangle"),
    "mixup": Drawing(draws.weight, "weight"),
}

STAGES: tuple[Stage, ...] = (
    Stage(("crop",), (pixels._within, pixels._block, pixels.crop), 'numbers["crop"].astype(np.int64)'),
    Stage(("flip",), (pixels.flip,), 'numbers["flip"].astype(bool)'),
    Stage(
        ("rotation", "zoom", "shift"),
        (geometry.affine_maps, geometry._places, geometry.sample),
        "affine_maps(numbers, *train_pixels.shape[2:]).astype(np.float32)",
    ),
    Stage(("brightness",), (pixels.brighten,), 'numbers["brightness"].astype(np.float32)'),
    Stage(("contrast",), (pixels.spread,), 'numbers["contrast"].astype(np.float32)'),
    Stage(
        ("erasing",),
        (pixels.rectangles, pixels._block, pixels.erase),
        "rectangles(numbers, *train_pixels.shape[2:])",
    ),
    Stage(("mixup",), (mixing.mix_labels, mixing.mix), 'numbers["mixup"].astype(np.float32)'),
)


def mixes(subject: Subject) -> bool:
    """Whether each image is mixed with the next."""
    return "mixup" in _kinds(subject)


def settings(subject: Subject) -> list[str]:
    """The plan, for the cell of the settings; no line where there is none."""
    plan = {each.kind: each for each in subject.data.augmentation}
    if not plan:
        return []
    lines = ["AUGMENTATION = {  # kind → probability of each image, and from where to where its number lies"]
    for kind in _kinds(subject):
        each, known = plan[kind], AUGMENTATIONS[kind].range
        note = (
            f"{known.meaning}{known.unit and f', {known.unit.strip()}'}" if known else "there is only one way"
        )
        lines.append(f'    "{kind}": ({each.probability!r}, {each.low!r}, {each.high!r}),  # {note}')
    return [*lines, "}"]


def drawing(subject: Subject) -> str:
    """The cell that draws the random numbers of an epoch."""
    kinds = _kinds(subject)
    constant = [_WIDEST] if "erasing" in kinds else []
    table = [
        "NUMBERS = {  # kind → how its random numbers are drawn, and the number that changes nothing",
        *(f'    "{kind}": ({DRAWINGS[kind].call}, {AUGMENTATIONS[kind].neutral!r}),' for kind in kinds),
        "}",
    ]
    functions = sources(DRAWINGS[kind].function for kind in kinds)
    return "\n\n\n".join([*constant, *functions, "\n".join(table) + _DRAWN])


def changing(subject: Subject) -> str:
    """The cell that changes the images."""
    stages = [stage for stage in STAGES if set(stage.kinds) & set(_kinds(subject))]
    functions = sources(function for stage in stages for function in stage.functions)
    table = "\n".join(f"        ({stage.functions[-1].__name__}, {stage.numbers})," for stage in stages)
    mixed = mixes(subject)
    return "\n\n\n".join(
        [
            *functions,
            _STAGES.format(table=table),
            _AUGMENTED.format(
                places=_WITH_NEXT if mixed else "places = slice(first, first + count)",
                labels="mix_labels(labels, stages[-1][1][places], len(CLASSES))" if mixed else "labels",
            ),
        ]
    )


_WIDEST = next(line for line in inspect.getsource(draws).splitlines() if line.startswith("WIDEST = "))

_DRAWN = '''


def drawn(kind: str, epoch: int) -> np.ndarray:
    """Its random numbers (N, k) in an epoch, for the images in the order of that epoch.

    They follow from the seed, the epoch and the kind alone, so other augmentations change nothing.
    """
    probability, low, high = AUGMENTATION[kind]
    draw, neutral = NUMBERS[kind]
    random = np.random.default_rng((SEED, epoch, *kind.encode()))
    chosen = random.random((len(train_labels), 1)) < probability
    return np.where(chosen, draw(random, len(train_labels), low, high), neutral)'''

_STAGES = '''\
def stages_of(epoch: int) -> list[tuple[Callable, torch.Tensor]]:
    """What is done to the images of an epoch, one after the other, and with which numbers (N, m)."""
    numbers = {{kind: drawn(kind, epoch) for kind in AUGMENTATION}}
    stages = [
{table}
    ]
    return [(change, torch.from_numpy(own).to(device)) for change, own in stages]'''

_AUGMENTED = '''\
def augmented(
    order: torch.Tensor, first: int, count: int, stages: list[tuple[Callable, torch.Tensor]]
) -> tuple[torch.Tensor, torch.Tensor]:
    """So many images from position `first` of the order on, changed and normalised, and their labels."""
    {places}
    images = train_pixels[order[places]].float() * (1 / 255)
    labels = train_labels[order[places]]
    for change, numbers in stages:
        images = change(images, numbers[places])
    images = images.mul(1 / std).sub(mean / std).contiguous(memory_format=layout)
    return images, {labels}'''

_WITH_NEXT = """\
places = torch.arange(first, first + count + 1, device=device)  # each is mixed with the next
    places %= len(order)  # behind the last one comes the first"""


def _kinds(subject: Subject) -> list[str]:
    """Those of the plan, in the order in which they are done."""
    chosen = {each.kind for each in subject.data.augmentation}
    return [kind for kind in AUGMENTATIONS if kind in chosen]
