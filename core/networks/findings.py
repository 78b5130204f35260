"""What can be wrong with a network, each thing in one sentence with the numbers of the case."""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.networks.kind import LayerKind, Settings
from core.networks.kinds import LAYER_KINDS
from core.networks.rows import BYTES, LayerRow
from core.networks.spec import LayerSpec, Place, Shape, Value, shape_text

MOST_PARAMETERS = 200_000_000  # 0.8 GB of float32, and three times that with Adam
MOST_ACTIVATION_BYTES = 64 * 2**20  # of one image; a batch of 64 then needs 4 GiB
MOST_LAYERS = 200


@dataclass(frozen=True)
class Finding:
    """A problem before anyone has thought of mends."""

    place: Place | None
    sentence: str
    changes: tuple[tuple[str, dict[str, Value]], ...] = ()  # of the layer's own settings


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


def too_large(rows: list[LayerRow], row: LayerRow) -> Finding | None:
    parameters = row.parameters + sum(r.parameters for r in rows)
    if parameters > MOST_PARAMETERS:
        return Finding(
            row.place,
            f"With this layer the network has {parameters:,} parameters ({parameters * BYTES / 1e9:.1f} GB); "
            f"at most {MOST_PARAMETERS:,} are allowed here.",
        )
    activations = row.activation_bytes + sum(r.activation_bytes for r in rows)
    if activations > MOST_ACTIVATION_BYTES:
        return Finding(
            row.place,
            f"With this layer one image needs {activations / 2**20:,.0f} MiB of activations; "
            f"at most {MOST_ACTIVATION_BYTES // 2**20} MiB are allowed here.",
        )
    if len(rows) >= MOST_LAYERS:
        return Finding(row.place, f"This is layer {len(rows) + 1}; at most {MOST_LAYERS} are allowed here.")
    return None


def whole(rows: list[LayerRow], shape: Shape, classes: int) -> Finding | None:
    if not rows:
        return Finding(None, "This network has no layers yet.")
    if shape != (classes,):
        return Finding(
            None,
            f"The network ends with {shape_text(shape)}, but a classifier of {classes} classes needs "
            f"{classes} numbers at its end, one score (logit) for each class.",
        )
    if not sum(row.parameters for row in rows):
        return Finding(None, "This network has no parameters: there is nothing that training could change.")
    return None
