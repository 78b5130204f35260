"""How one gradient comes about: the cards of the backward nodes that contribute to it, as plain lines."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from core.autograd.graph.trace import BackwardStep, Trace
from core.figures.autograd.latex import equation_latex
from core.figures.autograd.node_card import node_card
from core.figures.autograd.tables import Tables


def derivation_blocks(trace: Trace, steps: Sequence[BackwardStep], value: int) -> list[tuple[str, str]]:
    """(kind, text) for each line: "formula" and "numbers" as plain text, "equation" as LaTeX, "text"."""
    tables = Tables(0.0)  # shades are not shown here
    lines: list[tuple[str, str]] = []
    for step in steps:
        own = replace(step, contributions=tuple(each for each in step.contributions if each.value == value))
        for block in node_card(trace, own, tables):
            if block["kind"] == "equation":
                items = [_item(item, tables) for item in block["items"]]
                lines.append(("equation", equation_latex(items)))
            else:
                lines.append((block["kind"], block["text"]))
    return lines


def _item(item: dict[str, Any], tables: Tables) -> dict[str, Any]:
    return {**item, "cells": tables.items[item["table"]]["cells"]} if "table" in item else item
