"""Tiles, histogram, PNG and numbers of several maps."""

import csv
import io

import numpy as np
import pytest
import torch
from PIL import Image

from core.figures.map_grid import BINS, Tile, histogram, map_grid, numbers_csv, numbers_npz, sheet_png
from core.inspection.maps import AttributionMap

PIXELS = torch.arange(12, dtype=torch.uint8).reshape(1, 3, 4)
SMALL = AttributionMap(torch.linspace(-1, 1, 12).reshape(1, 3, 4), True, 2)
LARGE = AttributionMap(torch.full((1, 3, 4), 5.0), False, 1)
TILES = [Tile("a", PIXELS, SMALL, "note"), Tile("b", PIXELS, LARGE), Tile("c", PIXELS, why="no layer")]


def test_each_map_has_its_own_scale_or_all_have_one() -> None:
    own = map_grid(TILES)
    assert [tile.get("high") for tile in own["tiles"]] == ["1", "5", None]
    assert [tile.get("low") for tile in own["tiles"]] == ["−1", "0", None]
    assert (own["width"], own["height"]) == (4, 3)
    together = map_grid(TILES, one_scale=True)
    assert [tile.get("high") for tile in together["tiles"]] == ["5", "5", None]
    assert own["tiles"][0]["map"] != together["tiles"][0]["map"]
    assert own["tiles"][2]["why"] == "no layer" and "map" not in own["tiles"][2]
    assert own["tiles"][0]["scores"][0] == -1 and own["tiles"][0]["grey"] == list(range(12))
    assert map_grid([])["tiles"] == []


def test_a_histogram_counts_along_the_colour_scale() -> None:
    plane = torch.tensor([[-1.0, -1.0, -1.0, -1.0], [1.0, 0.01, 0.01, 0.01]])
    bins = histogram(plane, True, 1.0)
    assert len(bins) == BINS and bins[0] == 1 and bins[-1] == 0.5  # √(1/4)
    assert bins[BINS // 2] == pytest.approx((3 / 4) ** 0.5, abs=1e-3)
    assert histogram(torch.zeros(2, 2), True, 0.0) == [0.0] * BINS


def test_the_files_hold_all_maps() -> None:
    picture = Image.open(io.BytesIO(sheet_png(TILES)))
    assert picture.format == "PNG" and picture.width > 3 * 224
    with np.load(io.BytesIO(numbers_npz(TILES))) as numbers:
        assert numbers["titles"].tolist() == ["a", "b"] and numbers["targets"].tolist() == [2, 1]
        np.testing.assert_array_equal(numbers["maps"][0], SMALL.scores.numpy())
        assert numbers["pixels"].shape == (2, 1, 3, 4) and numbers["signed"].tolist() == [True, False]


def test_maps_of_all_channels_together_keep_their_sum_beside_those_of_each() -> None:
    colour = torch.zeros(3, 3, 4, dtype=torch.uint8)
    each = AttributionMap(torch.rand(3, 3, 4), True, 0)
    with np.load(io.BytesIO(numbers_npz([Tile("a", colour, each), Tile("b", colour, LARGE)]))) as numbers:
        assert numbers["maps"].shape == (2, 3, 3, 4)
        np.testing.assert_allclose(numbers["maps"][1].sum(axis=0), 5, rtol=1e-6)


def read(file: bytes) -> list[dict[str, str]]:
    """The lines of a CSV file."""
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def test_the_table_holds_every_score_of_every_map_exactly() -> None:
    third = AttributionMap(torch.randn(1, 3, 4) / 3e7, True, 0)  # numbers that few digits would change
    lines = read(numbers_csv([*TILES, Tile("Input × Gradient, “b”", PIXELS, third)]))
    assert list(lines[0]) == ["map", "row", "column", "score"] and len(lines) == 3 * 12
    for title, found in (("a", SMALL), ("b", LARGE), ("Input × Gradient, “b”", third)):
        own = [line for line in lines if line["map"] == title]
        back = torch.zeros(3, 4)
        for line in own:
            back[int(line["row"]), int(line["column"])] = float(line["score"])
        assert len(own) == 12 and torch.equal(back, found.scores[0])
    assert read(numbers_csv([TILES[2]])) == []  # a tile without a map has no numbers


def test_the_table_tells_channels_apart_where_maps_have_them() -> None:
    colour = torch.zeros(3, 3, 4, dtype=torch.uint8)
    each = AttributionMap(torch.randn(3, 3, 4), True, 0)
    lines = read(numbers_csv([Tile("a", colour, each), Tile("b", colour, LARGE)]))
    assert list(lines[0]) == ["map", "channel", "row", "column", "score"]
    back = torch.zeros(3, 3, 4)
    for line in lines[:36]:
        back[int(line["channel"]), int(line["row"]), int(line["column"])] = float(line["score"])
    assert torch.equal(back, each.scores)
    assert {(line["map"], line["channel"], line["score"]) for line in lines[36:]} == {("b", "", "5.0")}
