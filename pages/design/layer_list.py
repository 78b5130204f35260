"""The list of layers: a row each with controls, shape and cost; problems at the layer where they happen."""

from itertools import groupby
from pathlib import Path
from typing import Any

import streamlit as st

from core.figures.network_diagram import GROUP_COLOURS
from core.networks.analysis import Analysis, Problem
from core.networks.fields import Field
from core.networks.kinds import LAYER_KINDS
from core.networks.names import layer_names
from core.networks.rows import LayerRow
from core.networks.spec import LayerSpec, shape_text
from pages.shared.glossary import meaning

ASSETS = Path(__file__).parents[2] / "assets" / "design"
KEY = "layer_list"

_component = st.components.v2.component(
    "autograd_lab_layer_list",
    js=(ASSETS / "layer_list.js").read_text(encoding="utf-8"),
    css=(ASSETS / "layer_list.css").read_text(encoding="utf-8"),
)

COLUMNS = (
    (
        "output",
        "The shape that leaves the layer for one image: channels × height × width, or so many numbers.",
    ),
    ("parameters", meaning("parameter")),
    ("MACs", meaning("MAC")),
    ("receptive field", f"{meaning('receptive field')} Height × width in pixels of the image."),
)


def layer_list(analysis: Analysis, applied: int) -> None:
    """Draw the list; what a person asks for stands in `st.session_state[KEY]` at the next run."""
    _component(key=KEY, data=list_data(analysis, applied), on_edits_change=lambda: None)


def list_data(analysis: Analysis, applied: int) -> dict[str, Any]:
    """What the browser needs to draw the list; `applied` is the number of the last edit that is in it."""
    problems = {problem.place: problem for problem in analysis.problems}
    names = layer_names(analysis.spec)
    return {
        "applied": applied,
        "columns": [{"title": title, "meaning": text} for title, text in COLUMNS],
        "kinds": [
            {"group": group, "kinds": [kind.name for kind in kinds]}
            for group, kinds in groupby(LAYER_KINDS.values(), key=lambda kind: kind.group)
        ],
        "layers": [
            _layer(layer, names[(i,)], analysis.row((i,)), problems.get((i,)))
            for i, layer in enumerate(analysis.spec.layers)
        ],
        "whole": _problem(problems.get(None), start=not analysis.spec.layers),
        "totals": _totals(analysis),
    }


def _layer(layer: LayerSpec, name: str, row: LayerRow | None, problem: Problem | None) -> dict[str, Any]:
    kind = LAYER_KINDS[layer.kind]
    settings = dict(layer.settings)
    return {
        "name": name,
        "kind": kind.name,
        "explanation": kind.explanation,
        "colour": GROUP_COLOURS[kind.group],
        "enabled": layer.enabled,
        "fields": [_field(field, settings.get(field.name, field.default)) for field in kind.fields],
        "cells": _cells(row) if row else None,
        "problem": _problem(problem),
    }


def _field(field: Field, value: object) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "low": field.low,
        "high": field.high,
        "meaning": field.meaning,
        "allowed": field.allowed,
        "follows": bool(field.follows),
        "rare": field.rare,
        "value": value,
        "isDefault": value == field.default,
    }


def _cells(row: LayerRow) -> list[dict[str, str]]:
    formulas = row.formulas
    height, width = row.receptive_field
    return [
        {"value": shape_text(row.output_shape), "formula": formulas.output},
        {"value": f"{row.parameters:,}", "formula": formulas.parameters},
        {"value": f"{row.macs:,}", "formula": formulas.macs},
        {"value": f"{height} × {width}", "formula": formulas.receptive_field},
    ]


def _problem(problem: Problem | None, start: bool = False) -> dict[str, Any] | None:
    if not problem:
        return None
    sentence = (
        "Add the first layer below, or begin with what every classifier needs at its end." if start else ""
    )
    return {
        "sentence": f"{problem.sentence} {sentence}".strip(),
        "fixes": [fix.label for fix in problem.fixes],
        "start": start,
    }


def _totals(analysis: Analysis) -> list[dict[str, str]]:
    parameters = [f"{row.parameters:,}" for row in analysis.rows if row.parameters]
    macs = [f"{row.macs:,}" for row in analysis.rows if row.macs]
    return [
        {"term": "", "value": "", "text": ""},
        {
            "term": "parameters of the network",
            "value": f"{analysis.parameters:,}",
            "text": f"{' + '.join(parameters) or '0'} = {analysis.parameters:,}",
        },
        {
            "term": "MACs of one image",
            "value": f"{analysis.macs:,}",
            "text": f"{' + '.join(macs) or '0'} = {analysis.macs:,}",
        },
    ]
