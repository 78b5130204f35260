"""What can be wrong with a network, each thing in one sentence with the numbers of the case."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.networks.kind import BlockKind, LayerKind, Settings
from core.networks.kinds import LAYER_KINDS
from core.networks.rows import BYTES, LayerRow
from core.networks.spec import LayerSpec, Place, Shape, Value, shape_text

MOST_LAYERS = 400
MOST_DEPTH = 12  # blocks in blocks
BATCH = 64  # images of one step that a training is expected to hold at least
# bytes a parameter while Adam trains it, float32: the weight, its gradient, and two moments
TRAINING_BYTES = 4 * BYTES


@dataclass(frozen=True)
class Finding:
    """A problem before anyone has thought of mends."""

    place: Place | None
    sentence: str
    changes: tuple[tuple[str, dict[str, Value]], ...] = ()  # of the layer's own settings
    of_block: bool = False  # the inner layers are all right, but can't be joined


def wrong_setting(place: Place, layer: LayerSpec, error: tuple[str, str]) -> Finding:
    name, message = error
    field = next((f for f in LAYER_KINDS[layer.kind].fields if f.name == name), None) if name else None
    if not field:
        return Finding(place, f"{name}: {message}." if name else f"{message[0].upper()}{message[1:]}.")
    nearest = field.nearest(dict(layer.settings)[name])
    return Finding(place, f"{name} is {message}.", ((f"Set {name} to {nearest}", {name: nearest}),))


def misfit(place: Place, kind: LayerKind, settings: Settings, shape: Shape) -> Finding | None:
    if kind.rank == 3 and len(shape) != 3:
        return Finding(
            place,
            f"{kind.name} needs feature maps (channels × height × width), but its input is flat: "
            f"{shape_text(shape)} numbers in a row.",
        )
    if kind.rank == 1 and len(shape) != 1:
        return Finding(
            place,
            f"{kind.name} needs a flat input, but gets feature maps of {shape_text(shape)}; "
            f"a Flatten before it makes {math.prod(shape):,} numbers of them.",
        )
    complaint = next(kind.complaints(settings, shape), None)
    return Finding(place, complaint.sentence, complaint.changes) if complaint else None


def joining(
    place: Place, kind: BlockKind, settings: Settings, shape: Shape, outputs: tuple[Shape, ...]
) -> Finding | None:
    complaint = kind.complaint(settings, shape, outputs)
    return Finding(place, complaint, of_block=True) if complaint else None


def too_large(rows: list[LayerRow], row: LayerRow, memory: int) -> Finding | None:
    parameters = row.parameters + sum(r.parameters for r in rows)
    activations = row.activation_bytes + sum(r.activation_bytes for r in rows)
    needed = TRAINING_BYTES * parameters + 2 * BATCH * activations  # each output and its gradient
    if needed > memory:
        return Finding(
            row.place,
            f"With this layer training needs {needed / 2**30:,.1f} GiB, and this machine has "
            f"{memory / 2**30:,.1f} GiB: {TRAINING_BYTES} bytes for each of {parameters:,} parameters (weight, "
            f"gradient, Adam's two moments) and, for {BATCH} images, twice {activations / 2**20:,.1f} MiB of "
            f"outputs (with their gradients).",
        )
    if len(rows) >= MOST_LAYERS:
        return Finding(row.place, f"This is layer {len(rows) + 1}; at most {MOST_LAYERS} are allowed here.")
    return None


def whole(rows: list[LayerRow], shape: Shape, classes: int) -> Finding | None:
    if not rows:
        return Finding(None, "This network has no layers yet.")
    end = rows[-1]
    if end.kind == "Softmax" and len(end.place) == 1 and shape == (classes,):
        return Finding(
            end.place,
            "A softmax before cross-entropy is one too many: cross_entropy takes logits and has the softmax in "
            "it. Scores squeezed into 0 to 1 can tell classes apart by no more than e ≈ 2.7 to 1, and gradients "
            "nearly vanish; the probabilities on the Inspect page come from the logits.",
        )
    if shape != (classes,):
        return Finding(
            None,
            f"The network ends with {shape_text(shape)}, but a classifier of {classes} classes needs "
            f"{classes} numbers at its end, one score (logit) for each class.",
        )
    if not sum(row.parameters for row in rows):
        return Finding(None, "This network has no parameters: there is nothing that training could change.")
    return None
