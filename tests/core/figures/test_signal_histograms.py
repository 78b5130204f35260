"""The rows of histograms: their outlines, axes and notes."""

import json
from dataclasses import replace

import pytest
import torch

from core.figures.signal_histograms import QUANTITIES, RIDGE, RIDGES, ridge_table, span
from core.inspection.distribution import Distribution
from core.inspection.signal import LayerSignal


def layer_signal(name: str, numbers: torch.Tensor, weighted: bool = True) -> LayerSignal:
    found = Distribution.of(numbers)
    return LayerSignal(name, "Linear", found, found, found if weighted else None, None, False, False)


TENTHS = layer_signal("first", torch.tensor([[0.1], [0.1], [0.1], [10.0]]))
HALF_ZERO = layer_signal("second", torch.tensor([[0.0], [0.0], [1.0], [1.0]]), weighted=False)


def outline(table, layer):  # type: ignore[no-untyped-def]
    return table[(table["layer"] == layer) & table["share"].notna()]


def test_layers_stand_from_the_top_down_each_as_high_as_its_fullest_bin() -> None:
    table = ridge_table([TENTHS, HALF_ZERO], "activations", True, (-2, 2))
    first, second = outline(table, "first"), outline(table, "second")
    assert set(first["base"]) == {1} and set(second["base"]) == {0}
    assert first["top"].max() == pytest.approx(1 + RIDGE)
    assert second["top"].max() == pytest.approx(RIDGE)


def test_the_outline_has_each_bin_where_it_belongs() -> None:
    first = outline(ridge_table([TENTHS], "activations", True, (-2, 2)), "first")
    counted = first[first["share"] > 0]
    assert list(counted["share"]) == [0.75, 0.25]
    low, high = counted["x"]  # log₁₀ of 0.1 and 10, up to the width of a bin
    assert low == pytest.approx(-1, abs=0.13) and high == pytest.approx(1, abs=0.13)
    assert first["share"].iloc[0] == first["share"].iloc[-1] == 0  # it comes down at both ends


def test_by_value_zeros_are_counted_too() -> None:
    second = outline(ridge_table([HALF_ZERO], "activations", False, (-5, 5)), "second")
    counted = second[second["share"] > 0]
    assert list(counted["share"]) == [0.5, 0.5]
    assert list(counted["x"]) == pytest.approx([0, 1], abs=0.07)


def test_the_share_of_zeros_is_noted_and_what_is_no_number_said() -> None:
    broken = layer_signal("third", torch.tensor([[float("inf")], [1.0]]))
    table = ridge_table([TENTHS, HALF_ZERO, broken], "gradients", True, (-2, 2))
    notes = table[table["middle"].notna()]
    assert list(notes["note"]) == ["", "50 % zero", "not finite"]


def test_layers_without_weights_have_no_row_for_their_gradients() -> None:
    table = ridge_table([TENTHS, HALF_ZERO], "weights", True, (-2, 2))
    assert set(table["layer"].dropna()) == {"first"}
    assert table[table["layer"].isna()]["top"].max() == 1


def test_all_histograms_of_both_sides_fit_into_the_span() -> None:
    low, high = span([[TENTHS], [HALF_ZERO]], "activations", True)
    for layers in ([TENTHS], [HALF_ZERO]):
        x = ridge_table(layers, "activations", True, (low, high))["x"].dropna()
        assert low <= x.min() and x.max() <= high
    assert span([[]], "activations", True)[0] < span([[]], "activations", True)[1]


def test_forty_layers_have_forty_rows() -> None:
    many = [replace(TENTHS, name=f"linear{n}") for n in range(40)]
    table = ridge_table(many, "activations", True, (-2, 2))
    assert list(table[table["middle"].notna()]["layer"]) == [one.name for one in many]
    assert table["base"].max() == 40  # the axis' end


def test_the_charts_name_only_columns_that_there_are() -> None:
    columns = set(ridge_table([TENTHS], "activations", True, (-2, 2)).columns)
    for chart in RIDGES.values():
        text = json.dumps(chart)
        named = {part.split('"')[0] for part in text.split('"field": "')[1:]}
        assert named <= columns
    assert set(QUANTITIES) == {"activations", "gradients", "weights"}
