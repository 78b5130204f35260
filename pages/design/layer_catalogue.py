"""What the layer list knows of every kind of layer, whatever the design."""

from dataclasses import asdict
from itertools import groupby
from typing import Any

from core.figures.drawing import GROUP_COLOURS
from core.networks.fields import Field
from core.networks.kind import BlockKind, LayerKind
from core.networks.kinds import LAYER_KINDS
from core.networks.spec import LayerSpec
from core.networks.templates import TEMPLATES, USUAL, new_layers
from pages.design.layer_cells import COLUMNS

Record = dict[str, Any]


def catalogue() -> Record:
    """What is the same for every design; the browser gets it once, with the component's script."""
    return {
        "columns": [asdict(column) for column in COLUMNS],
        "offered": offered(),
        "kinds": {name: _kind(kind) for name, kind in LAYER_KINDS.items()},
    }


def _kind(kind: LayerKind | BlockKind) -> Record:
    record: Record = {
        "explanation": f"{kind.explanation} {kind.note}".strip(),
        "colour": GROUP_COLOURS[kind.group],
        "fields": [_field(field) for field in kind.fields],
    }
    if isinstance(kind, BlockKind):
        record["fewest"], record["most"] = kind.branches
    return record


def offered() -> list[Record]:
    """What can be inserted: templates first, then the kinds of layers, in groups."""
    groups = [
        {
            "group": "Several layers at once",
            "colour": GROUP_COLOURS["Block"],
            "kinds": [_entry(one.name, one.explanation, one.layers(USUAL)) for one in TEMPLATES.values()],
        }
    ]
    for group, kinds in groupby(LAYER_KINDS.values(), key=lambda kind: kind.group):
        entries = [_entry(kind.name, kind.explanation, new_layers(kind.name)) for kind in kinds]
        groups.append({"group": group, "colour": GROUP_COLOURS[group], "kinds": entries})
    return groups


def _entry(name: str, explanation: str, layers: tuple[LayerSpec, ...]) -> Record:
    """What can be inserted, and which layers the browser may show until their numbers are known."""
    return {"name": name, "explanation": explanation, "layers": [_skeleton(layer) for layer in layers]}


def _skeleton(layer: LayerSpec) -> Record:
    if not layer.branches:
        return {"kind": layer.kind}
    branches = [[_skeleton(inner) for inner in branch] for branch in layer.branches]
    return {"kind": layer.kind, "branches": branches}


def _field(field: Field) -> Record:
    return {
        "name": field.name,
        "type": field.type,
        "low": field.low,
        "high": field.high,
        "words": list(field.words),
        "meaning": field.meaning,
        "allowed": field.allowed,
        "follows": bool(field.follows),
        "rare": field.rare,
        "default": field.default,
    }
