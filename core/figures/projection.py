"""All images as points on a plane, in Vega-Lite: a constant for each colouring, of which only the table changes."""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from torch import Tensor

from core.figures.palette import CLASS_COLOURS, PETROFF_10
from core.inspection.predictions import Predictions

COLOURINGS = {"true": "True class", "predicted": "Predicted class", "right": "Right or wrong"}
RIGHT, WRONG = "right", "wrong"
BOX = "box"  # the name of the selection of a rectangle


def projection_table(points: Tensor, predictions: Predictions, classes: tuple[str, ...]) -> pd.DataFrame:
    """A row for each image: place, true and predicted class, whether that is right, confidence; wrong ones last,
    so that they are drawn on top.

    `points` is float32 (N, 2), in the order of `predictions`.
    """
    names = np.array(classes, object)
    correct = predictions.correct.numpy()
    table = pd.DataFrame(
        {
            "x": points[:, 0].numpy(),
            "y": points[:, 1].numpy(),
            "image": np.arange(len(predictions)),
            "true": names[predictions.labels.numpy()],
            "predicted": names[predictions.predicted.numpy()],
            "right": np.where(correct, RIGHT, WRONG),
            "confidence": predictions.confidence.numpy(),
        }
    )
    return table.sort_values("right", kind="stable", ignore_index=True)  # "right" before "wrong"


@cache
def projection_chart(colouring: str, classes: tuple[str, ...]) -> dict[str, Any]:
    """The chart of `projection_table`, coloured by a key of COLOURINGS; raises KeyError for another.

    A rectangle can be drawn on it, with the name BOX. Colours repeat after ten classes.
    """
    title = COLOURINGS[colouring]
    if colouring == "right":
        domain, colours = [RIGHT, WRONG], [PETROFF_10[0], PETROFF_10[6]]
        opacity: dict[str, Any] = {
            "condition": {"test": f"datum.right === '{WRONG}'", "value": 0.9},
            "value": 0.25,
        }
    else:
        domain = list(classes)
        colours = [CLASS_COLOURS[k % len(CLASS_COLOURS)] for k in range(len(classes))]
        opacity = {"value": 0.6}
    axis = {"title": None, "axis": {"labels": False, "ticks": False, "grid": False, "domain": False}}
    scale = {"scale": {"zero": False, "nice": False, "padding": 6}}
    return {
        "padding": {"left": 0, "right": 0, "top": 0, "bottom": 0},
        "params": [{"name": BOX, "select": {"type": "interval"}}],
        "mark": {"type": "circle", "size": 16},
        "encoding": {
            "x": {"field": "x", "type": "quantitative", **axis, **scale},
            "y": {"field": "y", "type": "quantitative", **axis, **scale},
            "color": {
                "field": colouring,
                "type": "nominal",
                "title": title,
                "scale": {"domain": domain, "range": colours},
                "legend": {"symbolOpacity": 1, "symbolSize": 80, "symbolLimit": 20},
            },
            "opacity": opacity,
            "tooltip": [
                {"field": "image", "type": "quantitative", "format": ","},
                {"field": "true", "type": "nominal", "title": "true class"},
                {"field": "predicted", "type": "nominal", "title": "predicted"},
                {"field": "confidence", "type": "quantitative", "format": ".0%"},
            ],
        },
    }
