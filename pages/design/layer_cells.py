"""The numbers of one row of the layer list, each with the calculation that gives it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.networks.analysis import Analysis
from core.networks.rows import LayerRow
from core.networks.spec import shape_text
from pages.shared.glossary import meaning

MOST_TERMS = 9  # of a sum that is written out

Cell = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """What stands in a column: its number, and what stands smaller below it."""

    title: str
    meaning: str
    below: str = ""
    below_meaning: str = ""


COLUMNS = (
    Column(
        "output",
        "The shape that leaves the layer for one image: channels × height × width, or so many numbers.",
        "memory",
        "Memory of the output of one image as float32, 4 bytes a number; training keeps it for the backward pass.",
    ),
    Column("parameters", meaning("parameter"), "share", "Share of all parameters of the network."),
    Column("MACs", meaning("MAC"), "share", "Share of all MACs of the network."),
    Column(
        "receptive field", f"{meaning('receptive field')} Height × width in pixels of the image, at most."
    ),
)


def cells(analysis: Analysis, row: LayerRow, totals: tuple[int, int]) -> list[Cell]:
    """The numbers of `row` in the order of the columns; a block's are sums with its inner layers.

    `totals` are the parameters and MACs of the whole network.
    """
    inner = analysis.within(row.place) if row.branch_shapes else (row,)
    formulas = row.formulas
    height, width = row.receptive_field
    memory = sum(one.activation_bytes for one in inner)
    return [
        {
            "value": shape_text(row.output_shape),
            "formula": formulas.output,
            "below": kib(row.activation_bytes),
            "belowFormula": f"{formulas.activation} = {kib(row.activation_bytes)}"
            + (f"; with the outputs of its inner layers {kib(memory)}" if len(inner) > 1 else ""),
        },
        _cost(inner, "parameters", lambda one: one.parameters, formulas.parameters, totals[0]),
        _cost(inner, "MACs", lambda one: one.macs, formulas.macs, totals[1]),
        {"value": f"{height} × {width}", "formula": formulas.receptive_field},
    ]


def _cost(
    inner: tuple[LayerRow, ...], what: str, number: Callable[[LayerRow], int], formula: str, total: int
) -> Cell:
    *layers, row = inner  # a block's own row stands behind those of its inner layers
    own, value = number(row), sum(map(number, inner))
    share = value / total if total else 0.0
    text = formula
    if row.branch_shapes:
        text = f"{summed([(one.name, number(one)) for one in layers])} inside; joining: {formula}"
    if what == "MACs" and value:
        text += f"; FLOPs = 2 × {value:,} = {2 * value:,}"
    return {
        "value": f"{value:,}",
        "formula": text,
        "sum": bool(row.branch_shapes),
        "own": f"{own:,} own" if row.branch_shapes and own else "",
        "share": round(share, 4),
        "shareFormula": f"{value:,} of {total:,} {what} = {percent(share)}",
    }


def summed(terms: list[tuple[str, int]]) -> str:
    """A sum of named numbers, those that are 0 left out: `conv1 520 + conv2 25,050 = 25,570`."""
    kept = [(name, number) for name, number in terms if number]
    total = f"{sum(number for _, number in kept):,}"
    if len(kept) < 2:
        return " ".join((kept[0][0], total)) if kept else total
    if len(kept) > MOST_TERMS:
        return f"{total} in {len(kept)} layers"
    return f"{' + '.join(f'{name} {number:,}' for name, number in kept)} = {total}"


def kib(number: int) -> str:
    """Bytes in KiB, small numbers with a digit behind the point; less than 1 KiB in bytes."""
    if number < 1024:
        return f"{number} B"
    return f"{number / 1024:,.1f} KiB" if number < 10_240 else f"{number / 1024:,.0f} KiB"


def percent(share: float) -> str:
    """A share as people write it; what is there at all is not 0 %."""
    return f"{share:.1%}".replace("%", " %") if share >= 0.001 or not share else "less than 0.1 %"
