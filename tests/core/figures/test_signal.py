"""The charts of signal strength: constant specifications, and tables that say what the signal says."""

import copy
import json
import math
from dataclasses import replace

import pytest
import torch

from core.figures.signal import BACKWARD_CHART, FORWARD_CHART, SIDES, strength_table
from core.inspection.distribution import Distribution
from core.inspection.signal import LayerSignal


def layer_signal(name: str, scale: float, weighted: bool = True) -> LayerSignal:
    numbers = torch.randn(16, 40, generator=torch.Generator().manual_seed(len(name)))
    return LayerSignal(
        name=name,
        kind="Linear",
        activations=Distribution.of(scale * numbers),
        gradients=Distribution.of(scale / 10 * numbers),
        weights=Distribution.of(numbers) if weighted else None,
        fans=None,
        averages=False,
        same=False,
    )


DEEP = [layer_signal(f"linear{n}", 10.0**-n) for n in range(1, 41)]


def test_a_row_for_each_layer_and_side_with_the_logarithms_that_are_drawn() -> None:
    table = strength_table({"A": DEEP, "B": DEEP[::-1]})
    assert len(table) == 80
    first = table.iloc[0]
    assert (first["series"], first["layer"], first["order"]) == ("A", "linear1", 0)
    assert 10 ** first["forward"] == pytest.approx(DEEP[0].activations.between)
    assert 10 ** first["backward"] == pytest.approx(DEEP[0].gradients.length)
    assert list(table["order"]) == [*range(40), *range(40)]


def test_the_axis_ends_at_whole_powers_of_ten_beyond_all_points() -> None:
    table = strength_table({"A": DEEP[:5]})
    for direction in ("forward", "backward"):
        low, high = table[f"{direction}_low"].iloc[0], table[f"{direction}_high"].iloc[0]
        assert low <= table[direction].min() and table[direction].max() <= high
        assert low == int(low) and high == int(high) and high - low >= 1


@pytest.mark.parametrize("value", [0.0, math.nan, math.inf])
def test_what_has_no_logarithm_is_left_out_and_the_axis_stands(value: float) -> None:
    nothing = replace(DEEP[0], activations=replace(DEEP[0].activations, between=value))
    table = strength_table({"A": [nothing]})
    assert table["forward"].isna().all()
    assert math.isfinite(table["forward_low"].iloc[0]) and math.isfinite(table["backward"].iloc[0])


def test_the_charts_are_constants_that_name_only_columns_that_there_are() -> None:
    table = strength_table({"A": DEEP})
    for chart in (FORWARD_CHART, BACKWARD_CHART):
        text = json.dumps(chart)
        before = copy.deepcopy(chart)
        strength_table({"A": DEEP[:3], "B": DEEP[:3]})
        assert chart == before
        assert fields(chart) <= set(table.columns)
        assert all(colour in text for colour in SIDES)


def fields(chart: object) -> set[str]:
    """All columns that a specification names."""
    if isinstance(chart, dict):
        own = {chart["field"]} if isinstance(chart.get("field"), str) else set()
        return own.union(*map(fields, chart.values()))
    return set().union(*map(fields, chart)) if isinstance(chart, list) else set()
