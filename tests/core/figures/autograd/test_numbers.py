"""Numbers are short and true; what is missing is a dash, never 0."""

import math

import pytest
import torch

from core.figures.autograd.numbers import grid, number, shades, summary


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.5, "4.5"),
        (27.0, "27"),
        (0.0, "0"),
        (-0.0, "0"),
        (-1.0, "−1"),
        (1 / 3, "0.3333"),
        (0.0012345, "0.00123"),
        (-1.2345e-5, "−1.2e−5"),
        (1e-5, "1e−5"),
        (99999.0, "1e5"),
        (123456.0, "1.2e5"),
        (math.nan, "nan"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (7, "7"),
        (-7, "−7"),
        (True, "True"),
    ],
)
def test_numbers(value: float, text: str) -> None:
    assert number(value) == text


def test_small_tensors_are_shown_in_full() -> None:
    assert grid(torch.tensor(2.0)).cells == [["2"]]
    assert grid(torch.tensor([1.0, 2.0])).cells == [["1", "2"]]
    assert grid(torch.tensor([[1.0, 2.0], [3.0, 4.0]])).cells == [["1", "2"], ["3", "4"]]
    stacked = grid(torch.arange(8).reshape(2, 2, 2))
    assert (stacked.cells, stacked.block) == ([["0", "1"], ["2", "3"], ["4", "5"], ["6", "7"]], 2)
    assert grid(torch.zeros(6, 6)).full


def test_large_tensors_are_summarised() -> None:
    texts = grid(torch.arange(7.0))
    assert (texts.full, texts.cells) == (False, [["(7,)"], ["0 … 6"], ["mean 3"]])
    assert summary(torch.ones(0, 3)) == ["(0, 3)", "empty"]


def test_shades_are_signed_and_relative_to_one_scale() -> None:
    assert shades(torch.tensor([4.0, -1.0, 0.0]), 4.0) == [[1.0, -0.5, 0.0]]
    assert shades(torch.tensor([math.inf, math.nan]), 2.0) == [[1.0, 0.0]]
    assert shades(torch.zeros(2), 0.0) == [[0.0, 0.0]]
