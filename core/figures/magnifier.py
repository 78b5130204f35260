"""One step under the magnifier: its images, what the network gave for them, and each layer's gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from core.figures.images import data_url, grey
from core.figures.palette import PETROFF_10
from core.figures.probabilities import ROLES
from core.figures.signal import POWERS
from core.training.observations import StepUnderMagnifier

LARGEST_SIDE = 56  # pixels of an image in the table; larger ones are scaled down
GREY = "gray"  # Streamlit takes this word for the grey of its theme, light or dark
MOST_CLASSES = 12  # bars of one image


def image_table(step: StepUnderMagnifier, classes: Sequence[str]) -> pd.DataFrame:
    """A row for each shown image: image (an address that holds the picture), label, predicted, loss.

    And counts, where images count differently.
    """
    predicted = np.array(step.logits).argmax(axis=1)
    return pd.DataFrame(
        {
            "image": [_picture(pixels) for pixels in step.shown()],
            "label": [classes[label] for label in step.labels],
            "predicted": [classes[k] for k in predicted],
            "loss": step.losses,
            **({"counts": step.counts} if step.counts else {}),
        }
    )


def _picture(pixels: np.ndarray) -> str:
    """uint8 (C, H, W) as an address."""
    picture = grey(torch.tensor(pixels))
    scale = LARGEST_SIDE / max(picture.size)
    return data_url(picture if scale >= 1 else picture.resize([round(scale * n) for n in picture.size]))


def class_table(step: StepUnderMagnifier, place: int, classes: Sequence[str]) -> pd.DataFrame:
    """What the network gave image `place`: a row for each class with its logit, probability and role.

    Of many classes those with the highest probability, and the true one; the highest first.
    """
    logits = np.array(step.logits[place], np.float64)  # (K,)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    order = (-shares).argsort(kind="stable")
    true, predicted = step.labels[place], int(order[0])
    shown = order[:MOST_CLASSES]
    if true not in shown:
        shown = np.append(shown[:-1], true)
    return pd.DataFrame(
        {
            "class": [classes[k] for k in shown],
            "order": range(len(shown)),
            "logit": logits[shown],
            "probability": shares[shown],
            "role": [_role(k, true, predicted) for k in shown],
            "text": [f"{shares[k]:.3f}  (logit {logits[k]:.2f})" for k in shown],
        }
    )


def _role(k: int, true: int, predicted: int) -> str:
    if k == true:
        return "true"
    return "predicted" if k == predicted else "other"


def gradient_table(step: StepUnderMagnifier) -> pd.DataFrame:
    """A row for each layer: order, norm of its gradient, log₁₀ of it, and `low`, where the axis begins.

    A layer whose gradient is 0 has an empty bar.
    """
    squares: dict[str, float] = {}
    for parameter, norm in zip(step.parameters, step.gradient_norms, strict=True):
        layer = parameter.rpartition(".")[0] or parameter
        squares[layer] = squares.get(layer, 0.0) + norm**2
    norms = {layer: math.sqrt(square) for layer, square in squares.items()}
    logarithms = {layer: math.log10(n) for layer, n in norms.items() if n > 0 and math.isfinite(n)}
    low = math.floor(min(logarithms.values(), default=0)) - 1
    return pd.DataFrame(
        [
            {
                "layer": layer,
                "order": order,
                "norm": norm,
                "text": f"{norm:.3g}",
                "logarithm": logarithms.get(layer, low),
                "low": low,
            }
            for order, (layer, norm) in enumerate(norms.items())
        ]
    )


def _bars(label: str, length: dict[str, Any], colour: dict[str, Any], tooltip: list[dict[str, Any]]) -> Any:
    y = {
        "field": label,
        "type": "nominal",
        "sort": {"field": "order", "op": "min"},
        "title": None,
        "axis": {"labelLimit": 120, "domain": False, "ticks": False},
    }
    bar = {
        "mark": {"type": "bar", "height": {"band": 0.7}},
        "encoding": {**length, "color": colour, "tooltip": tooltip},
    }
    text = {
        "mark": {"type": "text", "align": "left", "dx": 4, "color": GREY, "tooltip": None},
        "encoding": {"x": length["x"], "text": {"field": "text", "type": "nominal"}},
    }
    return {
        "padding": {"left": 0, "right": 4, "top": 0, "bottom": 0},
        "encoding": {"y": y},
        "layer": [bar, text],
    }


CLASS_CHART = _bars(
    "class",
    {
        "x": {
            "field": "probability",
            "type": "quantitative",
            "title": "probability",
            # room for the text behind a bar of length 1
            "scale": {"domain": [0, 1.8], "nice": False},
            "axis": {"format": ".0%", "values": [0, 0.5, 1], "grid": False},
        }
    },
    {
        "field": "role",
        "type": "nominal",
        "title": None,
        "scale": {
            "domain": ["true", "predicted", "other"],
            "range": [ROLES["true class"], ROLES["predicted instead"], ROLES[""]],
        },
        "legend": {"orient": "top", "padding": 0, "offset": 2, "values": ["true", "predicted"]},
    },
    [
        {"field": "class", "type": "nominal"},
        {"field": "probability", "type": "quantitative", "format": ".6f"},
        {"field": "logit", "type": "quantitative", "format": ".4f"},
        {"field": "role", "type": "nominal"},
    ],
)
GRADIENT_CHART = _bars(
    "layer",
    {
        "x": {
            "field": "logarithm",
            "type": "quantitative",
            "title": "gradient norm",
            "scale": {"zero": False, "nice": False, "padding": 45},
            "axis": {"tickCount": 4, "grid": False, **POWERS},
        },
        "x2": {"field": "low"},
    },
    {"value": PETROFF_10[0]},
    [
        {"field": "layer", "type": "nominal"},
        {"field": "norm", "type": "quantitative", "format": ".4g", "title": "gradient norm"},
    ],
)
