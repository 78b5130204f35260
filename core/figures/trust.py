"""The checks of an attribution map: maps side by side, and the curves of deletion and insertion."""

from typing import Any

import pandas as pd
from torch import Tensor

from core.figures.map_grid import Tile
from core.figures.palette import PETROFF_10
from core.inspection.trust.check import Variant
from core.inspection.trust.erasing import Curve

SERIES = {"this map": PETROFF_10[6], "random order": PETROFF_10[3]}


def variant_tiles(variants: tuple[Variant, ...], titles: list[str], pixels: Tensor) -> list[Tile]:
    """A tile for each variant, with how like the original it is."""
    return [
        Tile(title, pixels, one.found, f"{one.spearman:.2f}, SSIM {one.ssim:.2f}".replace("-", "−"))
        for one, title in zip(variants, titles, strict=True)
    ]


def curve_table(curve: Curve) -> pd.DataFrame:
    """A row for each point of the map's curve and of the random orders' mean, with their lowest and highest."""
    shares = (100 * curve.shares).tolist()
    mean, low, high = curve.random.mean(0), curve.random.amin(0), curve.random.amax(0)
    own = pd.DataFrame({"share": shares, "series": "this map", "probability": curve.probability.tolist()})
    random = pd.DataFrame(
        {
            "share": shares,
            "series": "random order",
            "probability": mean.tolist(),
            "low": low.tolist(),
            "high": high.tolist(),
        }
    )
    return pd.concat([own, random], ignore_index=True)


def _chart(title: str, x: str) -> dict[str, Any]:
    colour = {
        "field": "series",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(SERIES), "range": list(SERIES.values())},
        "legend": {"orient": "top", "offset": 2, "padding": 0, "symbolOpacity": 1},
    }
    y = {
        "type": "quantitative",
        "title": "probability",
        "scale": {"domain": [0, 1]},
        "axis": {"tickCount": 3},
    }
    return {
        "title": {"text": title, "anchor": "start", "offset": 2},
        "padding": {"left": 0, "right": 8, "top": 0, "bottom": 0},
        "encoding": {
            "x": {"field": "share", "type": "quantitative", "title": x, "axis": {"grid": False}},
            "color": colour,
        },
        "layer": [
            {
                "transform": [{"filter": "isValid(datum.low)"}],
                "mark": {"type": "area", "opacity": 0.25, "tooltip": None},
                "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "strokeWidth": 2.5},
                "encoding": {
                    "y": {"field": "probability", **y},
                    "tooltip": [
                        {"field": "series", "type": "nominal"},
                        {"field": "share", "type": "quantitative", "format": ".0f", "title": "% of the pixels"},
                        {"field": "probability", "type": "quantitative", "format": ".3f"},
                    ],
                },
            },
        ],
    }  # fmt: skip


DELETION_CHART = _chart("Deletion: low is good", "% of the pixels painted black, highest score first")
INSERTION_CHART = _chart("Insertion: high is good", "% of the pixels given back, highest score first")
