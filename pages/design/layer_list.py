"""The list of layers: a row each with controls, shape and cost; problems at the layer where they happen."""

import json
from dataclasses import asdict
from pathlib import Path

import streamlit as st

from core.networks.advice import Advice
from core.networks.analysis import Analysis, Problem
from core.networks.block_words import block_words, equation
from core.networks.kind import BlockKind
from core.networks.kinds import LAYER_KINDS
from core.networks.link import CHANGED
from core.networks.names import layer_names
from core.networks.spec import LayerSpec, Place
from pages.design.layer_catalogue import Record, catalogue
from pages.design.layer_cells import cells, summed

ASSETS = Path(__file__).parents[2] / "assets" / "design"
KEY = "layer_list"
# the last uses all others; each uses those before it
_PARTS = (
    *("elements", "tree", "memory", "findings", "menu", "fields"),
    *("cell", "row", "branch", "drag", "keys", "list"),
)

_component = st.components.v2.component(
    "autograd_lab_layer_list",
    js="\n".join(
        [
            f"const CATALOGUE = {json.dumps(catalogue())};",
            *((ASSETS / "layer_list" / f"{part}.js").read_text(encoding="utf-8") for part in _PARTS),
        ]
    ),
    css=(ASSETS / "layer_list.css").read_text(encoding="utf-8"),
)


def layer_list(analysis: Analysis, applied: int) -> None:
    """Draw the list; what a person asks for stands in `st.session_state[KEY]` at the next run."""
    _component(key=KEY, data=list_data(analysis, applied), on_edits_change=lambda: None)


def list_data(analysis: Analysis, applied: int) -> Record:
    """What of a design the browser needs to draw the list; `applied` is the number of the last edit in it."""
    rows = _Rows(analysis)
    return {
        "applied": applied,
        "design": analysis.spec.name.removesuffix(CHANGED),
        "layers": rows.sequence(analysis.spec.layers, ()),
        "whole": _finding(rows.problems.get(None), start=not analysis.spec.layers),
        "totals": _totals(analysis),
    }


class _Rows:
    """The records of all layers of one analysis."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.names = layer_names(analysis.spec)
        self.totals = (analysis.parameters, analysis.macs)
        self.rows = {row.place: row for row in analysis.rows}
        self.problems = {problem.place: problem for problem in analysis.problems}

    def sequence(self, layers: tuple[LayerSpec, ...], before: Place) -> list[Record]:
        return [self.record(layer, (*before, i)) for i, layer in enumerate(layers)]

    def record(self, layer: LayerSpec, place: Place) -> Record:
        kind, settings, row = LAYER_KINDS[layer.kind], dict(layer.settings), self.rows.get(place)
        record = {
            "name": self.names[place],
            "kind": kind.name,
            "enabled": layer.enabled,
            "values": {field.name: settings.get(field.name, field.default) for field in kind.fields},
            "cells": cells(self.analysis, row, self.totals) if row else None,
            "unread": row.unread if row else "",
            "problem": _finding(self.problems.get(place)),
            "warnings": [_finding(one) for one in self.analysis.warnings if one.place == place],
        }
        if isinstance(kind, BlockKind):
            record |= {
                "equation": equation(self.analysis, place, short=True),
                "points": [asdict(point) for point in block_words(self.analysis, place)],
                "branches": [self.sequence(branch, (*place, i)) for i, branch in enumerate(layer.branches)],
            }
        return record


def _finding(found: Problem | Advice | None, start: bool = False) -> Record | None:
    if not found:
        return None
    sentence = (
        "Add the first layer below, or begin with what every classifier needs at its end." if start else ""
    )
    return {
        "sentence": f"{found.sentence} {sentence}".strip(),
        "fixes": [fix.label for fix in found.fixes],
        "start": start,
    }


def _totals(analysis: Analysis) -> list[dict[str, str]]:
    parameters = summed([(row.name, row.parameters) for row in analysis.rows])
    macs = summed([(row.name, row.macs) for row in analysis.rows])
    return [
        {"term": "", "value": "", "text": ""},
        {"term": "parameters of the network", "value": f"{analysis.parameters:,}", "text": parameters},
        {
            "term": "MACs of one image",
            "value": f"{analysis.macs:,}",
            "text": f"{macs}; FLOPs = 2 × {analysis.macs:,} = {2 * analysis.macs:,}",
        },
    ]
