"""An attack in pictures, and two charts: probabilities by step, accuracy by strength."""

from typing import Any

import altair as alt
import pandas as pd
from PIL import Image
from torch import Tensor

from core.figures.images import grey, heat_map
from core.figures.palette import PETROFF_10
from core.inspection.adversarial import Attack
from core.inspection.robustness import Robustness

METHOD_COLOURS = {"FGSM": PETROFF_10[0], "PGD": PETROFF_10[6]}
ROLE_COLOURS = {"said at first": PETROFF_10[0], "said now": PETROFF_10[6]}


def shown(pixels: Tensor) -> Image.Image:
    """float32 (C, H, W) in 0–255, rounded, at its own size."""
    return grey(pixels.round().clamp(0, 255).byte())


def difference(attack: Attack) -> Image.Image:
    """What was added, the mean over the channels: ±ε are the ends of the colour scale."""
    return heat_map((attack.last - attack.images[0]).mean(dim=0), True, attack.epsilon)


def step_records(attack: Attack) -> pd.DataFrame:
    """The probability of the class said at first, and of the one said in the end, after each step."""
    probabilities = attack.logits.softmax(dim=1)
    first, last = int(attack.logits[0].argmax()), int(attack.logits[-1].argmax())
    roles = {"said at first": first} | ({"said now": last} if last != first else {})
    return pd.DataFrame(
        [
            {"step": step, "class": role, "probability": float(probabilities[step, k])}
            for role, k in roles.items()
            for step in range(len(probabilities))
        ]
    )


def step_chart(attack: Attack) -> alt.Chart:
    """Lines of `step_records`."""
    return (
        alt.Chart(step_records(attack), height=230)
        .mark_line(point=True)
        .encode(
            x=alt.X("step:Q", axis=alt.Axis(tickMinStep=1, format="d"), title="Step"),
            y=alt.Y("probability:Q", scale=alt.Scale(domain=[0, 1]), title="Probability"),
            color=_colour("class", ROLE_COLOURS),
            tooltip=["class:N", "step:Q", alt.Tooltip("probability:Q", format=".3f")],
        )
    )


def robustness_records(found: Robustness) -> pd.DataFrame:
    """One record for each method and strength."""
    return pd.DataFrame(
        [
            {"strength": strength, "method": method, "accuracy": accuracy}
            for method, accuracies in (("FGSM", found.fgsm), ("PGD", found.pgd))
            for strength, accuracy in zip(found.strengths, accuracies, strict=True)
        ]
    )


def robustness_chart(found: Robustness) -> alt.Chart:
    """Accuracy against ε, a line for each method."""
    return (
        alt.Chart(robustness_records(found), height=380)
        .mark_line(point=True)
        .encode(
            x=alt.X("strength:Q", title="Strength ε in grey levels of 255"),
            y=alt.Y(
                "accuracy:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title="Accuracy"
            ),
            color=_colour("method", METHOD_COLOURS),
            tooltip=["method:N", "strength:Q", alt.Tooltip("accuracy:Q", format=".1%")],
        )
    )


def _colour(field: str, colours: dict[str, str]) -> Any:
    return alt.Color(
        f"{field}:N",
        title=None,
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(orient="top"),
    )
