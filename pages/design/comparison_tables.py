"""What the tables of a comparison say: the present design is here, the other one there."""

from collections.abc import Callable
from typing import Any

from core.networks.comparison import Comparison, Pair, Quantity, Side
from core.networks.spec import shape_text
from pages.design.layer_cells import kib, percent

NAMES = {"receptive field": "receptive field of the last feature map"}
ALONE = {"left": "only here", "right": "only there"}


def totals(comparison: Comparison) -> dict[str, Any]:
    """What both cost as wholes, with the differences."""
    rows = [_row("whole", *_total(one)) for one in comparison.quantities]
    rows += [_row("whole", one.setting, one.left, one.right, "", "") for one in comparison.changes]
    names = ("here", "there", "difference", "in %")
    columns = [_column("for one image"), *(_column(name, number=True) for name in names)]
    caption = f"{comparison.left.spec.name} (here) and {comparison.right.spec.name} (there)"
    return {"caption": caption, "columns": columns, "rows": rows}


def _total(one: Quantity) -> tuple[str, ...]:
    text = UNITS.get(one.name, _count)
    by, share = one.difference, one.share
    return (
        NAMES.get(one.name, one.name),
        _or_dash(one.left, text),
        _or_dash(one.right, text),
        "—" if by is None else f"{_sign(by)}{text(abs(by))}" if by else "0",
        "—" if share is None else f"{_sign(share)}{_share(abs(share))}" if share else "0 %",
    )


def layers(comparison: Comparison) -> dict[str, Any]:
    """A line for each layer, beside the one that answers to it."""
    columns = [
        _column("layer", indented=True),
        _column("output"),
        _column("parameters", number=True),
        _column("MACs", number=True),
        _column("here → there"),
        _column("layer", indented=True),
        _column("output"),
        _column("parameters", number=True),
        _column("MACs", number=True),
    ]
    rows = [
        _row(pair.state, *_cells(pair.left), difference(pair), *_cells(pair.right), depth=pair.depth)
        for pair in comparison.pairs
    ]
    return {"caption": "Layer by layer", "columns": columns, "rows": rows}


def difference(pair: Pair) -> str:
    """What differs between the two layers of a line, in words."""
    if pair.state in ALONE:
        return ALONE[pair.state]
    changed = ", ".join(f"{one.setting} {one.left} → {one.right}" for one in pair.changes)
    return changed or ("the same, other input" if fed_otherwise(pair) else "the same")


def fed_otherwise(pair: Pair) -> bool:
    """Whether the same layer gets another input on either side, and so may cost something else."""
    here, there = (side.row if side else None for side in (pair.left, pair.right))
    return here is not None and there is not None and here.input_shape != there.input_shape


def _cells(side: Side | None) -> tuple[str, ...]:
    if side is None:
        return ("", "", "", "")
    row = side.row
    if row is None:
        return (side.name, "behind a problem", "", "")
    return (side.name, shape_text(row.output_shape), _count(row.parameters), _count(row.macs))


def _row(state: str, *cells: str, depth: int = 0) -> dict[str, Any]:
    return {"state": state, "depth": depth, "cells": cells}


def _column(title: str, number: bool = False, indented: bool = False) -> dict[str, Any]:
    return {"title": title, "number": number, "indented": indented}


def _or_dash(number: int | None, text: Callable[[int], str]) -> str:
    return "—" if number is None else text(number)


def _share(share: float) -> str:
    return f"{share:,.0%}".replace("%", " %") if share >= 1 else percent(share)


def _sign(number: float) -> str:
    return "+" if number > 0 else "−"


def _count(number: int) -> str:
    return f"{number:,}"


UNITS = {"activation memory": kib, "receptive field": lambda side: f"{side} px"}
